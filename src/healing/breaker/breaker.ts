/**
 * A circuit breaker (Nygard, *Release It!*; states and names as in resilience4j and Polly v8): synchronous, no timers,
 * no clock of its own. Every method takes `now` in ms of one clock that does not go backwards.
 *
 *     closed ──threshold──▶ open ──wait over──▶ half-open ──trials well──▶ closed
 *                            ▲                     │
 *                            └──a trial too many───┘          isolated: by hand only, in and out
 */
import type { BreakerState } from '../../model/breaker.ts';
import type { BreakerOptions } from '../../model/breaker-options.ts';
import { type OutcomeWindow, outcomeWindow, type Tally, type TripCause, tripCause } from './window.ts';

export type { BreakerState };

/** `ignored`: says nothing about what the breaker guards (the caller's own mistake); gives its trial back. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** Leave to make one call, to be given back with its outcome; 0 is a refusal. */
export type Permit = number;

export type TransitionCause =
  | TripCause
  | { readonly because: 'wait over' | 'trial failed' | 'trials succeeded' | 'trials unanswered' | 'by hand' };

export interface Transition {
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly at: number;
  readonly cause: TransitionCause;
}

/** What is shown, journalled and given to `restore`. */
export interface BreakerSnapshot {
  readonly state: BreakerState;
  /** Until a trial is let through, ms; 0 in every other state than open. */
  readonly waitLeft: number;
  /** How often it opened since it was last closed. */
  readonly openings: number;
  readonly tally: Tally;
}

/** Keeps the multiplier finite: beyond this the longest wait is reached whatever the options. */
const MOST_DOUBLINGS = 100;

const NOTHING: Tally = { calls: 0, failed: 0, slow: 0 };

export class Breaker {
  readonly options: BreakerOptions;
  /** Whether `now` and durations matter to it while it is closed: reading a clock costs more than the rest. */
  readonly timed: boolean;
  readonly #told: ((change: Transition) => void) | undefined;
  readonly #window: OutcomeWindow;
  readonly #slowFrom: number;
  #state: BreakerState = 'closed';
  /** Names the stay in the present state: an answer to a call from an earlier stay tells nothing about this one. */
  #stay: Permit = 1;
  #openings = 0;
  /** When open ends, or when half-open has waited long enough, ms. */
  #until = 0;
  #granted = 0;
  #trials: Tally = NOTHING;

  /** @param told hears of every change of state, at once and in order */
  constructor(options: BreakerOptions, told?: (change: Transition) => void) {
    this.options = options;
    this.timed = options.kind === 'time' || options.slowCallDurationThreshold !== undefined;
    this.#told = told;
    this.#window = outcomeWindow(options);
    this.#slowFrom = options.slowCallDurationThreshold ?? Number.POSITIVE_INFINITY;
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** The state at `now`; an open breaker whose wait is over becomes half-open when it is next asked for a call. */
  get state(): BreakerState {
    return this.#state;
  }

  /** Whether a call would be refused; asking changes nothing. */
  refuses(now: number): boolean {
    if (this.#state === 'closed') return false;
    if (this.#state === 'isolated') return true;
    if (now >= this.#until) return this.#state === 'half-open';
    return this.#state === 'open' || this.#granted >= this.options.permittedNumberOfCallsInHalfOpenState;
  }

  /** Leave for one call, or 0. Every permit is given back by `record`, also when the call threw. */
  tryAcquire(now: number): Permit {
    return this.#state === 'closed' ? this.#stay : this.#tryTrial(now);
  }

  /** What became of a call. Answers to permits of an earlier state are passed over. `duration` in ms. */
  record(permit: Permit, outcome: Outcome, duration: number, now: number): void {
    if (permit !== this.#stay) return;
    if (this.#state === 'half-open') this.#recordTrial(outcome, duration >= this.#slowFrom, now);
    else if (this.#state === 'closed' && outcome !== 'ignored') {
      const cause = this.#window.add(outcome === 'failure', duration >= this.#slowFrom, now);
      if (cause) this.#open(cause, now);
    }
  }

  /** By hand: refuse calls as if it had tripped, for `wait` ms where it is given; also of one that is open already. */
  open(now: number, wait?: number): void {
    if (this.#state !== 'open' || wait !== undefined) this.#open({ because: 'by hand' }, now, wait);
  }

  /** By hand: let calls through and forget what was. Ends an isolation. */
  close(now: number): void {
    if (this.#state !== 'closed') this.#close({ because: 'by hand' }, now);
  }

  /** By hand: refuse every call until `close` or `open` (Polly's Isolated). */
  isolate(now: number): void {
    if (this.#state !== 'isolated') this.#enter('isolated', { because: 'by hand' }, now);
  }

  snapshot(now: number): BreakerSnapshot {
    return {
      state: this.#state,
      waitLeft: this.#state === 'open' ? Math.max(0, this.#until - now) : 0,
      openings: this.#openings,
      tally: this.#state === 'half-open' ? this.#trials : this.#window.tally(now),
    };
  }

  /**
   * Takes up where a snapshot left off, without telling of a change: for after a restart. The calls of the window are
   * not kept; half-open comes back as open with no wait left, since its trials died with the process that made them.
   */
  restore(from: Pick<BreakerSnapshot, 'state' | 'waitLeft' | 'openings'>, now: number): void {
    this.#stay += 1;
    this.#window.clear();
    this.#state = from.state === 'half-open' ? 'open' : from.state;
    this.#openings = from.openings;
    this.#until = now + (from.state === 'open' ? from.waitLeft : 0);
  }

  /** How long the breaker stays open the `opening`-th time in a row, ms. */
  waitOf(opening: number): number {
    const { waitDurationInOpenState: wait, exponentialMaxWaitDurationInOpenState: most } = this.options;
    const times = this.options.exponentialBackoffMultiplier ** Math.min(opening - 1, MOST_DOUBLINGS);
    return Math.max(wait, Math.min(most, wait * times));
  }

  #tryTrial(now: number): Permit {
    if (this.#state === 'isolated') return 0;
    if (this.#state === 'half-open' && now >= this.#until) {
      this.#open({ because: 'trials unanswered' }, now);
    } else if (this.#state === 'open' && now >= this.#until) {
      this.#granted = 0;
      this.#trials = NOTHING;
      this.#until = now + this.options.maxWaitDurationInHalfOpenState;
      // Whoever is told may ask at once.
      this.#enter('half-open', { because: 'wait over' }, now);
    }
    if (this.#state !== 'half-open') return 0;
    if (this.#granted >= this.options.permittedNumberOfCallsInHalfOpenState) return 0;
    this.#granted += 1;
    return this.#stay;
  }

  #recordTrial(outcome: Outcome, slow: boolean, now: number): void {
    if (outcome === 'ignored') {
      this.#granted -= 1;
      return;
    }
    const failed = outcome === 'failure';
    const { calls, failed: failures, slow: slows } = this.#trials;
    this.#trials = { calls: calls + 1, failed: failures + (failed ? 1 : 0), slow: slows + (slow ? 1 : 0) };
    const permitted = this.options.permittedNumberOfCallsInHalfOpenState;
    const cause = this.#trialCause(failed || slow, permitted);
    if (cause) this.#open(cause, now);
    else if (this.#trials.calls >= permitted) this.#close({ because: 'trials succeeded' }, now);
  }

  /** Opens as soon as the trials that remain could no longer bring the share below its threshold. */
  #trialCause(bad: boolean, permitted: number): TransitionCause | undefined {
    if (this.options.kind !== 'consecutive') return tripCause(this.options, this.#trials, permitted);
    return bad ? { because: 'trial failed' } : undefined;
  }

  #open(cause: TransitionCause, now: number, wait?: number): void {
    this.#openings += 1;
    this.#until = now + (wait ?? this.waitOf(this.#openings));
    this.#enter('open', cause, now);
  }

  #close(cause: TransitionCause, now: number): void {
    this.#openings = 0;
    this.#window.clear();
    this.#enter('closed', cause, now);
  }

  #enter(to: BreakerState, cause: TransitionCause, at: number): void {
    const from = this.#state;
    this.#state = to;
    this.#stay += 1;
    this.#told?.({ from, to, at, cause });
  }
}
