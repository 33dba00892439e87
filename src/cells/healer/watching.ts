/** Probes and dependencies of one agent, with what changes about them written down. */

import type { Signal } from '../../healing/types.ts';
import { wordsOf } from '../../model/errors.ts';
import type { Draft } from '../../model/event.ts';
import type { DependencyConfig, HealingConfig, ProbeConfig } from '../../model/healing.ts';
import type { AgentState } from '../../model/state.ts';
import { cellActor, subject, type World } from '../cell.ts';
import type { HealedAgent, HealerBreakers } from './healed.ts';
import { Lookout } from './lookout.ts';
import type { Looked } from './probe.ts';

interface Watching {
  look(agent: HealedAgent, means: ProbeConfig | DependencyConfig): Promise<Looked>;
  readonly probes: HealerBreakers['probes'];
  signal(id: string, signal: Signal): void;
  unblock(id: HealedAgent['id']): void;
}

export function lookoutFor(
  world: World,
  agent: HealedAgent,
  config: HealingConfig,
  { look, probes, signal, unblock }: Watching,
): Lookout {
  const { id } = agent;
  const stateOf = (): AgentState | undefined => world.state.agents[id];
  const about = { actor: cellActor('healer'), subject: subject.agent(id) };
  const streaks = new Map<string, number>();
  const downSince = new Map<string, number>();
  const lookout = new Lookout(
    {
      config,
      look: means => look(agent, means),
      mayProbe: name => probes.mayLook(id, name),
      after: (ms, callback) => world.after(ms, callback),
      now: () => world.now(),
      random: () => world.random(),
      isAlive: () => stateOf()?.alive === true && !stateOf()?.freeze,
      isWanted: () => isWanted(stateOf()),
      onProbe: (name, probe, looked) => {
        // What could not look has seen nothing of the agent.
        if (!probes.tells(id, name, looked)) return;
        noteProbe(name, probe, looked);
        const { ok, tookMs, words } = looked;
        const told: Signal = { signal: 'probe', probe: name, purpose: probe.purpose, ok, tookMs, words };
        // Whose service is down is not restarted for it: that is looked at before it is judged.
        if (ok) signal(id, told);
        else void lookout.down().then(() => signal(id, told));
      },
      onDependency: (name, up, words) => {
        noteDependency(name, up, words);
        signal(id, { signal: 'dependency', name, up });
        if (up && stateOf()?.status === 'blocked') unblock(id);
      },
    },
    stateOf()?.healing?.down ?? {},
  );
  return lookout;

  /** On record when it turns, not at each look. */
  function noteProbe(
    name: string,
    { purpose, failures, successes }: ProbeConfig,
    { ok, words }: Looked,
  ): void {
    const failing = stateOf()?.healing?.failing[name] !== undefined;
    const streak = ok === failing ? (streaks.get(name) ?? 0) + 1 : 0;
    streaks.set(name, streak);
    if (failing && streak >= successes)
      emit({ kind: 'probe.passed', ...about, data: { agent: id, probe: name } });
    if (!failing && streak >= failures)
      emit({ kind: 'probe.failed', ...about, data: { agent: id, probe: name, purpose, detail: words } });
  }

  function noteDependency(name: string, up: boolean, words: string): void {
    if (!up) {
      downSince.set(name, world.now());
      emit({ kind: 'dependency.lost', ...about, data: { agent: id, name, detail: words } });
      return;
    }
    const ms = Math.max(0, world.now() - (downSince.get(name) ?? world.now()));
    emit({ kind: 'dependency.restored', ...about, data: { agent: id, name, ms } });
  }

  function emit(draft: Draft): void {
    try {
      world.emit(draft);
    } catch (error) {
      // Watching goes on where nothing can be written.
      world.log(`${draft.kind}: ${wordsOf(error)}`);
    }
  }
}

/** It runs, or would if nothing kept it from it. */
function isWanted(state: AgentState | undefined): boolean {
  if (!state || state.wantedDown) return false;
  return state.alive || ['blocked', 'healing', 'starting'].includes(state.status);
}
