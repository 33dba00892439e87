/** Breakers before agents' start commands: what ends at once, again and again, is not started for a while. */
import type { Permit } from '../../healing/breaker/breaker.ts';
import { breakerName } from '../../model/breaker.ts';
import type { Data, Event } from '../../model/event.ts';
import type { World } from '../cell.ts';
import type { Named } from './trials.ts';

/** Whoever has lived for so long did not end at once, ms. */
const SETTLED_MS = 1500;
/** Signals by which programs end themselves; others were sent by somebody. */
const OWN_SIGNALS: ReadonlySet<string> = new Set(
  ['ABRT', 'BUS', 'FPE', 'ILL', 'SEGV', 'SYS', 'TRAP'].map(name => `SIG${name}`),
);

interface Run {
  readonly permit: Permit;
  cancel: () => void;
}

export class StartGuard {
  readonly #world: World;
  readonly #breakers: Named;
  readonly #runs = new Map<string, Run>();

  constructor(world: World, breakers: Named) {
    this.#world = world;
    this.#breakers = breakers;
  }

  /** To be asked right before a start. Why not; undefined when it may, and then what becomes of it is watched. */
  refusal(agent: string): string | undefined {
    const name = breakerName('start', agent);
    const permit = this.#breakers.tryAcquire(name);
    if (permit === 0) return this.#breakers.refusal(name) ?? 'its start is refused';
    this.#runs.get(agent)?.cancel();
    this.#runs.set(agent, { permit, cancel: () => {} });
    return undefined;
  }

  onEvent(event: Event): void {
    switch (event.kind) {
      case 'agent.adopted':
      case 'agent.started': {
        const { agent } = event.data;
        // The last engine let it start as a trial, and did not live to see what became of it.
        if (
          event.kind === 'agent.adopted' &&
          this.#breakers.stateOf(breakerName('start', agent)) !== 'closed'
        )
          this.refusal(agent);
        const run = this.#runs.get(agent);
        if (run) run.cancel = this.#world.after(SETTLED_MS, () => this.#over(agent, 'success'));
        break;
      }
      case 'agent.exited':
        this.#over(event.data.agent, endedByItself(event.data) ? 'failure' : 'ignored');
        break;
      case 'agent.failed':
        this.#over(event.data.agent, 'failure');
        break;
    }
  }

  stop(): void {
    for (const { cancel } of this.#runs.values()) cancel();
  }

  #over(agent: string, outcome: 'success' | 'failure' | 'ignored'): void {
    const run = this.#runs.get(agent);
    if (!run) return;
    this.#runs.delete(agent);
    run.cancel();
    this.#breakers.record(breakerName('start', agent), run.permit, outcome);
  }
}

/** And not well: whoever was ended by others says nothing about its start. */
function endedByItself({ status, signal, wanted }: Data<'agent.exited'>): boolean {
  return !wanted && ((status ?? 0) > 0 || OWN_SIGNALS.has(signal));
}
