/** Who is told of durable events: each first what it has missed, read from the file, then every new one. */
import type { Event } from '../model/event.ts';

/** Missed events told in one turn of the loop. */
const PAGE = 256;

type Listener = (event: Event) => void;
type Read = (from: number, limit: number) => Iterable<Event>;

interface Subscriber {
  /** Seq of the last event told. */
  cursor: number;
  readonly listener: Listener;
}

export class Subscribers {
  readonly #read: Read;
  /** Behind: catching up, page by page. */
  readonly #behind = new Set<Subscriber>();
  /** Have been told everything that is durable. */
  readonly #current = new Set<Subscriber>();
  #head: number;

  /** `read` gives durable events from a seq on; `head` is the last durable seq. */
  constructor(read: Read, head: number) {
    this.#read = read;
    this.#head = head;
  }

  /** Tells `listener` every event after `cursor`, in order, never within this call. Returns what ends it. */
  add(cursor: number, listener: Listener): () => void {
    const subscriber = { cursor, listener };
    if (cursor >= this.#head) {
      this.#current.add(subscriber);
    } else {
      this.#behind.add(subscriber);
      setImmediate(() => this.#catchUp(subscriber));
    }
    return () => {
      this.#behind.delete(subscriber);
      this.#current.delete(subscriber);
    };
  }

  /** Tells events that have just become durable; they follow those told before. */
  tell(events: readonly Event[]): void {
    this.#head = events.at(-1)?.seq ?? this.#head;
    for (const subscriber of [...this.#current]) {
      for (const event of events) {
        if (!this.#current.has(subscriber)) break;
        this.#give(subscriber, event);
      }
    }
  }

  close(): void {
    this.#behind.clear();
    this.#current.clear();
  }

  #catchUp(subscriber: Subscriber): void {
    // Ended since it was asked for; the file may be closed by now.
    if (!this.#behind.has(subscriber)) return;
    for (const event of this.#read(subscriber.cursor + 1, PAGE)) {
      if (!this.#behind.has(subscriber)) return;
      this.#give(subscriber, event);
    }
    if (!this.#behind.has(subscriber)) return;
    if (subscriber.cursor < this.#head) {
      setImmediate(() => this.#catchUp(subscriber));
    } else {
      this.#behind.delete(subscriber);
      this.#current.add(subscriber);
    }
  }

  #give(subscriber: Subscriber, event: Event): void {
    if (event.seq <= subscriber.cursor) return;
    subscriber.cursor = event.seq;
    try {
      subscriber.listener(event);
    } catch (error) {
      // One listener's fault keeps nobody else from the event; it surfaces as an uncaught exception of its own.
      setImmediate(() => {
        throw error;
      });
    }
  }
}
