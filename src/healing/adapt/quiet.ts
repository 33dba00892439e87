/**
 * Silence that is unusual for this agent. What is usual is learnt from how it prints (φ-accrual over the logarithm of
 * the intervals, which are nearer to log-normal than to normal), so that a talkative agent is missed within seconds and
 * a taciturn one is left in peace; what the processor does meanwhile counts for or against. Whoever waits, idles or has
 * children that compute is silent by right.
 */
import type { Millis } from '../../model/ids.ts';
import { Ewma, type EwmaState } from '../detect/ewma.ts';
import { scoreOf } from '../detect/finding.ts';
import { normalTail } from '../detect/phi.ts';
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import type { Tuning } from '../tuning.ts';
import type { Anomaly, Signal } from '../types.ts';
import { Computing } from './computing.ts';

export type QuietOptions = Pick<Tuning, 'threshold' | 'pause' | 'minDeviation'>;

/** Assumed before anything is known, as if seen once: a line in three seconds, give or take a factor of three. */
const ASSUMED: EwmaState = { count: 1, mean: Math.log(3000), variance: Math.log(3) ** 2 };
/** What prints without a break has one interval in so many ms. */
const COALESCED_MS = 100;
/** Children that compute this much, percent of a core, are at work for it. */
const CHILDREN_CPU = 10;
/** How often it is looked at while it is late, ms. */
const LOOK_MS = 1000;
/** The later it is the slower that changes: a share of the silence so far. */
const LOOK_SHARE = 0.05;
/** φ from silence alone that is needed, whatever the processor does. */
const LEAST_PHI = 1.2;
/** The deviations at which silence has that φ: looking earlier is in vain. */
const LEAST_DEVIATIONS = 1.5;

export function quiet(options: QuietOptions, usual: EwmaState = ASSUMED): Detector {
  const intervals = new Ewma(0.02, usual);
  const computing = new Computing();
  let last: Millis | undefined;
  /** When its children were last seen at work: until then its silence was theirs. */
  let worked: Millis = 0;
  /** The first look at which it may be late. */
  let lateFrom: Millis = Number.POSITIVE_INFINITY;

  const spread = (): number => Math.max(options.minDeviation, intervals.deviation);
  const pauseMs = (): Millis => options.pause + Math.exp(intervals.mean + LEAST_DEVIATIONS * spread());

  function heard(now: Millis, lag: number): void {
    computing.endedWell();
    last = now;
    lateFrom = now + lag * pauseMs();
  }

  function rest(): void {
    last = undefined;
    lateFrom = Number.POSITIVE_INFINITY;
    computing.forget();
  }

  function see(signal: Signal, look: Look): Anomaly | undefined {
    const { picture, now, lag } = look;
    if (!picture.alive || picture.doing === 'idle' || picture.doing === 'waiting') {
      if (last !== undefined) rest();
      return undefined;
    }
    switch (signal.signal) {
      case 'started':
        computing.forget();
        heard(now, lag);
        return undefined;
      case 'progress':
      case 'heartbeat':
        if (last !== undefined && now - last < COALESCED_MS) return undefined;
        if (last !== undefined && !look.troubled) intervals.push(Math.log(now - last));
        heard(now, lag);
        return undefined;
      case 'doing':
        if (last === undefined) heard(now, lag);
        break;
      case 'resources':
        if (last !== undefined && signal.use.children > 0 && signal.use.cpu >= CHILDREN_CPU) {
          worked = now;
          lateFrom = now + lag * pauseMs();
          computing.forget();
        } else if (now >= lateFrom) computing.saw(signal.use);
        break;
      default:
        break;
    }
    return now >= lateFrom && last !== undefined ? judge(look, Math.max(last, worked)) : undefined;
  }

  function judge({ picture, now, lag }: Look, since: Millis): Anomaly | undefined {
    const { use } = picture;
    const late = Math.log(Math.max(1, (now - since) / lag - options.pause));
    const phi = normalTail((late - intervals.mean) / spread());
    const { fault, bans } = computing.evidence;
    const surprise = phi + bans;
    if (phi < LEAST_PHI || surprise < options.threshold) return undefined;
    const silent = ((now - since) / 1000).toFixed(1);
    const usually = (Math.exp(intervals.mean) / 1000).toFixed(1);
    const cpu = use ? `, at ${Math.round(use.cpu)} % CPU (${bans.toFixed(1)})` : '';
    const words = `nothing for ${silent} s, usually every ${usually} s (φ ${phi.toFixed(1)})${cpu}`;
    return {
      fault,
      at: now,
      since,
      findings: [{ detector: 'quiet', words, score: scoreOf(surprise) }],
      waitFor: NO_WAIT,
    };
  }

  return {
    name: 'quiet',
    see,
    nextLook: ({ now }) =>
      lateFrom > now ? lateFrom : now + Math.max(LOOK_MS, LOOK_SHARE * (now - (last ?? now))),
    pauseMs,
    usual: () => ({ interval: intervals.state }),
  };
}
