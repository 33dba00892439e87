/** Breakers before recovery strategies: one that helped nobody in several incidents in a row is left out for a while. */
import type { Refusal } from '../../healing/strategy.ts';
import { breakerName } from '../../model/breaker.ts';
import type { Event } from '../../model/event.ts';
import type { StrategyName } from '../../model/healing.ts';
import type { Named, Trials } from './trials.ts';

/** Waiting is what is left when there is nothing to do, and saving goes before what cures. */
const CURE_NOTHING: ReadonlySet<StrategyName> = new Set<StrategyName>(['wait', 'save']);

export class StrategyGuard {
  readonly #breakers: Named;
  readonly #trials: Trials;
  /** What has failed already, by incident: an incident counts once, however often the strategy was tried in it. */
  readonly #failed = new Map<string, Set<StrategyName>>();

  constructor(breakers: Named, trials: Trials) {
    this.#breakers = breakers;
    this.#trials = trials;
  }

  /** It helped nobody lately, or a person has isolated it. */
  refuses(strategy: StrategyName): Refusal | undefined {
    const name = nameOf(strategy);
    if (this.#breakers.stateOf(name) === 'isolated') return 'by hand';
    return this.#breakers.refusal(name) === undefined ? undefined : 'for now';
  }

  onEvent(event: Event): void {
    switch (event.kind) {
      case 'recovery.attempted':
        // Half-open, this is the trial.
        this.#trials.refusal(nameOf(event.data.strategy), event.data.incident);
        break;
      case 'recovery.verified':
        this.#trials.report(nameOf(event.data.strategy), 'success', event.data.incident);
        break;
      case 'recovery.failed': {
        const { incident, strategy, result } = event.data;
        const failed = this.#failed.get(incident) ?? new Set();
        // What could not be done says nothing of what it does.
        const counts = result === 'failed' && !CURE_NOTHING.has(strategy) && !failed.has(strategy);
        this.#failed.set(incident, failed.add(strategy));
        this.#trials.report(nameOf(strategy), counts ? 'failure' : 'ignored', incident);
        break;
      }
      case 'incident.closed':
        this.#failed.delete(event.data.incident);
        break;
    }
  }
}

const nameOf = (strategy: StrategyName) => breakerName('strategy', strategy);
