/** It uses more than people set, of the machine or of their money, for longer than a moment. */
import type { FaultClass } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import { short } from '../detect/finding.ts';
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
  const since = new Map<string, Millis>();
  return {
    name: 'limits',
    see(signal: Signal, look: Look): Anomaly | undefined {
      if (signal.signal === 'started' || signal.signal === 'exited') since.clear();
      if (
        !look.picture.alive ||
        (since.size === 0 && signal.signal !== 'resources' && signal.signal !== 'usage')
      )
        return undefined;
      for (const limit of passed(look)) {
        if (limit.value <= limit.most) {
          since.delete(limit.words);
          continue;
        }
        const began = since.get(limit.words) ?? look.now;
        since.set(limit.words, began);
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

function passed({ picture: { use, spent }, config: { limits: set } }: Look): readonly Limit[] {
  const found: Limit[] = [];
  if (spent && set.cost !== undefined) {
    const value = spent.costPerHour ?? 0;
    found.push({ fault: 'runaway', value, most: set.cost, words: 'dollars spent within an hour' });
  }
  if (spent && set.tokens !== undefined) {
    const value = Math.round(spent.tokensPerMin * 60);
    found.push({ fault: 'runaway', value, most: set.tokens, words: 'tokens used within an hour' });
  }
  if (spent?.context !== undefined && set.context !== undefined) {
    const value = Math.round(spent.context * 100);
    found.push({ fault: 'context-full', value, most: set.context, words: '% of its context used' });
  }
  if (!use) return found;
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
  const finding = `${value < 100 ? short(value) : Math.round(value)} ${words}, more than ${most} for ${Math.round((now - since) / 1000)} s`;
  return {
    fault,
    at: now,
    since,
    findings: [{ detector: 'limits', words: finding, score: 1 }],
    waitFor: NO_WAIT,
  };
}
