/**
 * What can be done about an anomaly: the registry. A strategy says when it makes sense, how one knows that it helped,
 * what takes it back, what it costs and whom it reaches; the hands that carry it out are the healer's
 * (src/cells/healer). How to add one: docs/healing-extending.md.
 */
import type { FaultClass, HealingConfig, StrategyName } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import type { Picture } from './picture.ts';

/** It helped nobody lately, or a person has said so. */
export type Refusal = 'for now' | 'by hand';

/** What an agent's driver and set-up allow. */
export interface Abilities {
  /** Words are known that have it save its work. */
  readonly save: boolean;
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
  /** Its breaker lets nobody try it; absent where there are no breakers. */
  refuses?(strategy: StrategyName): Refusal | undefined;
}

/** This agent and those of its group that are started with it; its files; or others, who are named when it is asked for. */
export type Reach = 'this agent' | 'its group' | 'its worktree and its group' | 'named others';

export interface Strategy {
  readonly name: StrategyName;
  /** What it does, for people. */
  readonly words: string;
  /** When it can be tried, for people; what `possible` asks. */
  readonly when: string;
  possible(picture: Picture, can: Abilities): boolean;
  /** What is done, in order. */
  readonly steps: readonly string[];
  /** What shows that it helped, beside being well for as long as `verify` says. */
  readonly verification: string;
  /** Whether that has been seen since the attempt; absent where the common signs of life are all there is to see. */
  helped?(picture: Picture, since: Millis): boolean;
  /** What takes it back; 'none' where nothing can, or nothing needs to. */
  readonly undo: string;
  /** Its blast radius: who is touched by it. */
  readonly reach: Reach;
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
    when: 'it runs',
    possible: alive,
    steps: [],
    verification: 'signs of life',
    undo: 'none: nothing was done',
    reach: 'this agent',
    restarts: false,
    loses: 0,
    tokens: 0,
    takesMs: 5000,
    risky: false,
  },
  save: {
    name: 'save',
    words: 'have it save its work, before what announces itself comes',
    when: 'it runs, what is wrong is only seen coming, and its file says with which words (healing.save)',
    possible: (picture, can) => picture.alive && can.save,
    steps: ['type the words of its file, and Enter'],
    verification: 'its work is saved',
    undo: 'none: its work is saved',
    reach: 'this agent',
    restarts: false,
    loses: 0,
    tokens: 0.05,
    takesMs: 10_000,
    risky: false,
  },
  nudge: {
    name: 'nudge',
    words: 'press the keys that wake it',
    when: 'it runs, and its driver knows keys that wake it',
    possible: (picture, can) => picture.alive && can.nudge,
    steps: ['type the keys of its driver'],
    verification: 'it prints or reports something that is no echo of the keys',
    undo: 'none: keys cannot be taken back',
    reach: 'this agent',
    restarts: false,
    loses: 0,
    tokens: 0.01,
    takesMs: 2000,
    risky: false,
  },
  interrupt: {
    name: 'interrupt',
    words: 'interrupt what it is doing',
    when: 'it runs, and its driver knows keys for that',
    possible: (picture, can) => picture.alive && can.interrupt,
    steps: ['type the keys of its driver'],
    verification: 'it prints or reports something that is no echo of the keys',
    undo: 'none: keys cannot be taken back',
    reach: 'this agent',
    restarts: false,
    loses: 0.1,
    tokens: 0.02,
    takesMs: 2000,
    risky: false,
  },
  resume: {
    name: 'resume',
    words: 'start it again in the conversation it had',
    when: 'its driver can go on with a conversation, and it has one that did not fail when it was resumed last',
    possible: (_, can) => can.resume,
    steps: ['end it', 'start it in its conversation'],
    verification: 'its new run shows life, and its probes succeed',
    undo: 'none: the conversation goes on',
    reach: 'its group',
    restarts: true,
    loses: 0.2,
    tokens: 0.3,
    takesMs: 3000,
    risky: false,
  },
  restart: {
    name: 'restart',
    words: 'start it afresh',
    when: 'always',
    possible: () => true,
    steps: ['end it', 'start it without its conversation'],
    verification: 'its new run shows life, and its probes succeed',
    undo: 'none: what was only in the conversation is gone',
    reach: 'its group',
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
    when: 'it has a worktree of its own, with a snapshot from when it was well',
    possible: (_, can) => can.restore,
    steps: [
      'end it',
      'take a snapshot of its files as they are',
      'bring them back to the last good snapshot',
      'start it afresh',
    ],
    verification: 'its files are those of the snapshot, and its new run shows life',
    undo: 'hms heal undo INCIDENT: its files as they were before',
    reach: 'its worktree and its group',
    restarts: true,
    loses: 1,
    tokens: 1,
    takesMs: 4000,
    risky: true,
  },
  'restart-dependency': {
    name: 'restart-dependency',
    words: 'start what it depends on again',
    when: 'an agent it needs is down',
    possible: (picture, can) => [...picture.downDependencies].some(name => can.dependencies.has(name)),
    steps: ['end each agent it needs that is down', 'start them in order of need'],
    verification: 'what it depends on answers',
    helped: ({ downDependencies }) => downDependencies.size === 0,
    undo: 'none',
    reach: 'named others',
    restarts: false,
    loses: 0,
    tokens: 0,
    takesMs: 3000,
    risky: false,
  },
  swap: {
    name: 'swap',
    words: 'go on with another model or provider',
    when: 'its file names another model or provider (healing.swap) that was not tried',
    possible: (_, can) => can.swap,
    steps: ['end it', 'start it with the next one of its file, in its conversation where it can'],
    verification: 'its new run shows life',
    undo: 'hms heal swap AGENT --back; by itself once the time the provider gave has passed, else after an hour',
    reach: 'its group',
    restarts: true,
    loses: 0.2,
    tokens: 0.4,
    takesMs: 4000,
    risky: true,
  },
  shed: {
    name: 'shed',
    words: 'freeze the least important agents',
    when: 'it runs, and so does a healed agent with a lower priority',
    possible: (picture, can) => picture.alive && can.shed,
    steps: ['freeze the least important one'],
    verification: 'signs of life',
    undo: 'by itself when the incident is over: who was frozen for it goes on',
    reach: 'named others',
    restarts: false,
    loses: 0,
    tokens: 0,
    takesMs: 2000,
    risky: true,
  },
  isolate: {
    name: 'isolate',
    words: 'freeze it until a person has looked',
    when: 'it runs',
    possible: alive,
    steps: ['freeze it', 'ask a person'],
    verification: 'none: a person looks',
    undo: 'hms thaw AGENT',
    reach: 'this agent',
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
  runaway: ['interrupt', 'isolate'],
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
  failing: ['restart', 'restore'],
};

/** What brings back what is dead, and needs nobody's leave. */
const isLastResort = (name: StrategyName): boolean => STRATEGIES[name].restarts && !STRATEGIES[name].risky;

/** What is tried for a fault, in order, of what is possible now: as people set it, or `otherwise`. */
export function ladderFor(
  fault: FaultClass,
  config: HealingConfig,
  picture: Picture,
  can: Abilities,
  otherwise: readonly StrategyName[] = DEFAULT_LADDERS[fault],
): readonly StrategyName[] {
  const ladder = config.ladder[fault] ?? otherwise;
  const possible = ladder.filter(
    name => STRATEGIES[name].possible(picture, can) && can.refuses?.(name) !== 'by hand',
  );
  const open = possible.filter(name => !can.refuses?.(name));
  if (open.length === possible.length || open.some(isLastResort)) return open;
  // Rather a start that helped nobody lately than nothing.
  return [...open, ...possible.filter(isLastResort).slice(-1)];
}
