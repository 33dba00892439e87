/**
 * Silence that is unusual for this agent. What is usual is learnt from how it prints (φ-accrual over the logarithm of
 * the intervals, which are nearer to log-normal than to normal), so that a talkative agent is missed within seconds and
 * a taciturn one is left in peace. Whoever waits, idles or has children that compute is silent by right.
 */
import type { Millis } from '../../model/ids.ts';
import { Ewma } from '../detect/ewma.ts';
import { scoreOf } from '../detect/finding.ts';
import { normalTail } from '../detect/phi.ts';
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import type { Anomaly, Signal } from '../types.ts';

export interface QuietOptions {
  /** φ from which silence counts as a fault. */
  readonly threshold: number;
  /** Silence that is always forgiven, ms. */
  readonly pause: Millis;
  /** Deviation of the logarithm that is assumed at least: nothing is as regular as its past looks. */
  readonly minDeviation: number;
}

export const QUIET: QuietOptions = { threshold: 8, pause: 2000, minDeviation: 0.35 };

/** Intervals before it says anything. */
const FIRST = 12;
/** What prints without a break has one interval in so many ms. */
const COALESCED_MS = 100;
/** Children that compute this much, percent of a core, are at work for it. */
const CHILDREN_CPU = 10;
/** It computes by itself, percent of a core. */
const BUSY_CPU = 80;
/** How often it is looked at while it is late, ms. */
const LOOK_MS = 500;

export function quiet(options: QuietOptions = QUIET): Detector {
  const intervals = new Ewma(0.02);
  let last: Millis | undefined;

  function phiOf({ now, lag }: Look): number {
    if (last === undefined || intervals.count < FIRST) return 0;
    const late = (now - last) / lag - options.pause;
    if (late <= 0) return 0;
    const spread = Math.max(options.minDeviation, intervals.deviation);
    return normalTail((Math.log(late) - intervals.mean) / spread);
  }

  function see(signal: Signal, look: Look): Anomaly | undefined {
    const { picture, now } = look;
    const silentByRight = !picture.alive || picture.doing === 'idle' || picture.doing === 'waiting';
    if (silentByRight || signal.signal === 'started') last = undefined;
    if (signal.signal === 'progress' || signal.signal === 'heartbeat') {
      if (last === undefined) last = now;
      else if (now - last >= COALESCED_MS) {
        intervals.push(Math.log(now - last));
        last = now;
      }
      return undefined;
    }
    const phi = phiOf(look);
    if (phi < options.threshold || last === undefined) return undefined;
    const { use } = picture;
    if (use && use.children > 0 && use.cpu >= CHILDREN_CPU) return undefined;
    const busy = use !== undefined && use.cpu >= BUSY_CPU;
    const silent = ((now - last) / 1000).toFixed(1);
    const usual = (Math.exp(intervals.mean) / 1000).toFixed(1);
    const words = `nothing for ${silent} s, usually every ${usual} s (φ ${phi.toFixed(1)})${busy ? `, at ${Math.round(use.cpu)} % CPU` : ''}`;
    return {
      fault: busy ? 'busy' : 'hang',
      at: now,
      since: last,
      findings: [{ detector: 'quiet', words, score: scoreOf(phi) }],
      waitFor: NO_WAIT,
    };
  }

  return {
    name: 'quiet',
    see,
    nextLook(look) {
      if (last === undefined || intervals.count < FIRST) return Number.POSITIVE_INFINITY;
      const spread = Math.max(options.minDeviation, intervals.deviation);
      const due = last + look.lag * (options.pause + Math.exp(intervals.mean + DEVIATIONS * spread));
      return Math.max(due, look.now + LOOK_MS);
    },
  };
}

/** No threshold in use is reached sooner than this many deviations out (φ 3.5): looking earlier is in vain. */
const DEVIATIONS = 3.4;
