/**
 * Carries messages between agents and people: takes them from whoever a connection's token says it is, keeps them in
 * inboxes, and hands each one out once. Nothing is ever typed into a pane from here.
 */

import { randomUUID } from 'node:crypto';
import type { JournalReader } from '../../journal/types.ts';
import { type Address, isFor, parseAddress, reachesPeople, written } from '../../model/address.ts';
import type { CellHealth } from '../../model/cell.ts';
import { HmsError } from '../../model/errors.ts';
import type { Draft, Event, EventOf } from '../../model/event.ts';
import { MessageId } from '../../model/ids.ts';
import { agentsReached, unread } from '../../model/inbox.ts';
import { plural } from '../../model/text.ts';
import type { Message, MessageSent } from '../../protocol/messages.ts';
import { type Cell, cellActor, healthy, subject, type World } from '../cell.ts';
import { filled, type Limit, type Rate, taken, waitFor } from './rate.ts';

/** Of an agent: thirty at once, then one every two seconds. */
const LIMIT: Limit = { burst: 30, everyMs: 2000 };
/** UTF-8 bytes of one message of an agent. */
const MOST_BYTES = 16_384;
/** Events of messages looked through for a list. */
const LOOKED_THROUGH = 2000;

export interface Outgoing {
  readonly to: string;
  readonly text: string;
  readonly id?: MessageId | undefined;
  readonly reply?: MessageId | undefined;
}

/** Why the policy does not let this agent write to this address, or undefined. */
export type Forbids = (agent: string, to: Address) => string | undefined;

/** Who waits for something unread, by reader: how to wake them. */
export type Waiting = Map<string, Set<() => void>>;

interface Addressed {
  readonly to: Address;
  readonly answered: EventOf<'message.sent'> | undefined;
}

export class Messages implements Cell {
  readonly name = 'messages';
  readonly #world: World;
  readonly #journal: JournalReader;
  readonly #forbids: Forbids;
  readonly #rates = new Map<string, Rate>();
  /** Agents whose flood has been written down and has not ended yet. */
  readonly #flooding = new Set<string>();
  readonly #waiting: Waiting;

  /** @param waiting connections that wait: another cell in this one's place goes on with them */
  constructor(
    world: World,
    journal: JournalReader,
    forbids: Forbids = () => undefined,
    waiting: Waiting = new Map(),
  ) {
    this.#waiting = waiting;
    this.#world = world;
    this.#journal = journal;
    this.#forbids = forbids;
  }

  /**
   * Takes a message of `actor`. The same id again is the same message. Throws HmsError `unknown-address`,
   * `unknown-message`, `message-reused`, `message-too-long`, `too-many-messages`, `forbidden` or `inbox-full`.
   */
  send(actor: Draft['actor'], outgoing: Outgoing): MessageSent {
    const { state } = this.#world;
    const from = `${actor.type}:${actor.id}`;
    const { to, answered } = this.#addressed(from, outgoing);
    const id = outgoing.id ?? newMessageId();
    const before = outgoing.id && this.#find(outgoing.id);
    if (before) return again(before, from, to, outgoing.text);
    if (actor.type === 'agent') {
      this.#allow(actor.id, outgoing.text);
      const why = this.#forbids(actor.id, to);
      if (why !== undefined)
        throw new HmsError(
          'forbidden',
          `${actor.id} may not write to ${written(to)}: ${why}`,
          'ask a person',
        );
    }
    const reached = agentsReached(state, from, to);
    if (reached.length === 0 && !reachesPeople(to)) throw nobody(to);
    this.#world.emit({
      kind: 'message.sent',
      actor,
      subject: to.includes(':') ? to : subject.fleet,
      data: {
        from,
        to,
        text: outgoing.text,
        id,
        ...(outgoing.reply && answered
          ? { reply: outgoing.reply, thread: answered.data.thread ?? outgoing.reply }
          : {}),
      },
    });
    return { id, to };
  }

  /** Whom it would go to. Throws as `send` does. */
  addressOf(actor: Draft['actor'], outgoing: Outgoing): Address {
    return this.#addressed(`${actor.type}:${actor.id}`, outgoing).to;
  }

  #addressed(from: string, { to, reply }: Outgoing): Addressed {
    const answered = reply && this.#mine(reply, from);
    const address = to === '' && answered ? partnerOf(answered, from) : parseAddress(to, this.#world.state);
    return { to: address, answered };
  }

  /** What waits for this reader (`agent:NAME`, `operator:NAME`), oldest first, whole. */
  unread(reader: string, limit: number): readonly Message[] {
    const letters = unread(this.#world.state, reader).slice(0, limit);
    return letters.flatMap(({ seq }) =>
      [...this.#journal.read({ from: seq, to: seq })].filter(isSent).map(e => asMessage(e, true)),
    );
  }

  /** The newest messages from and to this reader, oldest first. */
  list(reader: string, limit: number): readonly Message[] {
    const waits = new Set(unread(this.#world.state, reader).map(letter => letter.seq));
    const found: Message[] = [];
    const events = this.#journal.read({ kinds: ['message.sent'], reverse: true, limit: LOOKED_THROUGH });
    for (const event of events) {
      if (!isSent(event) || !concerns(event, reader)) continue;
      found.push(asMessage(event, waits.has(event.seq)));
      if (found.length >= limit) break;
    }
    return found.reverse();
  }

  /** The reader has been given everything up to `to`. Says so only when that is news. */
  markRead(actor: Draft['actor'], to: number): void {
    const by = `${actor.type}:${actor.id}`;
    const last = unread(this.#world.state, by).findLast(letter => letter.seq <= to);
    if (!last) return;
    this.#world.emit({ kind: 'message.read', actor, subject: by, data: { by, to: last.seq } });
  }

  /** Resolves when something waits for the reader, or its asker has gone. */
  wait(reader: string, gone: AbortSignal): Promise<void> {
    if (gone.aborted || this.unread(reader, 1).length > 0) return Promise.resolve();
    return new Promise(resolve => {
      const waiting = this.#waiting.get(reader) ?? new Set();
      this.#waiting.set(reader, waiting);
      const wake = (): void => {
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(reader);
        gone.removeEventListener('abort', wake);
        resolve();
      };
      waiting.add(wake);
      gone.addEventListener('abort', wake, { once: true });
    });
  }

  onEvent(event: Event): void {
    if (!isSent(event)) return;
    for (const [reader, waiting] of this.#waiting) {
      if (isFor(event.data.to, reader) && event.data.from !== reader) for (const wake of [...waiting]) wake();
    }
  }

  /** In the place of one that failed: what came meanwhile wakes whoever waits for it. */
  takeCharge(): void {
    for (const [reader, waiting] of this.#waiting)
      if (this.unread(reader, 1).length > 0) for (const wake of [...waiting]) wake();
  }

  healthCheck(): CellHealth {
    return healthy(`${plural(this.#waiting.size, 'reader')} waiting`);
  }

  stop(): void {}

  #allow(agent: string, text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes > MOST_BYTES) {
      throw new HmsError(
        'message-too-long',
        `a message has at most ${MOST_BYTES >> 10} KiB, this one has ${Math.ceil(bytes / 1024)}`,
        'write it to a file and send where it is',
      );
    }
    const now = this.#world.now();
    const rate = filled(this.#rates.get(agent), LIMIT, now);
    const wait = waitFor(rate, LIMIT);
    if (wait === 0) {
      this.#rates.set(agent, taken(rate, LIMIT));
      // A flood is over when half of the burst is there again.
      if (rate.credit > (LIMIT.burst * LIMIT.everyMs) / 2) this.#flooding.delete(agent);
      return;
    }
    this.#rates.set(agent, rate);
    if (!this.#flooding.has(agent)) this.#noteFlood(agent);
    throw new HmsError(
      'too-many-messages',
      `${agent} has sent ${LIMIT.burst} messages in a short time`,
      `it may send one every ${LIMIT.everyMs / 1000} s; the next in ${Math.ceil(wait / 1000)} s`,
    );
  }

  #noteFlood(agent: string): void {
    this.#flooding.add(agent);
    const text = `${agent} sends too many messages: the rest of this flood is refused and not written down`;
    this.#world.emit({
      kind: 'engine.noted',
      actor: cellActor(this.name),
      subject: subject.agent(agent),
      data: { level: 'warning', text, detail: { agent, burst: LIMIT.burst, everyMs: LIMIT.everyMs } },
    });
  }

  #find(id: MessageId): EventOf<'message.sent'> | undefined {
    for (const event of this.#journal.read({ kinds: ['message.sent'], text: id })) {
      if (isSent(event) && event.data.id === id) return event;
    }
    return undefined;
  }

  /** A message that `from` has sent or been sent; others are not told apart from those that are not there. */
  #mine(id: MessageId, from: string): EventOf<'message.sent'> {
    const event = this.#find(id);
    if (event && concerns(event, from)) return event;
    throw new HmsError(
      'unknown-message',
      `there is no message ${id}`,
      'hms message list shows those there are',
    );
  }
}

export function newMessageId(): MessageId {
  return MessageId.parse(`m-${randomUUID().replaceAll('-', '').slice(0, 16)}`);
}

function isSent(event: Event): event is EventOf<'message.sent'> {
  return event.kind === 'message.sent';
}

function concerns({ data }: EventOf<'message.sent'>, reader: string): boolean {
  return data.from === reader || isFor(data.to, reader);
}

function asMessage({ seq, time, data }: EventOf<'message.sent'>, unread: boolean): Message {
  const { from, to, text, id, reply, thread } = data;
  return {
    id: id ?? '',
    seq,
    at: time,
    from,
    to,
    text,
    reply: reply ?? '',
    thread: thread ?? id ?? '',
    unread,
  };
}

/** Whom an answer goes to: who wrote it, or whom one wrote to oneself. */
function partnerOf({ data }: EventOf<'message.sent'>, from: string): Address {
  return (data.from === from ? data.to : data.from) as Address;
}

function again(before: EventOf<'message.sent'>, from: string, to: string, text: string): MessageSent {
  const { data } = before;
  if (data.from === from && data.to === to && data.text === text && data.id) return { id: data.id, to };
  throw new HmsError('message-reused', `${data.id} is another message`, 'send it with a new id');
}

function nobody(to: Address): HmsError {
  if (!to.startsWith('agent:')) return new HmsError('nobody', `there is nobody else among ${to}`);
  return new HmsError(
    'inbox-full',
    `the inbox of ${written(to)} is full: it has not read ${plural(100, 'message')}`,
    'wait until it reads them',
  );
}
