/**
 * The chance that an agent fails within the next minutes, and the moment to do something about it. Only what comes before
 * a failure is judged here; a failure is the other detectors'. What is started anew just after it has saved its work
 * loses next to nothing (rejuvenation: Huang et al. 1995), so that moment is waited for while waiting is worth it.
 */
import type { FaultClass } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import type { DriverMemory } from '../adapt/memory.ts';
import { Ewma } from '../detect/ewma.ts';
import { scoreOf } from '../detect/finding.ts';
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import { STRATEGIES } from '../strategy.ts';
import type { Tuning } from '../tuning.ts';
import type { Anomaly, Signal } from '../types.ts';
import { type Exhaustion, HORIZON_MS, Signs } from './signs.ts';

export type HazardOptions = Pick<
  Tuning,
  'threshold' | 'minDeviation' | 'hazard' | 'hazardSave' | 'hazardSlow' | 'failS'
>;

/** Intercept, then one weight a feature: fitted by `bench/healbench/fit-hazard.ts` on the simulated world's seeds 1 to 30. */
export const WEIGHTS: readonly number[] = [-2.54, 3.77, 0.49, 0.67, -0.06, -0.3];

/** Saved so shortly ago is as good as just now, ms. */
const FRESH_MS = 5000;
/** What is about to be used up is given up waiting for so long before, ms. */
const MARGIN_MS = 15_000;
/** So long before that it is told to save. */
const SAVES_WITHIN_MS = 45_000;
const WAIT: Anomaly['waitFor'] = { until: Number.POSITIVE_INFINITY };
const SAVE: Anomaly['waitFor'] = { until: Number.POSITIVE_INFINITY, save: true };
/** What stands goes on to stand until the chance is below this share of what it took. */
const STANDS = 0.5;
/** Assumed beforehand: it saves every so often. */
const SAVES_MS = 240_000;
/** What a planned start loses of the work in hand. */
const LOSES = STRATEGIES.resume.loses;

/** 1 / (1 + e^−x) of the weighted sum. */
export function chanceOf(features: readonly number[], weights: readonly number[] = WEIGHTS): number {
  let sum = weights[0] ?? 0;
  for (let at = 0; at < features.length; at += 1) sum += (weights[at + 1] ?? 0) * (features[at] ?? 0);
  return 1 / (1 + Math.exp(-sum));
}

export interface Hazard extends Detector {
  /** This will be judged by how long it lasts, not by how much it is. */
  foresees(fault: FaultClass, look: Look): boolean;
}

export function hazard(options: HazardOptions, memory: DriverMemory): Hazard {
  const signs = new Signs(options.minDeviation, memory);
  const saves = new Ewma(0.1, { count: 3, mean: SAVES_MS, variance: 0 });
  let standing: Anomaly | undefined;

  function see(signal: Signal, look: Look): Anomaly | undefined {
    const { picture, now } = look;
    if (signal.signal === 'exited' || signal.signal === 'error') memory.failed(now);
    if (signal.signal === 'saved' && savedAt > 0) saves.push(now - savedAt);
    if (signal.signal === 'saved') savedAt = now;
    signs.see(signal, look);
    if (!picture.alive || picture.doing === 'idle' || picture.doing === 'waiting') {
      if (picture.alive) signs.rest();
      standing = undefined;
      return undefined;
    }
    // An error has taken hold: there is nothing left to foresee.
    standing = picture.error || (!standing && signs.none) ? undefined : judge(signal, look);
    return standing;
  }

  let savedAt: Millis = 0;

  function judge(signal: Signal, look: Look): Anomaly | undefined {
    const exhaustion = signs.exhaustion(look);
    const features = signs.features(look, exhaustion);
    const chance = chanceOf(features);
    if (chance < options.hazard * (standing ? STANDS : 1)) return undefined;
    const told = tell(look, features, exhaustion);
    if (!told) return undefined;
    const { now } = look;
    const inMs = exhaustion?.fault === told.fault ? exhaustion.inMs : HORIZON_MS;
    const waitFor =
      signal.signal === 'saved' || isFresh(now)
        ? NO_WAIT
        : told.fault === exhaustion?.fault
          ? runningOut(inMs)
          : uncertain(told.fault, chance, now);
    const words = `${told.words}; fails within ${HORIZON_MS / 60_000} min with ${Math.round(100 * chance)} %`;
    return {
      fault: told.fault,
      at: now,
      since: Math.min(now, standing?.fault === told.fault ? standing.since : told.since),
      findings: [
        { detector: 'hazard', words, score: scoreOf((options.threshold * chance) / options.hazard) },
      ],
      foreseen: now + inMs,
      waitFor,
    };
  }

  const isFresh = (now: Millis): boolean => savedAt > 0 && now - savedAt < FRESH_MS;

  /** What is used up gives notice to the last: there is time to wait, then to ask for it. */
  function runningOut(inMs: Millis): Anomaly['waitFor'] {
    if (inMs <= MARGIN_MS) return NO_WAIT;
    return inMs <= SAVES_WITHIN_MS ? SAVE : WAIT;
  }

  function uncertain(fault: FaultClass, chance: number, now: Millis): Anomaly['waitFor'] {
    // What is slow costs as long as it lasts, and what starts it again in its conversation loses little.
    if (fault === 'slow') return chance < options.hazardSlow || isWorthWaiting(chance, now) ? WAIT : NO_WAIT;
    return chance < options.hazardSave ? WAIT : SAVE;
  }

  /** What it would lose now against what may happen until it saves. */
  function isWorthWaiting(chance: number, now: Millis): boolean {
    const inHandS = (now - savedAt) / 1000;
    const left = Math.max(saves.mean - (now - savedAt), saves.mean / 4);
    const fails = 1 - (1 - chance) ** (left / HORIZON_MS);
    const slower = 1 - 1 / Math.max(1, signs.slowing.times);
    return LOSES * inHandS * (1 - fails) > (slower * left) / 1000 + fails * options.failS;
  }

  /** What it is that announces itself most. */
  function tell(
    { now }: Look,
    features: readonly number[],
    exhaustion: Exhaustion | undefined,
  ): { readonly fault: FaultClass; readonly since: Millis; readonly words: string } | undefined {
    const [used, slower, tools] = [1, 2, 3].map(at => (WEIGHTS[at] ?? 0) * (features[at - 1] ?? 0));
    const most = Math.max(used ?? 0, slower ?? 0, tools ?? 0);
    if (exhaustion && most === used)
      return { fault: exhaustion.fault, since: now, words: exhaustion.words() };
    if (most <= 0) return undefined;
    if (most === slower) return { fault: 'slow', since: signs.slowing.since, words: signs.slowing.words };
    const { count, since } = signs.tools.burst;
    const words = `${count} tools failed within ${Math.round((now - since) / 1000)} s`;
    return { fault: 'failing', since, words };
  }

  return {
    name: 'hazard',
    see,
    foresees: (fault, look) => signs.knowsLimit(fault, look),
    nextLook: () => Number.POSITIVE_INFINITY,
  };
}
