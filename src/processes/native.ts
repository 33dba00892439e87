/**
 * One life of the native helper, `hms-native serve`, as a child of ours: requests with deadlines, pushes, and a clear
 * end. What it says is checked: it is built apart from us. Its pipe is the lease: when we end, it takes back what it did.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type * as z from 'zod';
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import { whenLate } from '../protocol/deadline.ts';
import { MAX_LINE } from '../protocol/limits.ts';
import { parse, splitter } from '../protocol/lines.ts';
import { NATIVE_PROTOCOL, NATIVE_REQUESTS, NativeError, type NativeRequest } from '../protocol/native.ts';
import { NativePushLine } from '../protocol/native-lines.ts';

type NativeGiven<R extends NativeRequest> = z.input<(typeof NATIVE_REQUESTS)[R]['with']>;
export type NativeResult<R extends NativeRequest> = z.infer<(typeof NATIVE_REQUESTS)[R]['result']>;
export type NativePush = z.infer<typeof NativePushLine>;

export interface Native {
  readonly pid: number;
  /** What it said to our hello: its version, and what this machine can do. */
  readonly welcome: NativeResult<'hello'>;
  readonly closed: boolean;
  /**
   * Rejects with the helper's own HmsError; `no-answer` after the deadline (ms, default 500); `native-gone` when it ended
   * first; `native-malformed` when the answer is not what the contract says; `too-large` when it does not fit a line.
   */
  request<R extends NativeRequest>(
    name: R,
    given: NativeGiven<R>,
    options?: { readonly deadlineMs?: number },
  ): Promise<NativeResult<R>>;
  /** Returns how to stop listening. */
  onPush(listener: (push: NativePush) => void): () => void;
  /** Called once, with why; at once when it has ended already. */
  onClose(listener: (error: HmsError) => void): void;
  /** Closes the pipe, and kills it when it does not end on that. */
  close(): void;
}

interface NativeOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** What it says on its standard error, a line each, neutralised. */
  readonly log?: (line: string) => void;
  readonly deadlineMs?: number;
}

type Table = {
  readonly [R in NativeRequest]: { readonly result: z.ZodType<NativeResult<R>> };
};
const TABLE: Table = NATIVE_REQUESTS;

const DEADLINE_MS = 500;
/** From its start to its answer to hello, ms: a cold disk, a loaded machine. */
const START_MS = 5000;
/** Time to take everything back once the pipe is closed, ms. */
const END_MS = 2000;

/** Starts it and says hello. Rejects with HmsError `no-native` when it cannot be run, and as `request`. */
export async function openNative(program: string, options: NativeOptions = {}): Promise<Native> {
  const { env = process.env, log = () => {}, deadlineMs: usual = DEADLINE_MS } = options;
  const child = spawn(program, ['serve'], {
    // Nothing of ours is its business: no token, no agent's name.
    env: { PATH: env['PATH'], LC_ALL: 'C.UTF-8' },
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
    // A session of its own: what is sent to our terminal's group is not for it.
    detached: true,
  });
  const life = new Life(child, usual);
  tellErrors(child.stderr, log);
  const started = await new Promise<HmsError | undefined>(resolve => {
    child.once('spawn', () => resolve(undefined));
    child.once('error', cause => {
      const words = `${program} cannot be run: ${cause.message}`;
      resolve(new HmsError('no-native', words, 'hms doctor', { cause }));
    });
  });
  if (started) throw started;
  try {
    const hello = { protocol: NATIVE_PROTOCOL, client: 'hms-tui' };
    life.welcome = await life.request('hello', hello, { deadlineMs: START_MS });
    return life;
  } catch (error) {
    life.close();
    throw error;
  }
}

/** What came back to a request, before its result was looked at. */
type Said = { readonly result: unknown } | HmsError;

class Life implements Native {
  welcome: NativeResult<'hello'> = { protocol: 0, version: '', os: '', arch: '', capabilities: [] };
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #usual: number;
  readonly #waiting = new Map<number, (said: Said) => void>();
  readonly #pushing = new Set<(push: NativePush) => void>();
  readonly #closing = new Set<(error: HmsError) => void>();
  #ended: HmsError | undefined;
  #last = 0;

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, usual: number) {
    this.#child = child;
    this.#usual = usual;
    const split = splitter(MAX_LINE);
    child.stdout.on('data', (chunk: Buffer) => {
      for (const line of split(chunk)) {
        if (this.#ended) return;
        const value = line instanceof HmsError ? line : parse(line, true);
        if (value instanceof HmsError) this.#break(value.message);
        else this.#take(value);
      }
    });
    // It may end while we write; `exit` says so.
    child.stdin.on('error', () => {});
    child.on('error', error => this.#end(`it cannot be run: ${error.message}`));
    child.on('exit', (code, signal) => this.#end(signal ? `ended by ${signal}` : `exit code ${code}`));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get closed(): boolean {
    return this.#ended !== undefined;
  }

  request<R extends NativeRequest>(
    name: R,
    given: NativeGiven<R>,
    { deadlineMs = this.#usual }: { readonly deadlineMs?: number } = {},
  ): Promise<NativeResult<R>> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#last += 1;
    const id = this.#last;
    const line = `${JSON.stringify({ id, do: name, with: given })}\n`;
    if (Buffer.byteLength(line) > MAX_LINE)
      return Promise.reject(
        new HmsError('too-large', `${name} does not fit a line.`, 'Ask for less at once.'),
      );
    return new Promise((resolve, reject) => {
      const cancel = whenLate(deadlineMs, () => {
        this.#waiting.delete(id);
        reject(
          new HmsError('no-answer', `The native helper did not answer ${name} within ${deadlineMs} ms.`),
        );
      });
      const settle = (answer: Said): void => {
        cancel();
        if (answer instanceof HmsError) {
          reject(answer);
          return;
        }
        const read = TABLE[name].result.safeParse(answer.result);
        if (read.success) {
          resolve(read.data);
          return;
        }
        const words = `The native helper's answer to ${name} is not what was agreed: ${oneLine(read.error.message, 200)}`;
        reject(new HmsError('native-malformed', words, 'Build both from one version: npm run setup'));
      };
      this.#waiting.set(id, settle);
      this.#child.stdin.write(line);
    });
  }

  onPush(listener: (push: NativePush) => void): () => void {
    this.#pushing.add(listener);
    return () => void this.#pushing.delete(listener);
  }

  onClose(listener: (error: HmsError) => void): void {
    if (this.#ended) listener(this.#ended);
    else this.#closing.add(listener);
  }

  close(): void {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    this.#child.once('exit', () => clearTimeout(timer));
    this.#end('it was closed');
    // The end of this process waits for the timer at most: what hangs must not be left behind.
    this.#child.unref();
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.destroy();
  }

  #take(value: unknown): void {
    const push = NativePushLine.safeParse(value);
    if (push.success) {
      for (const listener of this.#pushing) listener(push.data);
      return;
    }
    const answer = readAnswer(value);
    if (!answer) {
      this.#break('a line is neither an answer nor a push');
      return;
    }
    const settle = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    // Of one that was given up nobody wants the answer.
    settle?.(answer.said);
  }

  /** It does not keep the contract: it may not keep its others either. */
  #break(why: string): void {
    this.#child.kill('SIGKILL');
    this.#end(why);
  }

  #end(why: string): void {
    if (this.#ended) return;
    this.#ended = new HmsError('native-gone', `The native helper is gone: ${why}.`, 'hms doctor');
    for (const settle of this.#waiting.values()) settle(this.#ended);
    this.#waiting.clear();
    for (const listener of this.#closing) listener(this.#ended);
  }
}

function readAnswer(value: unknown): { readonly id: number; readonly said: Said } | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'number')
    return undefined;
  if ('result' in value) return { id: value.id, said: { result: value.result } };
  const error = NativeError.safeParse('error' in value ? value.error : undefined);
  if (!error.success) return undefined;
  const { code, message, remedy } = error.data;
  return { id: value.id, said: new HmsError(code, message, remedy) };
}

function tellErrors(stream: Readable, log: (line: string) => void): void {
  const split = splitter(MAX_LINE);
  stream.on('data', (chunk: Buffer) => {
    for (const line of split(chunk))
      if (!(line instanceof HmsError)) log(oneLine(line.toString('utf8'), 400));
  });
}
