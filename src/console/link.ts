/** The connection to the engine, kept: greets, passes events on in batches, and comes back when the engine does. */
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import type { Mode } from '../model/mode.ts';
import type { Client, OperatorTable } from '../protocol/client.ts';
import { PROTOCOL } from '../protocol/limits.ts';
import type { OperatorInput } from '../protocol/messages.ts';
import type { Happening, Send } from './effects.ts';
import { TAIL_KEPT } from './state.ts';

/** First and longest wait before the next attempt, ms. */
const RETRY = { first: 50, most: 1000 } as const;

/** How long the engine may take to confirm a freeze before it is done without it, ms. */
const BRAKE_MS = 2500;

/** Refusals that no waiting mends. */
const FINAL: readonly string[] = ['unknown-operator', 'not-allowed', 'protocol', 'invalid'];

export interface LinkOptions {
  connect(): Promise<Client<OperatorTable>>;
  readonly as: string | undefined;
  /** The mode to ask for now. */
  wanted(): Mode | undefined;
  now(): number;
  after(ms: number, run: () => void): () => void;
  /** Calls back before the next I/O, so that what came in one read is one batch. */
  soon(run: () => void): void;
  act(happening: Happening): void;
}

export interface Link {
  /** Rejects when the engine refuses this operator for good; never resolves. */
  readonly refused: Promise<never>;
  send(send: Send): void;
  close(): void;
}

export function keepLinked(options: LinkOptions): Link {
  const { act, now } = options;
  let client: Client<OperatorTable> | undefined;
  let closed = false;
  let cancel: (() => void) | undefined;
  const refusal = Promise.withResolvers<never>();

  async function attempt(wait: number, welcomed: boolean): Promise<void> {
    let greeted = false;
    try {
      const next = await options.connect();
      if (closed) return next.close();
      const batch = batching(options, () => greeted);
      next.onPush(push => {
        if (push.push === 'event') batch.add(push.event);
        else if (push.push === 'ring') act({ type: 'rang', ringing: push.ringing, at: now() });
        else if (push.push === 'breakers') act({ type: 'counted', breakers: push.breakers, at: now() });
        else if (push.push === 'probes') act({ type: 'probed', readings: push.readings, at: now() });
        else if (push.push === 'resources')
          act({ type: 'measured', reading: push.reading, history: push.history, at: now() });
      });
      const mode = options.wanted();
      const hello: OperatorInput<'hello'> = {
        protocol: PROTOCOL,
        client: 'console',
        follow: true,
        tail: TAIL_KEPT / 4,
        ...(mode ? { mode } : {}),
        ...(options.as === undefined ? {} : { as: options.as }),
      };
      const welcome = await next.request('hello', hello);
      client = next;
      act({ type: 'welcomed', welcome, at: now() });
      greeted = true;
      batch.flush();
      next.onClose(error => {
        client = undefined;
        if (closed) return;
        act({ type: 'lost', reason: error.message, at: now() });
        again(RETRY.first, true);
      });
    } catch (error) {
      if (closed) return;
      if (!welcomed && error instanceof HmsError && FINAL.includes(error.code)) return refusal.reject(error);
      act({ type: 'lost', reason: wordsOf(error), at: now() });
      again(Math.min(wait * 2, RETRY.most), welcomed);
    }
  }

  function again(wait: number, welcomed: boolean): void {
    cancel = options.after(wait, () => void attempt(wait, welcomed));
  }

  void attempt(RETRY.first, false);

  return {
    refused: refusal.promise,
    send(send) {
      const refused = (error: unknown): void => {
        const code = error instanceof HmsError ? error.code : 'internal';
        const hint = error instanceof HmsError && error.hint ? ` · ${error.hint}` : '';
        act({ type: 'refused', send, code, words: `${wordsOf(error)}${hint}`, at: now() });
      };
      if (!client) return refused(new HmsError('gone', 'the engine is not connected'));
      if (send.request === 'journal.read') {
        client
          .request('journal.read', send.with)
          .then(page => act({ type: 'read', with: send.with, page, at: now() }), refused);
        return;
      }
      // The brake does not wait for an engine that hangs.
      const patience = send.request === 'fleet.freeze' ? { deadlineMs: BRAKE_MS } : {};
      client
        .request(send.request, send.with, patience)
        .then(result => act({ type: 'answered', send, result, at: now() }), refused);
    },
    close() {
      closed = true;
      cancel?.();
      client?.close();
    },
  };
}

/** Events gathered until everything of this turn has come, then folded at once. */
function batching({ act, now, soon }: LinkOptions, ready: () => boolean) {
  let waiting: Event[] = [];
  let planned = false;
  const flush = (): void => {
    planned = false;
    if (!ready() || waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    act({ type: 'events', events, at: now() });
  };
  return {
    add(event: Event): void {
      waiting.push(event);
      if (planned) return;
      planned = true;
      soon(flush);
    },
    flush,
  };
}
