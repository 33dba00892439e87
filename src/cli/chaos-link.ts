/**
 * The runner's connection to the engine that is there now: state and events come in, words for the journal go out. An
 * engine may die meanwhile, by the experiment itself: the link comes back to the next one, and nothing told is lost.
 */
import { setTimeout } from 'node:timers/promises';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import type { OperatorId } from '../model/ids.ts';
import type { Mode } from '../model/mode.ts';
import { reduce } from '../model/reduce.ts';
import type { Reading } from '../model/resources.ts';
import { EMPTY, type FleetState } from '../model/state.ts';
import { type Client, connectOperator, type OperatorTable } from '../protocol/client.ts';
import { PROTOCOL } from '../protocol/limits.ts';
import type { ChaosTold, OperatorInput, ProbeReadings, Welcome } from '../protocol/messages.ts';
import { Outbox } from './outbox.ts';

/** Between two tries to reach an engine, ms. */
const RETRY_MS = 100;
/** For an answer; one that hangs is asked again, ms. */
const ANSWER_MS = 2000;
/** Events looked through after a reconnect for what was missed. */
const TAIL = 500;

interface LinkGiven {
  readonly socket: string;
  readonly as?: string | undefined;
  readonly mode?: Mode | undefined;
}

/**
 * What to add to our clock for the engine's, ms. It said `said` between `asked` and `answered` of ours, so what lies
 * between them is no difference: on one machine there is none, unless its clock was set.
 */
export function clockOffset(asked: number, said: number, answered: number): number {
  return said < asked ? said - asked : Math.max(0, said - answered);
}

export class ChaosLink {
  readonly #given: LinkGiven;
  readonly #listeners = new Set<(event: Event) => void>();
  #client: Client<OperatorTable> | undefined;
  #state: FleetState = EMPTY;
  #reading: Reading | undefined;
  #welcome: Welcome | undefined;
  #offset = 0;
  #closed = false;
  /** Refused for good: not told again. */
  readonly refused: string[] = [];
  readonly #outbox = new Outbox<ChaosTold>({
    send: told => this.#client?.request('chaos.tell', told, { deadlineMs: ANSWER_MS }),
    onRefused: ({ kind }, error) => void this.refused.push(`${kind}: ${wordsOf(error)}`),
  });

  constructor(given: LinkGiven) {
    this.#given = given;
  }

  /** The first connection. Rejects with HmsError; later ones are tried without end. */
  async begin(): Promise<Welcome> {
    return this.#connect();
  }

  get state(): FleetState {
    return this.#state;
  }

  get reading(): Reading | undefined {
    return this.#reading;
  }

  get welcome(): Welcome {
    if (!this.#welcome) throw new HmsError('internal', 'the link has not begun');
    return this.#welcome;
  }

  /** ms since the epoch, as the engine counts: a runner's times are read beside its events. */
  now(): number {
    return Math.round(Date.now() + this.#offset);
  }

  /** Returns how to stop listening. */
  onEvent(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The engine of now. Throws HmsError `gone` while there is none. */
  client(): Client<OperatorTable> {
    if (this.#client && !this.#client.closed) return this.#client;
    throw new HmsError('gone', 'the engine is not there just now', 'it comes back by itself');
  }

  /** Resolves when it holds of the state; rejects when `signal` ends the wait. */
  async until(holds: (state: FleetState) => boolean, signal: AbortSignal): Promise<void> {
    while (!holds(this.#state)) await setTimeout(50, undefined, { signal });
  }

  /** Arrives once and in order, whatever dies in between: the engine passes over what it has heard before. */
  tell(told: ChaosTold): void {
    this.#outbox.put(told);
  }

  /** For consoles that look now; lost when none can. */
  measure(readings: ProbeReadings): void {
    const given = readings as OperatorInput<'chaos.measure'>;
    this.#client?.request('chaos.measure', given, { deadlineMs: ANSWER_MS }).catch(() => {});
  }

  /** Resolves when everything told has arrived, or `ms` have passed; whether it has. */
  flush(ms: number): Promise<boolean> {
    return this.#outbox.flush(ms);
  }

  close(): void {
    this.#closed = true;
    this.#client?.close();
  }

  async #connect(): Promise<Welcome> {
    const { socket, as, mode } = this.#given;
    const client = await connectOperator(socket, { deadlineMs: ANSWER_MS });
    const early: Event[] = [];
    let tell = (event: Event): void => void early.push(event);
    client.onPush(push => {
      if (push.push === 'event') tell(push.event);
      else if (push.push === 'resources') this.#reading = push.reading;
    });
    try {
      const asked = Date.now();
      const welcome = await client.request('hello', {
        protocol: PROTOCOL,
        client: 'chaos',
        follow: true,
        tail: TAIL,
        ...(as === undefined ? {} : { as: as as OperatorId }),
        ...(mode === undefined ? {} : { mode }),
      });
      const before = this.#state.seq;
      this.#welcome = welcome;
      this.#offset = clockOffset(asked, welcome.now, Date.now());
      this.#state = welcome.state;
      if (before > 0) for (const event of welcome.tail) if (event.seq > before) this.#hear(event);
      tell = event => {
        this.#state = reduce(this.#state, event);
        this.#hear(event);
      };
      early.splice(0).forEach(tell);
      this.#client = client;
      client.onClose(() => void this.#again());
      this.#outbox.wake();
      return welcome;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  #hear(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }

  async #again(): Promise<void> {
    this.#client = undefined;
    while (!this.#closed) {
      try {
        await this.#connect();
        return;
      } catch {
        await setTimeout(RETRY_MS);
      }
    }
  }
}
