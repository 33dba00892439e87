/**
 * The faults of the simulated world: what one sees of each, what cures it how often, and how it goes away by itself.
 * After the shift the mix and the cures are others: what was learnt before must be unlearnt.
 *
 * Part of them announce themselves, as in the field: what is used up is used up bit by bit (software aging: Huang et al.
 * 1995; Vaidyanathan and Trivedi 2005), errors an agent still gets past grow denser before the one it does not (Lin and
 * Siewiorek 1990), what hangs or is overloaded was often slow before, and a shared cause reaches one after the other
 * (Salfner, Lenk and Malek 2010 survey what was predicted from such signs). A third of all faults do, the
 * rest strike unannounced; and the same signs come to healthy agents and pass (H3 to H5).
 */
import type { ErrorClass, StrategyName } from '../../model/healing.ts';

/**
 * What is seen while nothing has failed yet: something it lives on is used up bit by bit, its pace falls, or its tools
 * fail more and more often.
 */
export type Sign = 'memory' | 'fds' | 'disk' | 'context' | 'quota' | 'slower' | 'tools';

/** What an agent with the fault does. */
export type Symptom =
  /** Ends at once. */
  | {
      readonly does: 'die';
      /** With its tmux server. */
      readonly lost?: boolean;
      /** tmux does not tell: only the look at processes does. */
      readonly unseen?: boolean;
    }
  /** Prints nothing and uses no CPU. */
  | { readonly does: 'hang' }
  /** Prints nothing and computes without end. */
  | { readonly does: 'spin' }
  /** Prints without end. */
  | { readonly does: 'storm' }
  /** Works at a fifth of its speed. */
  | { readonly does: 'crawl' }
  /** Shows a sign and works; what is used up reaches this share at most. */
  | { readonly does: 'show'; readonly sign: Sign; readonly upTo: number }
  /** Waits for a person: nothing is wrong. */
  | { readonly does: 'wait' }
  /** Its provider refuses it. `tells`: it says until when. */
  | { readonly does: 'refuse'; readonly error: ErrorClass; readonly tells: boolean }
  /** Silent for long by right: compiles (children compute) or thinks (a spinner turns). */
  | { readonly does: 'compile' }
  | { readonly does: 'think' };

export interface FaultModel {
  readonly id: string;
  readonly words: string;
  readonly symptom: Symptom;
  /** What it shows first, in which share of cases, and for how long: median and sigma of a log-normal, s. */
  readonly sign?: { readonly of: Sign; readonly share: number; readonly lasts: readonly [number, number] };
  /** Nothing is wrong with it: every act on it is a false alarm. */
  readonly healthy?: true;
  /** A dependency is down with it and comes back by itself; a probe can tell. */
  readonly dependency?: boolean;
  /** Whom it hits at once: those that share a service, an account or a disk; or all. Absent: one. */
  readonly hits?: 'group' | 'fleet';
  /** The others it hits meet it one by one, each at a call of its own after about so long, s; absent: at once. */
  readonly spreadS?: number;
  /** Share of agents' faults before and after the shift. */
  readonly share: readonly [before: number, after: number];
  /** How often each strategy cures it, before and after the shift; never when it is not here. */
  readonly cures: Partial<Record<StrategyName, readonly [before: number, after: number]>>;
  /** Median and sigma of the log-normal time after which it goes away by itself, s; absent: never. */
  readonly organic?: readonly [medianS: number, sigma: number];
  /** An agent that was started and is not cured shows the symptom again after about so long, s. */
  readonly againS: number;
}

const both = (share: number): readonly [number, number] => [share, share];
/** Any start cures it with this chance. */
const starts = (chance: number) => ({
  resume: both(chance),
  restart: both(chance),
  restore: both(chance),
  swap: both(chance),
});

export const CATALOGUE: readonly FaultModel[] = [
  {
    id: 'F01',
    words: 'crash once',
    symptom: { does: 'die' },
    share: [0.16, 0.06],
    cures: starts(1),
    againS: 1,
  },
  {
    id: 'F02',
    words: 'crash loop while a dependency is down',
    symptom: { does: 'die' },
    dependency: true,
    hits: 'group',
    spreadS: 8,
    share: [0.08, 0.12],
    cures: {},
    organic: [20, 1.2],
    againS: 0.3,
  },
  {
    id: 'F03',
    words: 'crash loop by bad state',
    symptom: { does: 'die' },
    sign: { of: 'tools', share: 0.6, lasts: [150, 0.7] },
    share: [0.05, 0.12],
    cures: { restart: [0.85, 0.5], restore: both(1) },
    againS: 1.5,
  },
  {
    id: 'F04',
    words: 'hangs in silence',
    symptom: { does: 'hang' },
    sign: { of: 'slower', share: 0.5, lasts: [90, 0.8] },
    share: [0.14, 0.12],
    cures: {
      nudge: [0.7, 0.05],
      interrupt: [0.8, 0.2],
      ...starts(1),
      resume: [0.95, 0.9],
    },
    organic: [240, 1.5],
    againS: 4,
  },
  {
    id: 'F05',
    words: 'hangs and computes',
    symptom: { does: 'spin' },
    share: [0.06, 0.04],
    cures: { interrupt: [0.6, 0.1], ...starts(1) },
    againS: 4,
  },
  {
    id: 'F06',
    words: 'output storm',
    symptom: { does: 'storm' },
    share: [0.04, 0.04],
    cures: { interrupt: [0.8, 0.3], ...starts(1) },
    organic: [60, 1],
    againS: 4,
  },
  {
    id: 'F07',
    words: 'five times slower',
    symptom: { does: 'crawl' },
    share: [0.05, 0.05],
    cures: { shed: [0.5, 0.1], ...starts(0.9), resume: [0.3, 0.8] },
    organic: [90, 1],
    againS: 4,
  },
  {
    id: 'F08',
    words: 'leaks memory',
    symptom: { does: 'die' },
    sign: { of: 'memory', share: 1, lasts: [240, 0.8] },
    share: [0.04, 0.06],
    cures: starts(1),
    againS: 30,
  },
  {
    id: 'F09',
    words: 'waits for a person',
    symptom: { does: 'wait' },
    healthy: true,
    share: [0.12, 0.1],
    cures: {},
    organic: [120, 0.8],
    againS: 1,
  },
  {
    id: 'F10',
    words: 'rate limit',
    hits: 'group',
    spreadS: 5,
    symptom: { does: 'refuse', error: 'rate-limit', tells: true },
    share: [0.08, 0.12],
    cures: { swap: [0.9, 0.3] },
    organic: [30, 0.7],
    againS: 2,
  },
  {
    id: 'F11',
    words: 'provider overloaded',
    hits: 'group',
    spreadS: 5,
    sign: { of: 'slower', share: 0.5, lasts: [40, 0.8] },
    symptom: { does: 'refuse', error: 'overload', tells: false },
    share: [0.04, 0.05],
    cures: { swap: [0.9, 0.3] },
    organic: [45, 1],
    againS: 2,
  },
  {
    id: 'F12',
    words: 'network drops one way: answers never come',
    hits: 'group',
    spreadS: 5,
    symptom: { does: 'hang' },
    share: [0.03, 0.03],
    cures: { interrupt: [0.2, 0.6], ...starts(0.9) },
    organic: [40, 1],
    againS: 4,
  },
  {
    id: 'F13',
    words: 'disk full',
    hits: 'group',
    sign: { of: 'disk', share: 0.8, lasts: [240, 0.7] },
    symptom: { does: 'refuse', error: 'disk-full', tells: false },
    share: [0.02, 0.02],
    cures: { shed: both(0.7), restore: both(0.6) },
    organic: [120, 1],
    againS: 2,
  },
  {
    id: 'F14',
    words: 'out of file descriptors',
    sign: { of: 'fds', share: 1, lasts: [240, 0.8] },
    symptom: { does: 'refuse', error: 'fd-exhausted', tells: false },
    share: [0.02, 0.02],
    cures: { interrupt: both(0.2), ...starts(1) },
    againS: 20,
  },
  {
    id: 'F15',
    words: 'the tmux server dies',
    hits: 'fleet',
    symptom: { does: 'die', lost: true },
    share: [0.01, 0.01],
    cures: starts(1),
    againS: 1,
  },
  {
    id: 'F16',
    words: 'crash whose news is lost',
    symptom: { does: 'die', unseen: true },
    share: [0.06, 0.04],
    cures: starts(1),
    againS: 1,
  },
  {
    id: 'F17',
    words: 'context window full',
    symptom: { does: 'refuse', error: 'context-full', tells: false },
    sign: { of: 'context', share: 1, lasts: [300, 0.7] },
    share: [0.05, 0.06],
    cures: { nudge: [0.9, 0.5], restart: both(1), restore: both(1) },
    againS: 3,
  },
  {
    id: 'F18',
    words: 'usage limit',
    symptom: { does: 'refuse', error: 'usage-limit', tells: true },
    sign: { of: 'quota', share: 1, lasts: [300, 0.7] },
    share: [0.01, 0.01],
    cures: { swap: both(0.9) },
    organic: [600, 0.7],
    againS: 2,
  },
  {
    id: 'H1',
    words: 'a long build',
    symptom: { does: 'compile' },
    healthy: true,
    share: both(0.06),
    cures: {},
    organic: [120, 0.8],
    againS: 1,
  },
  {
    id: 'H2',
    words: 'a long think',
    symptom: { does: 'think' },
    healthy: true,
    share: both(0.04),
    cures: {},
    organic: [120, 0.8],
    againS: 1,
  },
  {
    id: 'H3',
    words: 'memory that grows and settles',
    symptom: { does: 'show', sign: 'memory', upTo: 0.3 },
    healthy: true,
    share: both(0.03),
    cures: {},
    organic: [180, 0.8],
    againS: 1,
  },
  {
    id: 'H4',
    words: 'a slow spell that passes',
    symptom: { does: 'show', sign: 'slower', upTo: 1 },
    healthy: true,
    share: both(0.04),
    cures: {},
    organic: [45, 0.8],
    againS: 1,
  },
  {
    id: 'H5',
    words: 'tests that fail until they are mended',
    symptom: { does: 'show', sign: 'tools', upTo: 1 },
    healthy: true,
    share: both(0.04),
    cures: {},
    organic: [60, 0.8],
    againS: 1,
  },
];

export const isHealthy = ({ healthy }: FaultModel): boolean => healthy === true;
