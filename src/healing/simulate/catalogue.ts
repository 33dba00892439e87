/**
 * The faults of the simulated world: what one sees of each, what cures it how often, and how it goes away by itself.
 * After the shift the mix and the cures are others: what was learnt before must be unlearnt.
 */
import type { ErrorClass, StrategyName } from '../../model/healing.ts';

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
  /** Memory grows until it is killed. */
  | { readonly does: 'leak'; readonly mbPerS: number; readonly diesAtMb: number }
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
  /** A dependency is down with it and comes back by itself; a probe can tell. */
  readonly dependency?: boolean;
  /** Whom it hits at once: those that share a service, an account or a disk; or all. Absent: one. */
  readonly hits?: 'group' | 'fleet';
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
    share: [0.08, 0.12],
    cures: {},
    organic: [20, 1.2],
    againS: 0.3,
  },
  {
    id: 'F03',
    words: 'crash loop by bad state',
    symptom: { does: 'die' },
    share: [0.05, 0.12],
    cures: { restart: [0.85, 0.5], restore: both(1) },
    againS: 1.5,
  },
  {
    id: 'F04',
    words: 'hangs in silence',
    symptom: { does: 'hang' },
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
    symptom: { does: 'leak', mbPerS: 25, diesAtMb: 4000 },
    share: [0.04, 0.06],
    cures: starts(1),
    againS: 30,
  },
  {
    id: 'F09',
    words: 'waits for a person',
    symptom: { does: 'wait' },
    share: [0.12, 0.1],
    cures: {},
    organic: [120, 0.8],
    againS: 1,
  },
  {
    id: 'F10',
    words: 'rate limit',
    hits: 'group',
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
    symptom: { does: 'refuse', error: 'disk-full', tells: false },
    share: [0.02, 0.02],
    cures: { shed: both(0.7), restore: both(0.6) },
    organic: [120, 1],
    againS: 2,
  },
  {
    id: 'F14',
    words: 'out of file descriptors',
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
    id: 'H1',
    words: 'a long build',
    symptom: { does: 'compile' },
    share: both(0.06),
    cures: {},
    organic: [120, 0.8],
    againS: 1,
  },
  {
    id: 'H2',
    words: 'a long think',
    symptom: { does: 'think' },
    share: both(0.04),
    cures: {},
    organic: [120, 0.8],
    againS: 1,
  },
];

/** Nothing is wrong with it: every act on it is a false alarm. */
export function isHealthy({ symptom }: FaultModel): boolean {
  return symptom.does === 'wait' || symptom.does === 'compile' || symptom.does === 'think';
}
