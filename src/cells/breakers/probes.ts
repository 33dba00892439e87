/** Breakers before probes: one whose own means is broken says nothing of its agent, and is not asked for a while. */
import { breakerName } from '../../model/breaker.ts';
import type { Trials } from './trials.ts';

/** What a look at an agent came to. */
interface Looked {
  readonly ok: boolean;
  /** It could not be looked at all: its command is not there. */
  readonly broken?: boolean;
  /** A command of its own did not end in time. */
  readonly late?: boolean;
}

export class ProbeGuard {
  readonly #trials: Trials;
  /** Those that have ended in time: from then on it is the agent that keeps them waiting. */
  readonly #works = new Set<string>();

  constructor(trials: Trials) {
    this.#trials = trials;
  }

  mayLook(agent: string, probe: string): boolean {
    return this.#trials.refusal(nameOf(agent, probe), agent) === undefined;
  }

  /** Whether what was seen says something of the agent. */
  tells(agent: string, probe: string, { broken = false, late = false }: Looked): boolean {
    const name = nameOf(agent, probe);
    const works = !broken && (!late || this.#works.has(name));
    if (works) this.#works.add(name);
    this.#trials.report(name, works ? 'success' : 'failure', agent);
    return works;
  }
}

const nameOf = (agent: string, probe: string) => breakerName('probe', `${agent}/${probe}`);
