/** Memory or output far beyond what is usual for this agent, for longer than a moment. */
import type { FaultClass } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import { Ewma, type EwmaState } from '../detect/ewma.ts';
import { scoreOf } from '../detect/finding.ts';
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import type { Tuning } from '../tuning.ts';
import type { Anomaly, ResourceUse, Signal } from '../types.ts';
import { Children } from './children.ts';

export type GrowthOptions = Pick<Tuning, 'threshold' | 'growthTimes' | 'growthLasting'>;

/** Looks before it says anything. */
const FIRST = 10;
const MB = 1 << 20;

interface Measure {
  readonly fault: FaultClass;
  readonly of: (use: ResourceUse) => number;
  /** Below this nothing is much, in the measure's unit. */
  readonly floor: number;
  readonly words: (value: number) => string;
  /** What it has started holds a part of it, by right and for as long as it works. */
  readonly held: boolean;
}

const MEASURES: readonly Measure[] = [
  {
    fault: 'leak',
    of: ({ rss }) => rss,
    floor: 300 * MB,
    words: value => `${Math.round(value / MB)} MB of memory`,
    held: true,
  },
  {
    fault: 'storm',
    of: ({ output }) => output,
    floor: MB,
    words: value => `${(value / MB).toFixed(1)} MB printed a second`,
    held: false,
  },
  {
    fault: 'fd-exhausted',
    of: ({ fds }) => fds,
    floor: 200,
    words: value => `${value} open files`,
    held: true,
  },
];

/**
 * Learns what is usual from looks at which nothing stood out.
 *
 * @param foresees what somebody else judges, by how long it will last
 */
export function growth(
  options: GrowthOptions,
  before: Readonly<Record<string, EwmaState>> = {},
  foresees: (fault: FaultClass, look: Look) => boolean = () => false,
): Detector {
  const usual = MEASURES.map(({ fault }) => new Ewma(0.02, before[fault]));
  const since: (Millis | undefined)[] = MEASURES.map(() => undefined);
  const children = new Children(before['children']);
  return {
    name: 'growth',
    see(signal: Signal, look): Anomaly | undefined {
      const { picture, now } = look;
      if (signal.signal === 'started' || signal.signal === 'exited') since.fill(undefined);
      if (!picture.alive || !picture.use) return undefined;
      if (signal.signal !== 'resources' && !since.some(began => began !== undefined)) return undefined;
      let found: Anomaly | undefined;
      if (signal.signal === 'resources') children.saw(picture.use);
      for (const [at, measure] of MEASURES.entries()) {
        if (measure.held && children.helping) {
          since[at] = undefined;
          continue;
        }
        const value = measure.of(picture.use);
        const mean = usual[at]?.mean ?? 0;
        const known = (usual[at]?.count ?? 0) >= FIRST;
        const most = Math.max(measure.floor, options.growthTimes * mean);
        if (signal.signal === 'resources') {
          if (!known || value <= most) {
            usual[at]?.push(value);
            since[at] = undefined;
          } else since[at] ??= now;
        }
        const began = since[at];
        if (began === undefined || now - began < options.growthLasting || found) continue;
        if (foresees(measure.fault, look)) continue;
        const words = `${measure.words(value)}, usually ${measure.words(mean)}`;
        const findings = [{ detector: 'growth', words, score: scoreOf((options.threshold * value) / most) }];
        found = { fault: measure.fault, at: now, since: began, findings, waitFor: NO_WAIT };
      }
      return found;
    },
    nextLook: () => Number.POSITIVE_INFINITY,
    usual: () => ({
      ...Object.fromEntries(MEASURES.map(({ fault }, at) => [fault, (usual[at] ?? new Ewma(1)).state])),
      children: children.usual,
    }),
  };
}
