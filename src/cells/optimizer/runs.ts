/** The process that evolves, as long as there is one: what it says, how far it is, and that it ends in its time. */
import type { Job, Said } from '../../healing/evolve/worker.ts';
import { wordsOf } from '../../model/errors.ts';
import type { EvolutionLook } from '../../protocol/messages.ts';
import { cellActor, subject, type World } from '../cell.ts';

/** A worker that takes so much longer than its time hangs, ms. */
const GRACE_MS = 20_000;

export const ABOUT = { actor: cellActor('optimizer'), subject: subject.fleet };

export type Order = Pick<Job, 'incumbent' | 'steps' | 'capMs' | 'challenger' | 'seed' | 'nice'>;

export interface Worker {
  readonly pid: number;
  end(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Starts the process; `onEnd` is called once, when it has gone. */
export type Work = (order: Order, onSaid: (said: Said) => void, onEnd: (words: string) => void) => Worker;

interface Running {
  readonly run: number;
  readonly began: number;
  /** Who asked for it; '' for nobody. */
  readonly by: string;
  readonly worker: Worker;
  /** Generations done, and wanted; 0 for as many as there is time for. */
  steps: number;
  readonly of: number;
  judged: number;
  /** What is to be written down of it; undefined until it says so. */
  ended: Extract<Said, { said: 'ended' }> | undefined;
  failed: string;
}

/** What is left of a run. `how` is why it ended when it has not said so. */
export type Ended = Omit<Running, 'worker' | 'of' | 'judged' | 'failed'> & { readonly how: string };

export class Runs {
  readonly #world: World;
  readonly #work: Work;
  readonly #onEnded: (ended: Ended) => void;
  #running: Running | undefined;
  #cancelCap = (): void => {};
  #stopped = false;

  constructor(world: World, work: Work, onEnded: (ended: Ended) => void) {
    this.#world = world;
    this.#work = work;
    this.#onEnded = onEnded;
  }

  /** Who asked for the one that is at work, '' for nobody; undefined when none is. */
  get by(): string | undefined {
    return this.#running?.by;
  }

  look(): EvolutionLook['running'] {
    if (!this.#running) return null;
    const { run, by, began, steps, of, judged, worker } = this.#running;
    return { run, pid: worker.pid, by, began, steps, of, judged };
  }

  /** Not while one is at work. Throws what keeps a process from being started. */
  start(run: number, by: string, of: number, order: Order): void {
    const worker = this.#work(
      order,
      said => this.#safely(() => this.#said(run, said)),
      how => this.#safely(() => this.#gone(run, how)),
    );
    const began = this.#world.now();
    this.#running = { run, began, by, worker, steps: 0, of, judged: 0, ended: undefined, failed: '' };
    this.#cancelCap = this.#world.after(order.capMs + GRACE_MS, () => worker.end('SIGKILL'));
  }

  /** It ends after what it is at; what was done is kept. */
  end(run = this.#running?.run): void {
    if (this.#running?.run === run) this.#running?.worker.end('SIGTERM');
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelCap();
    this.#running?.worker.end('SIGKILL');
  }

  /** Agents are not to lose their engine over what cannot be written down. */
  #safely(heard: () => void): void {
    try {
      if (!this.#stopped) heard();
    } catch (error) {
      this.#world.log(`evolution: ${wordsOf(error)}`);
    }
  }

  #said(run: number, said: Said): void {
    const running = this.#running;
    if (running?.run !== run) return;
    switch (said.said) {
      case 'judged':
        running.judged = said.judged;
        break;
      case 'stepped': {
        const { said: _said, ...data } = said;
        running.steps += 1;
        running.judged = 0;
        this.#world.emit({ kind: 'evolution.stepped', ...ABOUT, data });
        break;
      }
      case 'ended':
        running.ended = said;
        break;
      case 'failed':
        running.failed = said.words;
        break;
    }
  }

  #gone(run: number, words: string): void {
    const running = this.#running;
    if (running?.run !== run) return;
    this.#running = undefined;
    this.#cancelCap();
    const { began, by, steps, ended, failed } = running;
    this.#onEnded({ run, began, by, steps, ended, how: failed || words });
  }
}
