/**
 * What its use of the processor says about an agent that is silent: a hung one rests, one that spins computes all the
 * time, one that works does a bit of both. How much of which is usual while this agent is late is learnt from silences
 * that ended well; the evidence is the likelihood ratio against it, in bans.
 */
import type { ResourceUse } from '../types.ts';

/** Percent of a core. */
const RESTS_BELOW = 2;
const SPINS_ABOVE = 80;
/** What it gets at least, of a core that others want too, when it computes all the time. */
const SHARES_ABOVE = 10;
/** How often a hung agent is found at rest, and a spinning one at full tilt. */
const FAITHFUL = 0.95;
/** What is assumed of a working one beforehand, in looks: at rest, in between, at full tilt. */
const PRIOR = [6, 3, 1] as const;
/** Looks remembered. */
const MEMORY = 300;
/** One sensor alone convinces nobody, in bans. */
const MOST = 4;

export interface Evidence {
  readonly fault: 'hang' | 'busy';
  readonly bans: number;
}

export class Computing {
  /** Looks at late times that turned out well, by what was found. */
  readonly #usual: [number, number, number] = [...PRIOR];
  /** The looks of the silence that lasts now. */
  readonly #late: [number, number, number] = [0, 0, 0];
  /** As of the last look; undefined when it has to be worked out again. */
  #evidence: Evidence | undefined;

  saw({ cpu, runs = false }: ResourceUse): void {
    this.#evidence = undefined;
    this.#late[cpu < RESTS_BELOW ? 0 : cpu > SPINS_ABOVE || (runs && cpu > SHARES_ABOVE) ? 2 : 1] += 1;
  }

  /** The silence ended by itself: all that was seen in it was usual. */
  endedWell(): void {
    const [rest, some, spin] = this.#late;
    if (rest + some + spin === 0) return;
    const [usualRest, usualSome, usualSpin] = this.#usual;
    const keep = Math.min(1, MEMORY / (usualRest + usualSome + usualSpin));
    this.#usual[0] = usualRest * keep + rest;
    this.#usual[1] = usualSome * keep + some;
    this.#usual[2] = usualSpin * keep + spin;
    this.forget();
  }

  forget(): void {
    this.#evidence = undefined;
    this.#late.fill(0);
  }

  get evidence(): Evidence {
    if (!this.#evidence) {
      const [hang, busy] = [this.#bans(0), this.#bans(2)];
      this.#evidence = busy > hang ? { fault: 'busy', bans: busy } : { fault: 'hang', bans: hang };
    }
    return this.#evidence;
  }

  #bans(faithful: 0 | 2): number {
    const [rest, some, spin] = this.#usual;
    const total = rest + some + spin;
    let bans = 0;
    for (const at of [0, 1, 2] as const) {
      if (this.#late[at] === 0) continue;
      const ill = at === faithful ? FAITHFUL : (1 - FAITHFUL) / 2;
      bans += this.#late[at] * Math.log10(ill / (this.#usual[at] / total));
    }
    return Math.max(-MOST, Math.min(MOST, bans));
  }
}
