/**
 * The brake without an engine: it is down, or hangs. The agents' programs are asked of tmux, and found by their
 * environment where tmux does not answer either. What is done is noted for the engine.
 */

import { userInfo } from 'node:os';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { FleetPaths } from '../fleet/paths.ts';
import { fleetOf } from '../fleet/registry.ts';
import { HmsError } from '../model/errors.ts';
import type { HeldProcess } from '../model/freeze.ts';
import { AgentId, OperatorId } from '../model/ids.ts';
import { EMPTY } from '../model/state.ts';
import { oneLine, plural } from '../model/text.ts';
import { FleetTrees, type Trees } from '../processes/fleet-trees.ts';
import { ourselves, serverOf } from '../processes/mark.ts';
import { type Note, notePath, readNotes, writeNote } from '../processes/note.ts';
import { isStopped, type ProcessInfo } from '../processes/stat.ts';
import { continueAll, type Stopped, stopAll } from '../processes/stop.ts';
import { keyOf, readProcess, readTable } from '../processes/table.ts';
import type { Root } from '../processes/tree.ts';
import type { FreezeAnswer } from '../protocol/messages.ts';
import { programsIn } from '../tmux/programs.ts';
import { lastState } from './last-state.ts';

const WORLD = {
  kill: (pid: number, signal: NodeJS.Signals) => void process.kill(pid, signal),
  pause: async (ms: number) => void (await (ms === 0 ? setImmediate() : setTimeout(ms))),
  now: () => performance.now(),
};

/** Throws HmsError `no-such-fleet` …, `unknown-agent`, and `nothing-runs` when no process of the fleet is found. */
export async function brakeDirectly(
  verb: 'freeze' | 'thaw',
  chosen: readonly AgentId[],
  paths: FleetPaths,
  as: string | undefined,
): Promise<FreezeAnswer> {
  const found = await programsIn(paths.tmuxSocket);
  const trees = treesOf(paths, found?.roots ?? [], found?.server ?? serverOf(readTable(), paths.tmuxSocket));
  // A long journal takes a while to read, and to stop things it is not needed.
  const state = verb === 'thaw' ? lastState(paths.journal) : EMPTY;
  for (const { id, freeze } of Object.values(state.agents)) trees.remember(id, freeze?.processes ?? []);
  const first = trees.all();
  const agents = chosen.length > 0 ? chosen : [...first.keys()].map(id => AgentId.parse(id));
  for (const agent of chosen) {
    if (!first.has(agent)) throw new HmsError('unknown-agent', `no process of ${agent} is found`, 'hms ls');
  }
  if (agents.length === 0)
    throw new HmsError('nothing-runs', `no process of ${paths.key} is found`, 'hms ls');

  const noted = notedBefore(readNotes(notePath(paths.run)));
  const before = Object.fromEntries(
    agents.map(id => {
      const known = state.agents[id]?.freeze?.before ?? noted.get(id);
      return [id, known ?? (verb === 'freeze' ? standing(first.get(id) ?? []) : [])];
    }),
  ) as Record<AgentId, HeldProcess[]>;
  const by = OperatorId.parse(as ?? userInfo().username);
  const note: Note = { do: verb, agents: [...agents], fleet: chosen.length === 0, by, before };
  writeNote(notePath(paths.run), note);

  const look = (): readonly ProcessInfo[] => {
    const now = trees.all();
    return agents.flatMap(id => {
      const left = new Set(verb === 'thaw' ? (before[id] ?? []).map(keyOf) : []);
      return (now.get(id) ?? []).filter(info => !left.has(keyOf(info)));
    });
  };
  const done = await (verb === 'freeze' ? stopAll : continueAll)({ ...WORLD, look });
  return answer(verb, agents, done, trees.all());
}

/** For a console whose engine does not answer: freezes the fleet of this socket, and says what came of it. */
export async function brakeFor(socket: string, as: string | undefined): Promise<string> {
  const paths = await fleetOf(socket);
  const { agents } = await brakeDirectly('freeze', [], paths, as);
  const whole = agents.filter(({ state }) => state === 'frozen').length;
  return `the engine does not answer: frozen without it, ${whole} of ${plural(agents.length, 'agent')} confirmed`;
}

function treesOf(paths: FleetPaths, roots: readonly Root[], server: number): FleetTrees {
  const never = ourselves(pid => readProcess(pid)?.parent);
  return new FleetTrees({ roots: () => roots, socket: paths.agentSocket, server, never });
}

/** What stood still before the first freeze that the engine has not learned of yet. */
function notedBefore(notes: readonly Note[]): ReadonlyMap<string, readonly HeldProcess[]> {
  const before = new Map<string, readonly HeldProcess[]>();
  for (const note of notes) {
    for (const id of note.agents) {
      if (note.do === 'thaw') before.delete(id);
      else if (!before.has(id)) before.set(id, note.before[id] ?? []);
    }
  }
  return before;
}

function standing(tree: readonly ProcessInfo[]): HeldProcess[] {
  return tree.filter(isStopped).map(({ pid, born, name }) => ({ pid, born, name: oneLine(name, 60) }));
}

function answer(
  verb: 'freeze' | 'thaw',
  agents: readonly AgentId[],
  done: Stopped,
  trees: Trees,
): FreezeAnswer {
  return {
    recorded: true,
    agents: agents.map(agent => {
      const own = new Set((trees.get(agent) ?? []).map(keyOf));
      const stopped = done.stopped.filter(info => own.has(keyOf(info)));
      const running = done.running.filter(({ info }) => own.has(keyOf(info)));
      const whole = verb === 'freeze' ? running.length === 0 : stopped.length === 0;
      const state =
        verb === 'freeze' ? (whole ? 'frozen' : 'partly frozen') : whole ? 'running' : 'partly frozen';
      const odd = verb === 'freeze' ? running : stopped.map(info => ({ info, why: 'it does not go on' }));
      return {
        agent,
        state,
        stopped: stopped.length,
        running: running.length,
        resisting: odd.map(({ info, why }) => ({
          pid: info.pid,
          born: info.born,
          name: oneLine(info.name, 60),
          why,
        })),
      };
    }),
  };
}
