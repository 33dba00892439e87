/**
 * What can be done about an anomaly: the registry. A strategy says when it makes sense and what it costs; how it is
 * carried out, undone and where it reaches is the actuators' (src/cells/healer).
 */
import type { FaultClass, HealingConfig, StrategyName } from '../model/healing.ts';
import type { Picture } from './picture.ts';

/** What an agent's driver and set-up allow. */
export interface Abilities {
  /** Keys that wake it are known. */
  readonly nudge: boolean;
  readonly interrupt: boolean;
  /** It can go on with the conversation it had. */
  readonly resume: boolean;
  /** It works in a git worktree of its own with a snapshot that was good. */
  readonly restore: boolean;
  /** Another model or provider is named for it. */
  readonly swap: boolean;
  /** Dependencies that are agents of this fleet: they can be started again. */
  readonly dependencies: ReadonlySet<string>;
  /** There are agents less important than it that could be frozen. */
  readonly shed: boolean;
}

export interface Strategy {
  readonly name: StrategyName;
  /** What it does, for people. */
  readonly words: string;
  possible(picture: Picture, can: Abilities): boolean;
  /** A start of the agent comes with it. */
  readonly restarts: boolean;
  /** Work that is lost by it, as a share of what the agent had in hand; and what it costs in tokens, as a share of a fresh start. */
  readonly loses: number;
  readonly tokens: number;
  /** How long it typically takes until it shows, ms. */
  readonly takesMs: number;
  /** Through the gate, as an agent's action is. */
  readonly risky: boolean;
}

const alive = (picture: Picture): boolean => picture.alive;

export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  wait: {
    name: 'wait',
    words: 'wait: it may come back by itself',
    possible: alive,
    restarts: false,
    loses: 0,
    tokens: 0,
    takesMs: 5000,
    risky: false,
  },
  nudge: {
    name: 'nudge',
    words: 'press the keys that wake it',
    possible: (picture, can) => picture.alive && can.nudge,
    restarts: false,
    loses: 0,
    tokens: 0.01,
    takesMs: 2000,
    risky: false,
  },
  interrupt: {
    name: 'interrupt',
    words: 'interrupt what it is doing',
    possible: (picture, can) => picture.alive && can.interrupt,
    restarts: false,
    loses: 0.1,
    tokens: 0.02,
    takesMs: 2000,
    risky: false,
  },
  resume: {
    name: 'resume',
    words: 'start it again in the conversation it had',
    possible: (_, can) => can.resume,
    restarts: true,
    loses: 0.2,
    tokens: 0.3,
    takesMs: 3000,
    risky: false,
  },
  restart: {
    name: 'restart',
    words: 'start it afresh',
    possible: () => true,
    restarts: true,
    // Files stay; what was only in the conversation is gone.
    loses: 0.5,
    tokens: 1,
    takesMs: 3000,
    risky: false,
  },
  restore: {
    name: 'restore',
    words: 'take its worktree back to the last good snapshot, then start it afresh',
    possible: (_, can) => can.restore,
    restarts: true,
    loses: 1,
    tokens: 1,
    takesMs: 4000,
    risky: true,
  },
  'restart-dependency': {
    name: 'restart-dependency',
    words: 'start what it depends on again',
    possible: (picture, can) => [...picture.downDependencies].some(name => can.dependencies.has(name)),
    restarts: false,
    loses: 0,
    tokens: 0,
    takesMs: 3000,
    risky: false,
  },
  swap: {
    name: 'swap',
    words: 'go on with another model or provider',
    possible: (_, can) => can.swap,
    restarts: true,
    loses: 0.2,
    tokens: 0.4,
    takesMs: 4000,
    risky: true,
  },
  shed: {
    name: 'shed',
    words: 'freeze the least important agents',
    possible: (picture, can) => picture.alive && can.shed,
    restarts: false,
    loses: 0,
    tokens: 0,
    takesMs: 2000,
    risky: true,
  },
  isolate: {
    name: 'isolate',
    words: 'freeze it until a person has looked',
    possible: alive,
    restarts: false,
    loses: 0,
    tokens: 0,
    takesMs: 1000,
    risky: true,
  },
};

/** From the smallest step to the largest (microreboot order: Candea et al., OSDI 2004). */
export const DEFAULT_LADDERS: Readonly<Record<FaultClass, readonly StrategyName[]>> = {
  crash: ['resume', 'restart', 'restore'],
  'crash-loop': ['restart', 'restore', 'swap'],
  hang: ['nudge', 'interrupt', 'resume', 'restart'],
  busy: ['interrupt', 'resume', 'restart'],
  storm: ['interrupt', 'resume', 'restart'],
  slow: ['wait', 'shed', 'resume', 'restart'],
  leak: ['resume', 'restart'],
  repeat: ['nudge', 'interrupt', 'resume', 'restart'],
  'rate-limit': ['wait', 'nudge', 'swap', 'resume'],
  overload: ['wait', 'nudge', 'swap', 'resume'],
  authentication: ['nudge'],
  'context-full': ['nudge', 'restart'],
  'usage-limit': ['wait', 'nudge', 'swap', 'resume'],
  dependency: ['restart-dependency', 'resume', 'restart'],
  unreachable: ['wait', 'resume', 'restart'],
  'disk-full': ['shed', 'wait', 'restart'],
  'fd-exhausted': ['interrupt', 'resume', 'restart'],
  lost: ['resume', 'restart'],
};

/** What is tried for a fault, in order, of what is possible now: as people set it, or `otherwise`. */
export function ladderFor(
  fault: FaultClass,
  config: HealingConfig,
  picture: Picture,
  can: Abilities,
  otherwise: readonly StrategyName[] = DEFAULT_LADDERS[fault],
): readonly StrategyName[] {
  const ladder = config.ladder[fault] ?? otherwise;
  return ladder.filter(name => STRATEGIES[name].possible(picture, can));
}
