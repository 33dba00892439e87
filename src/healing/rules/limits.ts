/** It uses more of the machine than people set, for longer than a moment. */
import type { FaultClass } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import type { Anomaly, Signal } from '../types.ts';

/** A peak that is over sooner is none, ms. */
const LASTING_MS = 10_000;
const MB = 1 << 20;

interface Limit {
  readonly fault: FaultClass;
  readonly value: number;
  readonly most: number;
  readonly words: string;
}

/** Remembers since when which limit is passed: one a agent. */
export function limits(): Detector {
  const since = new Map<FaultClass, Millis>();
  return {
    name: 'limits',
    see(signal: Signal, look: Look): Anomaly | undefined {
      if (signal.signal === 'started' || signal.signal === 'exited') since.clear();
      if (!look.picture.alive || (since.size === 0 && signal.signal !== 'resources')) return undefined;
      for (const limit of passed(look)) {
        if (limit.value <= limit.most) {
          since.delete(limit.fault);
          continue;
        }
        const began = since.get(limit.fault) ?? look.now;
        since.set(limit.fault, began);
        if (look.now - began >= LASTING_MS) return anomaly(limit, began, look.now);
      }
      return undefined;
    },
    nextLook: () =>
      since.size === 0
        ? Number.POSITIVE_INFINITY
        : Math.min(Number.POSITIVE_INFINITY, ...[...since.values()].map(at => at + LASTING_MS)),
  };
}

function passed({ picture: { use }, config: { limits: set } }: Look): readonly Limit[] {
  if (!use) return [];
  const found: Limit[] = [];
  if (set.memory !== undefined) {
    found.push({ fault: 'leak', value: use.rss / MB, most: set.memory, words: 'MB of memory' });
  }
  if (set.fds !== undefined) {
    found.push({ fault: 'fd-exhausted', value: use.fds, most: set.fds, words: 'open files' });
  }
  if (set.output !== undefined) {
    found.push({ fault: 'storm', value: use.output / MB, most: set.output, words: 'MB printed a second' });
  }
  return found;
}

function anomaly({ fault, value, most, words }: Limit, since: Millis, now: Millis): Anomaly {
  const finding = `${Math.round(value)} ${words}, more than ${most} for ${Math.round((now - since) / 1000)} s`;
  return {
    fault,
    at: now,
    since,
    findings: [{ detector: 'limits', words: finding, score: 1 }],
    waitFor: NO_WAIT,
  };
}
