/** What each strategy does, once nothing is in its way. Told in words; throws with the reason where it cannot be done. */
import type { Driver } from '../../drivers/types.ts';
import { STRATEGIES } from '../../healing/strategy.ts';
import { HmsError } from '../../model/errors.ts';
import type { StrategyName } from '../../model/healing.ts';
import { type AgentId, IncidentId, type Millis, type PaneId } from '../../model/ids.ts';
import type { AgentState } from '../../model/state.ts';
import { cellActor, subject, type World } from '../cell.ts';

export interface Step {
  readonly agent: AgentId;
  readonly incident: string;
  readonly fault: string;
  readonly strategy: StrategyName;
  /** Since when it is wrong, and until when a provider said it would be. */
  readonly since: Millis;
  readonly until?: Millis | undefined;
}

interface Renewal {
  /** Not in the conversation it had. */
  readonly afresh: boolean;
  readonly reason: string;
  /** The run that is not well: a newer one is left alone. */
  readonly incarnation?: number;
  /** Done when it has ended, before it is started. */
  readonly between?: () => Promise<unknown>;
}

/** Ways into the world. */
export interface Hands {
  sendBytes(pane: PaneId, bytes: Uint8Array): Promise<void>;
  renew(agent: AgentId, how: Renewal): Promise<void>;
  freeze(agents: readonly AgentId[]): Promise<void>;
  thaw(agents: readonly AgentId[]): Promise<void>;
  driverOf(agent: string): Driver | undefined;
  /** Names of what the agent depends on that are agents of this fleet. */
  dependenciesOf(agent: string): readonly AgentId[];
  /** Agents that could be frozen for it, the least important first. */
  lesser(agent: string): readonly AgentId[];
  /** The number of the snapshot of its tree from before that moment; undefined where there is none. */
  snapshotOf(agent: string, before: Millis): number | undefined;
  /** Whether its files can be brought back to that one. Throws HmsError. */
  expectSnapshot(agent: AgentId, snapshot: number): Promise<void>;
  restore(agent: AgentId, snapshot: number, incident: string): Promise<unknown>;
  /** Another model or provider that was not tried; undefined where there is none. */
  nextSwap(agent: string): string | undefined;
  swap(agent: AgentId, to: string, why: Pick<Step, 'incident' | 'fault' | 'until'>): void;
  /** The words that have it save its work; nothing where its file has none. */
  savesBy(agent: string): string | undefined;
  /** What it wrote so long ago or later is the echo of keys, not a sign of life. */
  onKeys(agent: string): void;
}

type Does = (world: World, hands: Hands, step: Step, target: string) => Promise<string>;

/** Exactly what it is done to, where that is a choice: people agree to this and to nothing else. */
export function targetOf(hands: Hands, { agent, strategy, since }: Step): string {
  switch (strategy) {
    case 'shed':
      return hands.lesser(agent)[0] ?? '';
    case 'restore':
      return String(hands.snapshotOf(agent, since) ?? '');
    case 'swap':
      return hands.nextSwap(agent) ?? '';
    default:
      return '';
  }
}

/** What it comes to, for whoever is asked. */
export function aboutOf({ agent, strategy, fault }: Step, target: string): string {
  switch (strategy) {
    case 'shed':
      return `freeze ${target || 'nobody'} to make room for ${agent}: ${fault}`;
    case 'restore':
      return `bring the files in ${agent}'s worktree back to snapshot ${target}, then start it afresh: ${fault}`;
    case 'swap':
      return `start ${agent} with ${target}: ${fault}`;
    default:
      return `${STRATEGIES[strategy].words} (${agent}): ${fault}`;
  }
}

const keys: Does = async (world, hands, { agent, strategy }) => {
  const known = hands.driverOf(agent)?.keys;
  const typed = strategy === 'nudge' ? known?.nudge : known?.interrupt;
  const { alive, pane } = stateOf(world, agent);
  if (typed === undefined || !alive) throw new HmsError('no-keys', 'there are no keys for that');
  hands.onKeys(agent);
  await hands.sendBytes(pane as PaneId, Buffer.from(typed));
  return 'keys pressed';
};

const start: Does = async (world, hands, step) => {
  const { agent, strategy } = step;
  const { incarnation } = stateOf(world, agent);
  await hands.renew(agent, { afresh: strategy === 'restart', reason: reasonOf(step), incarnation });
  return 'started';
};

/** How each is carried out. One that is added to the vocabulary does not compile until it is here. */
export const HANDS: Readonly<Record<StrategyName, Does>> = {
  wait: async () => 'waits',
  save: async (world, hands, { agent }) => {
    const words = hands.savesBy(agent);
    const { alive, pane } = stateOf(world, agent);
    if (!words || !alive) throw new HmsError('no-words', 'its file does not say how it saves its work');
    hands.onKeys(agent);
    await hands.sendBytes(pane as PaneId, Buffer.from(`${words}\r`));
    return 'told to save its work';
  },
  nudge: keys,
  interrupt: keys,
  resume: start,
  restart: start,
  'restart-dependency': async (world, hands, { agent }) => {
    const down = hands.dependenciesOf(agent).filter(name => !world.state.agents[name]?.alive);
    if (down.length === 0) throw new HmsError('no-dependency', 'no agent it depends on is down');
    for (const name of down) await hands.renew(name, { afresh: false, reason: `for ${agent}` });
    return `started ${down.join(', ')}`;
  },
  isolate: async (_, hands, { agent }) => {
    await hands.freeze([agent]);
    throw new HmsError('isolated', 'it is frozen until a person has looked');
  },
  shed: async (world, hands, { agent, incident }, target) => {
    const least = hands.lesser(agent).find(id => id === target);
    if (!least) throw new HmsError('nobody', 'there is nobody less important');
    // On record before it stands still: whoever comes after this engine lets it go on.
    world.emit({
      kind: 'load.shed',
      actor: cellActor('healer'),
      subject: subject.agent(agent),
      data: { incident: IncidentId.parse(incident), agent, frozen: least },
    });
    await hands.freeze([least]);
    return `froze ${least}`;
  },
  restore: async (world, hands, step, target) => {
    const { agent, incident } = step;
    const { incarnation } = stateOf(world, agent);
    const snapshot = Number(target);
    if (!snapshot) throw new HmsError('no-snapshot', 'there is no snapshot of its tree');
    // Before it is ended for nothing.
    await hands.expectSnapshot(agent, snapshot);
    const between = () => hands.restore(agent, snapshot, incident);
    await hands.renew(agent, { afresh: true, reason: reasonOf(step), incarnation, between });
    return `brought its files back to snapshot ${snapshot}, and started it`;
  },
  swap: async (world, hands, step, target) => {
    const { agent } = step;
    const { incarnation } = stateOf(world, agent);
    if (target === '') throw new HmsError('no-swap', 'there is no other model or provider left to try');
    hands.swap(agent, target, step);
    await hands.renew(agent, { afresh: false, reason: reasonOf(step), incarnation });
    return `started with ${target}`;
  },
};

function reasonOf({ fault, incident }: Step): string {
  return `${fault} (${incident})`;
}

export function stateOf(world: World, agent: string): AgentState {
  const state = world.state.agents[agent];
  if (!state) throw new HmsError('unknown-agent', `there is no agent called ${agent}`);
  return state;
}
