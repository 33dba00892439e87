/** One connection on the engine's side: hello first, each request checked, each answered once. */
import type { Socket } from 'node:net';
import * as z from 'zod';
import { errnoOf, HmsError, wordsOf } from '../model/errors.ts';
import { HELLO_WITHIN_MS, MAX_OPEN } from './limits.ts';
import { type Lines, lines } from './lines.ts';
import { Request, type WireError } from './messages.ts';
import type { Peer, RequestOf, RequestTable, ServeOptions } from './server.ts';

/** How long a peer may take to read our last words before the socket is cut, ms. */
const LAST_WORDS_MS = 500;

const LEFT = new Set(['ECONNRESET', 'EPIPE']);

/** A request before its table's schema has looked at what comes with it. */
const Shape = Request.extend({ with: z.record(z.string(), z.unknown()).default({}) });

export class Connection<T extends RequestTable, D> implements Peer<D> {
  readonly id: string;
  readonly data: D;
  #socket: Socket;
  #options: ServeOptions<T, D>;
  #lines: Lines;
  #open = 0;
  #closed = false;
  #ending = false;
  #greeted = false;
  /** Resolves once hello has been answered well; undefined before it came. */
  #hello: Promise<boolean> | undefined;
  #helloTimer: NodeJS.Timeout;
  #onClose: (() => void)[] = [];

  constructor(id: string, socket: Socket, options: ServeOptions<T, D>) {
    this.id = id;
    this.#socket = socket;
    this.#options = options;
    const { maxQueued, helloWithinMs = HELLO_WITHIN_MS } = options;
    this.#lines = lines(socket, {
      onValue: value => void this.#onValue(value),
      onBroken: error => this.#breakOff(error),
      ...(maxQueued === undefined ? {} : { maxQueued }),
    });
    this.#helloTimer = setTimeout(() => {
      this.#breakOff(
        new HmsError('no-hello', `No hello within ${helloWithinMs} ms.`, 'The first request is hello.'),
      );
    }, helloWithinMs);
    socket.on('error', error => {
      // A peer that is killed or leaves without reading everything is nothing to write down.
      if (!LEFT.has(errnoOf(error) ?? '')) this.#options.log(`${id}: ${error.message}`);
    });
    socket.on('close', () => this.#ended());
    this.data = options.onConnect(id);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Has said hello, and was let in. */
  get greeted(): boolean {
    return this.#greeted;
  }

  send(push: object): boolean {
    return !this.#ending && this.#lines.send(push);
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#onClose.push(listener);
  }

  end(reason: string): void {
    this.#end({ push: 'bye', reason });
  }

  #breakOff(error: HmsError): void {
    this.#options.log(`${this.id}: ${error.code}: ${error.message}`);
    this.#end({ push: 'bye', reason: error.message, error: wireError(error) });
  }

  #end(bye: object): void {
    if (this.#ending) return;
    this.send(bye);
    this.#ending = true;
    this.#socket.end();
    const cut = setTimeout(() => this.#socket.destroy(), LAST_WORDS_MS);
    this.onClose(() => clearTimeout(cut));
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ending = true;
    clearTimeout(this.#helloTimer);
    const listeners = this.#onClose;
    this.#onClose = [];
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        this.#options.log(`${this.id}: a close listener failed: ${wordsOf(error)}`, error);
      }
    }
  }

  async #onValue(value: unknown): Promise<void> {
    if (this.#ending) return;
    const parsed = Shape.safeParse(value);
    if (!parsed.success) return this.#refuseShapeless(value, parsed.error);
    const { id, do: name } = parsed.data;
    if (this.#open >= MAX_OPEN) {
      return this.#fail(
        id,
        new HmsError('busy', `${MAX_OPEN} requests of this connection are open.`, 'Wait for answers.'),
      );
    }
    this.#open += 1;
    try {
      const request = this.#check(name, parsed.data.with);
      const result = await (name === 'hello' ? this.#greet(request) : this.#handle(request));
      if (!this.#ending) this.#lines.send({ id, ok: true, result: result ?? {} });
    } catch (error) {
      this.#fail(id, error, name);
      if (name === 'hello' && !this.#greeted) this.end('hello was refused');
    } finally {
      this.#open -= 1;
    }
  }

  async #greet(request: RequestOf<T>): Promise<unknown> {
    if (this.#hello) throw new HmsError('already', 'This connection has said hello already.');
    clearTimeout(this.#helloTimer);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#hello = promise;
    try {
      const result = await this.#options.handle(this, request);
      this.#greeted = true;
      return result;
    } finally {
      // Requests sent right behind hello go on once its answer is on the way.
      setImmediate(resolve, this.#greeted);
    }
  }

  async #handle(request: RequestOf<T>): Promise<unknown> {
    if (!this.#hello) throw new HmsError('hello-first', 'The first request on a connection is hello.');
    if (!(await this.#hello)) throw new HmsError('hello-first', 'hello was refused.');
    return this.#options.handle(this, request);
  }

  #check(name: string, given: unknown): RequestOf<T> {
    const entry = Object.hasOwn(this.#options.table, name) ? this.#options.table[name] : undefined;
    if (!entry)
      throw new HmsError('unknown-request', `There is no request called ${JSON.stringify(name)} here.`);
    const checked = entry.with.safeParse(given);
    if (!checked.success) throw new HmsError('invalid', `${name}: ${issuesOf(checked.error)}`);
    // The schema of `name` has just said so; TypeScript cannot follow a schema picked at run time.
    return { do: name, with: checked.data } as RequestOf<T>;
  }

  /** Not a request. Answered when it has a usable id, else the connection is broken. */
  #refuseShapeless(value: unknown, error: z.ZodError): void {
    const id = z.object({ id: z.int().min(0) }).safeParse(value);
    const refusal = new HmsError(
      'invalid',
      issuesOf(error),
      'A request is {"id": number, "do": name, "with": {…}}.',
    );
    if (id.success) this.#fail(id.data.id, refusal);
    else this.#breakOff(new HmsError('malformed', refusal.message, refusal.hint));
  }

  #fail(id: number, error: unknown, name = ''): void {
    if (!(error instanceof HmsError))
      this.#options.log(`${this.id}: ${name} failed: ${wordsOf(error)}`, error);
    if (!this.#ending) this.#lines.send({ id, ok: false, error: wireError(error) });
  }
}

/** What of an error goes over the wire: never a stack, never the words of an unexpected one. */
function wireError(error: unknown): WireError {
  if (error instanceof HmsError) return { code: error.code, message: error.message, hint: error.hint };
  return {
    code: 'internal',
    message: 'Something went wrong in the engine.',
    hint: 'Its log says what: `hms-tui status` names the log.',
  };
}

/** All issues in words: `with.request: a request id looks like r-3f9c01ab; note: too long`. */
function issuesOf(error: z.ZodError): string {
  const shown = error.issues.slice(0, 20).map(issue => {
    const path = issue.path.map(String).join('.');
    return path ? `${path}: ${issue.message}` : issue.message;
  });
  const more = error.issues.length - shown.length;
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ');
}
