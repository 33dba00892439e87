/** Whether an agent has more processes at work for it than it usually has: a build, a test run. */
import { Ewma, type EwmaState } from '../detect/ewma.ts';
import type { ResourceUse } from '../types.ts';

/** How slowly more become usual: a look counts 1/2000, so a build of half an hour stays an exception. */
const ALPHA = 0.0005;

export class Children {
  readonly #usual: Ewma;
  /** What they do and hold is not the agent's own. */
  helping = false;

  constructor(before?: EwmaState) {
    this.#usual = new Ewma(ALPHA, before);
  }

  get usual(): EwmaState {
    return this.#usual.state;
  }

  saw({ children }: ResourceUse): void {
    this.#usual.push(children);
    this.helping = children > this.#usual.mean + 0.5;
  }
}
