/**
 * What announces failures, as Salfner, Lenk and Malek (2010) sort it: symptoms (something is used up, the pace falls),
 * errors that are got past, and failures that have happened already, of this agent and of others like it.
 */
import type { FaultClass } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import type { DriverMemory } from '../adapt/memory.ts';
import { Slowing } from '../adapt/slowing.ts';
import type { Look } from '../detector.ts';
import type { ResourceUse, Signal } from '../types.ts';
import { Density } from './density.ts';
import { Trend } from './trend.ts';

/** Failures are foreseen for so long ahead, ms. */
export const HORIZON_MS = 300_000;
/** A slope is believed from so many standard errors on. */
const SURE = 4;
/** What rises by less than this share in a minute is noise or is none of ours. */
const RISES = 0.05;
const MB = 1 << 20;
/** What others and it itself went through counts for so long, ms. */
const NEAR_MS = 60_000;
const RELAPSE_MS = 600_000;
/** Pace: so many times slower is looked for, in bans up to so many. */
const SLOWER = { times: 2.5, most: 6 };
/** Less than this from the pace alone is not looked into, bans. */
const LEAST_BANS = 1;

/** In the order of the weights. */
export const FEATURES = ['exhaustion', 'slower', 'tools', 'near', 'relapse'] as const;

interface Resource {
  readonly fault: FaultClass;
  readonly unit: string;
  readonly name: string;
  /** Values are told divided by this. */
  readonly scale: number;
  readonly of?: (use: ResourceUse) => number;
  /** As people set it. */
  readonly limit?: 'memory' | 'fds' | 'context';
}

const RESOURCES = {
  memory: { fault: 'leak', name: 'memory', unit: 'MB', scale: MB, of: ({ rss }) => rss, limit: 'memory' },
  fds: {
    fault: 'fd-exhausted',
    name: 'open files',
    unit: 'files',
    scale: 1,
    of: ({ fds }) => fds,
    limit: 'fds',
  },
  context: { fault: 'context-full', name: 'its context', unit: '%', scale: 0.01, limit: 'context' },
  quota: { fault: 'usage-limit', name: "its provider's allowance", unit: '%', scale: 0.01 },
  disk: { fault: 'disk-full', name: 'the disk', unit: '%', scale: 0.01 },
} satisfies Readonly<Record<string, Resource>>;
type Name = keyof typeof RESOURCES;

export interface Exhaustion {
  readonly fault: FaultClass;
  /** Until it is used up, ms. */
  readonly inMs: Millis;
  /** For people, when it is told. */
  words(): string;
}

export class Signs {
  readonly #memory: DriverMemory;
  readonly #trends = new Map<Name, Trend>();
  #rising = false;
  readonly slowing: Slowing;
  readonly tools = new Density();

  constructor(minDeviation: number, memory: DriverMemory) {
    this.#memory = memory;
    this.slowing = new Slowing({ ...SLOWER, minDeviation });
  }

  see(signal: Signal, { picture, now, troubled }: Look): void {
    switch (signal.signal) {
      case 'progress':
        this.slowing.heard(now, troubled);
        return;
      case 'resources':
        this.#push('memory', signal.use.rss, now);
        this.#push('fds', signal.use.fds, now);
        return;
      case 'usage':
        if (signal.context !== undefined) this.#push('context', signal.context, now);
        return;
      case 'allowance':
        this.#push(signal.of, signal.share, now);
        return;
      case 'tool-failed':
        this.tools.happened(now, troubled);
        return;
      case 'exited':
        if (!picture.over) this.#failed('memory', now);
        this.rest();
        return;
      case 'error':
        if (signal.error === 'fd-exhausted') this.#failed('fds', now);
        return;
      case 'started':
        for (const name of ['memory', 'fds', 'context'] as const) this.#trends.get(name)?.clear();
        this.rest();
        return;
      default:
        return;
    }
  }

  /** It does nothing, by right or because it has ended: what it did before says no more. */
  rest(): void {
    this.slowing.rest();
    this.tools.clear();
  }

  /** Whether the level is known at which a resource gives out: then its growth is judged by that. */
  knowsLimit(fault: FaultClass, look: Look): boolean {
    if (fault === 'leak') return this.#limitOf('memory', look) !== undefined;
    return fault === 'fd-exhausted' && this.#limitOf('fds', look) !== undefined;
  }

  /** Nothing at all is to be seen: most of the time. */
  get none(): boolean {
    return !this.#rising && this.slowing.bans < LEAST_BANS && !this.tools.any;
  }

  /** What will be used up first, if anything will within twice the horizon. */
  exhaustion(look: Look): Exhaustion | undefined {
    let first: Exhaustion | undefined;
    for (const [name, trend] of this.#trends) {
      if (!rises(trend)) continue;
      const limit = this.#limitOf(name, look);
      if (limit === undefined) continue;
      const inMs = trend.until(limit, look.now);
      if (inMs >= Math.min(2 * HORIZON_MS, first?.inMs ?? Number.POSITIVE_INFINITY)) continue;
      first = { fault: RESOURCES[name].fault, inMs, words: () => wordsOf(name, trend, limit, inMs) };
    }
    return first;
  }

  /** The numbers the hazard is made of, in the order of `FEATURES`. */
  features({ picture, now }: Look, exhaustion: Exhaustion | undefined): readonly number[] {
    const minutes = exhaustion ? exhaustion.inMs / 60_000 : Number.POSITIVE_INFINITY;
    const own = picture.deathsWithin(NEAR_MS, now);
    return [
      exhaustion ? Math.log((2 * HORIZON_MS) / 60_000 / Math.max(0.1, minutes)) : 0,
      this.slowing.bans,
      this.tools.evidence(now),
      Math.log1p(Math.max(0, this.#memory.failuresWithin(NEAR_MS, now) - own)),
      Math.log1p(picture.deathsWithin(RELAPSE_MS, now)),
    ];
  }

  #push(name: Name, value: number, now: Millis): void {
    let trend = this.#trends.get(name);
    if (!trend) {
      trend = new Trend();
      this.#trends.set(name, trend);
    }
    // What fills does not fall: it was emptied.
    if (!('of' in RESOURCES[name]) && value < trend.last) trend.clear();
    trend.push(value, now);
    this.#rising = this.#rises();
  }

  #rises(): boolean {
    for (const trend of this.#trends.values()) if (rises(trend)) return true;
    return false;
  }

  /** It failed while this rose: that is where it gives out. */
  #failed(name: 'memory' | 'fds', now: Millis): void {
    const trend = this.#trends.get(name);
    if (trend && rises(trend)) this.#memory.brokeAt(name, trend.level(now));
    trend?.clear();
  }

  #limitOf(name: Name, { config }: Look): number | undefined {
    const { limit, scale } = RESOURCES[name] as Resource;
    const set = limit && config.limits[limit];
    if (limit !== 'memory' && limit !== 'fds') return set === undefined ? 1 : set * scale;
    return set === undefined ? this.#memory.limitOf(name) : set * scale;
  }
}

const rises = (trend: Trend): boolean => trend.sureness >= SURE && trend.pace >= RISES;

function wordsOf(name: Name, trend: Trend, limit: number, inMs: Millis): string {
  const { name: what, unit, scale } = RESOURCES[name];
  const perMin = (trend.slope * 60_000) / scale;
  const at = `${Math.round(limit / scale)} ${unit}`;
  return `${what} grows by ${Number(perMin.toPrecision(2))} ${unit} a minute: at ${at} in ${Math.round(inMs / 1000)} s`;
}
