/** What an agent has spent within the last hour, as its tool reports it. */
import type { Millis } from '../../model/ids.ts';
import type { TokenUsage } from '../../model/usage.ts';

const HOUR_MS = 3_600_000;
/** Reports of one minute are added up: an hour is sixty numbers, however often is reported. */
const TOGETHER_MS = 60_000;

export interface Rates {
  readonly tokensPerMin: number;
  readonly costPerHour?: number;
}

export class Spending {
  #spent: { at: Millis; tokens: number; cost: number | null }[] = [];

  add({ input, output, cacheRead, cacheWrite, cost }: TokenUsage, now: Millis): Rates {
    const tokens = input + output + cacheRead + cacheWrite;
    this.#spent = this.#spent.filter(({ at }) => now - at < HOUR_MS);
    const last = this.#spent.at(-1);
    if (last && now - last.at < TOGETHER_MS) {
      last.tokens += tokens;
      if (cost !== null) last.cost = (last.cost ?? 0) + cost;
    } else this.#spent.push({ at: now, tokens, cost });
    return this.#rates();
  }

  #rates(): Rates {
    const tokens = this.#spent.reduce((sum, one) => sum + one.tokens, 0);
    const known = this.#spent.flatMap(({ cost }) => (cost === null ? [] : [cost]));
    const rates = { tokensPerMin: tokens / 60 };
    return known.length === 0 ? rates : { ...rates, costPerHour: known.reduce((sum, one) => sum + one, 0) };
  }
}
