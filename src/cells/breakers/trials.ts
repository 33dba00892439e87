/** Calls that others make and tell of later: who may make one, and who has a trial of a half-open breaker. */
import type { Outcome, Permit } from '../../healing/breaker/breaker.ts';
import type { BreakerName, BreakerState } from '../../model/breaker.ts';

/** The breakers, as those who stand behind them use them. */
export interface Named {
  stateOf(name: BreakerName): BreakerState;
  refusal(name: BreakerName): string | undefined;
  tryAcquire(name: BreakerName): Permit;
  record(name: BreakerName, permit: Permit, outcome: Outcome, ms?: number): void;
  observe(name: BreakerName, outcome: Outcome, ms?: number): void;
  /** What is known otherwise says that it works. */
  close(name: BreakerName, why: string): void;
}

export class Trials {
  readonly #breakers: Named;
  /** By breaker and by who makes it. */
  readonly #trials = new Map<BreakerName, Map<string, Permit>>();

  constructor(breakers: Named) {
    this.#breakers = breakers;
  }

  /** Why not; undefined when it may. Half-open, whoever asks first has the trial, and may ask again. */
  refusal(name: BreakerName, who: string): string | undefined {
    if (this.#breakers.stateOf(name) === 'closed' || this.has(name, who)) return undefined;
    const refused = this.#breakers.refusal(name);
    if (refused) return refused;
    const permit = this.#breakers.tryAcquire(name);
    if (permit === 0) return this.#breakers.refusal(name);
    this.#trialsOf(name).set(who, permit);
    return undefined;
  }

  /** It has a trial of which nothing is known yet. */
  has(name: BreakerName, who: string): boolean {
    return this.#trialsOf(name).has(who);
  }

  /** What became of a call: of a trial, where there is one, whoever made the call. */
  report(name: BreakerName, outcome: Outcome, who: string, ms = 0): void {
    const trials = this.#trialsOf(name);
    const whose = trials.has(who) ? who : [...trials.keys()][0];
    const permit = whose === undefined ? undefined : trials.get(whose);
    if (whose !== undefined) trials.delete(whose);
    if (permit === undefined) this.#breakers.observe(name, outcome, ms);
    else this.#breakers.record(name, permit, outcome, ms);
  }

  /** Of this half-open state; those of an earlier one are over. */
  #trialsOf(name: BreakerName): Map<string, Permit> {
    const known = this.#trials.get(name);
    if (known && this.#breakers.stateOf(name) === 'half-open') return known;
    const none = new Map<string, Permit>();
    // A call that becomes the first trial makes it half-open only then.
    if (this.#breakers.stateOf(name) === 'half-open') this.#trials.set(name, none);
    else this.#trials.delete(name);
    return none;
  }
}
