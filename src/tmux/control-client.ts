/**
 * One control-mode connection to a tmux server (`tmux -C attach`, pipes for a terminal). Commands go in one a line
 * and are answered in order; what happens in the session comes out between the answers.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { HmsError } from '../model/errors.ts';
import { whenLate } from '../protocol/deadline.ts';
import { type ControlEvent, controlParser } from './control-parser.ts';
import { inTurn } from './door.ts';
import { Listeners } from './listeners.ts';
import { ownerArguments } from './orphans.ts';
import type { TmuxPlace } from './program.ts';
import { quoteCommands } from './quote.ts';

/** How long a command may take, ms, unless told otherwise. Every wait has an end. */
const COMMAND_MS = 500;
/** How long attaching may take, ms. */
const ATTACH_MS = 5000;
/** How long a client that has ended may still have words in its pipe, ms. */
const DRAIN_MS = 200;
/** Between the end of a client and the server's notice of it, ms. */
const LEAVE_MS = 5;

export interface AttachOptions extends TmuxPlace {
  readonly session: string;
  /** Client flags of attach-session -f: `ignore-size`, `no-output`, `pause-after=1`. */
  readonly flags: readonly string[];
}

export interface CommandOptions {
  /** Milliseconds until `tmux-timeout`; Infinity waits for ever. */
  readonly deadlineMs?: number;
}

type Answer =
  | { readonly ok: true; readonly blocks: readonly (readonly string[])[] }
  | { readonly ok: false; readonly error: HmsError };

interface Asked {
  readonly commands: readonly (readonly string[])[];
  readonly blocks: (readonly string[])[];
  readonly answer: (answer: Answer) => void;
  cancel: () => void;
  /** Its deadline has passed: the answer, when it comes, is nobody's. */
  late: boolean;
}

export class ControlClient {
  readonly #socket: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #queue: Asked[] = [];
  readonly #output = new Listeners<[pane: string, bytes: Uint8Array]>();
  readonly #paused = new Listeners<[pane: string]>();
  readonly #notice = new Listeners<[name: string, text: string]>();
  readonly #gone = new Listeners<[detail: string]>();
  readonly #attached = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #words = '';
  #ended = false;
  #over: string | undefined;

  /**
   * Attaches to a session of a running server; never starts one.
   * @throws HmsError `tmux-attach` with tmux's words when there is no such server or session.
   */
  static attach(options: AttachOptions): Promise<ControlClient> {
    return inTurn(options.socket, () => ControlClient.#attach(options));
  }

  static async #attach(options: AttachOptions): Promise<ControlClient> {
    const client = new ControlClient(options);
    const timer = setTimeout(() => client.#fail(`no answer within ${ATTACH_MS} ms`), ATTACH_MS);
    try {
      await client.#attached.promise;
    } finally {
      clearTimeout(timer);
    }
    return client;
  }

  private constructor({ program, socket, env, session, flags }: AttachOptions) {
    this.#socket = socket;
    // -N: attaching must not start a server. -E: the agents' environment is not ours to change.
    const args = [
      '-u',
      '-N',
      ...ownerArguments(),
      '-S',
      socket,
      '-f',
      '/dev/null',
      '-C',
      'attach-session',
      '-E',
      '-t',
      `=${session}`,
    ];
    // In a process group of its own: Ctrl-C in our terminal is meant for us, not for the connection.
    this.#child = spawn(program, [...args, '-f', flags.join(',')], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const parser = controlParser(event => this.#on(event));
    this.#child.stdout.on('data', (chunk: Buffer) => parser.push(chunk));
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#words = `${this.#words}${chunk.toString('utf8')}`.slice(-2000);
    });
    this.#child.stdin.on('error', () => {});
    this.#child.on('error', error => this.#finish(error.message));
    // The server got our pipes from the client; a hung one keeps them open when the client is long dead.
    this.#child.on('exit', () =>
      setTimeout(() => this.#finish(this.#words.trim() || 'the connection ended'), DRAIN_MS),
    );
    this.#child.on('close', () => this.#finish(this.#words.trim() || 'the connection ended'));
  }

  /** Process id of the tmux client, undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get open(): boolean {
    return this.#over === undefined && !this.#ended;
  }

  /**
   * Runs one command and returns the lines it prints. Not for commands that run others (`source-file`, `if-shell`,
   * `run-shell -C`): each of those answers too, and nobody could tell how often.
   * @throws HmsError `tmux-command` with tmux's words, `tmux-timeout`, `tmux-gone`, `tmux-text`.
   */
  async command(argv: readonly string[], options: CommandOptions = {}): Promise<readonly string[]> {
    const [lines = []] = await this.batch([argv], options);
    return lines;
  }

  /** Runs commands one after the other with nothing in between, up to the first that fails; their lines, in order. */
  batch(
    commands: readonly (readonly string[])[],
    options: CommandOptions = {},
  ): Promise<readonly (readonly string[])[]> {
    return new Promise((resolve, reject) => {
      this.request(commands, options, answer => (answer.ok ? resolve(answer.blocks) : reject(answer.error)));
    });
  }

  /**
   * As `batch`, but `answer` is called in the middle of the stream: after everything tmux sent before the answer,
   * before everything after it. What output a screen has and what it still lacks is decided by that.
   */
  request(
    commands: readonly (readonly string[])[],
    options: CommandOptions,
    answer: (answer: Answer) => void,
  ): void {
    if (this.#over !== undefined || this.#ended) {
      answer({ ok: false, error: gone(this.#over ?? 'it was closed') });
      return;
    }
    const line = quoteCommands(commands);
    const asked: Asked = { commands, blocks: [], answer, cancel: () => {}, late: false };
    const deadline = options.deadlineMs ?? COMMAND_MS;
    if (Number.isFinite(deadline)) {
      asked.cancel = whenLate(deadline, () => {
        asked.late = true;
        const name = commands.map(argv => argv[0]).join(', ');
        answer({
          ok: false,
          error: new HmsError('tmux-timeout', `tmux did not answer ${name} within ${deadline} ms.`),
        });
      });
    }
    this.#queue.push(asked);
    this.#child.stdin.write(`${line}\n`);
  }

  /** Bytes a program wrote into a pane of the session. */
  onOutput(listener: (pane: string, bytes: Uint8Array) => void): () => void {
    return this.#output.add(listener);
  }

  /** tmux stopped sending a pane, by our wish or because we read too slowly; what it writes now is not sent later. */
  onPaused(listener: (pane: string) => void): () => void {
    return this.#paused.add(listener);
  }

  /** Any other notification, by name: `window-add`, `layout-change`, `subscription-changed`, … */
  onNotice(listener: (name: string, text: string) => void): () => void {
    return this.#notice.add(listener);
  }

  /** The connection is over, however that came. Fires once, also after `close`. */
  onGone(listener: (detail: string) => void): () => void {
    if (this.#over !== undefined) listener(this.#over);
    return this.#gone.add(listener);
  }

  /** Stops reading: for whoever cannot keep up, and for tests of what tmux does then. */
  pauseReading(): void {
    this.#child.stdout.pause();
  }

  resumeReading(): void {
    this.#child.stdout.resume();
  }

  /** Detaches. The server and its panes live on. */
  async close(): Promise<void> {
    if (this.#ended) return this.#closed.promise;
    this.#ended = true;
    await inTurn(this.#socket, async () => {
      await this.#end();
      // The server learns of it a moment after the client has ended.
      await new Promise(resolve => setTimeout(resolve, LEAVE_MS));
    });
  }

  async #end(): Promise<void> {
    this.#child.stdin.end();
    this.#child.stdout.resume();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 500);
    await this.#closed.promise;
    clearTimeout(timer);
  }

  #on(event: ControlEvent): void {
    switch (event.type) {
      case 'output':
        this.#output.emit(event.pane, event.bytes);
        return;
      case 'reply':
        if (event.own) this.#onReply(event.ok, event.lines);
        else if (!event.ok) this.#words = event.lines.join('; ');
        return;
      case 'pause':
        this.#paused.emit(event.pane);
        return;
      case 'notice':
        if (event.name === 'session-changed') this.#attached.resolve();
        this.#notice.emit(event.name, event.text);
        return;
      case 'exit':
        if (event.reason) this.#words = event.reason;
        return;
      case 'broken':
        this.#fail(event.reason);
        return;
      case 'continue':
      case 'stray':
        return;
    }
  }

  #onReply(ok: boolean, lines: readonly string[]): void {
    const asked = this.#queue[0];
    if (!asked) {
      this.#fail('an answer to nothing');
      return;
    }
    asked.blocks.push(lines);
    if (ok && asked.blocks.length < asked.commands.length) return;
    this.#queue.shift();
    asked.cancel();
    if (asked.late) return;
    if (ok) {
      asked.answer({ ok: true, blocks: asked.blocks });
      return;
    }
    const failed = asked.commands[asked.blocks.length - 1]?.[0] ?? 'command';
    asked.answer({ ok: false, error: new HmsError('tmux-command', `tmux ${failed}: ${lines.join('; ')}`) });
  }

  /** The stream cannot be trusted: end it at once. */
  #fail(reason: string): void {
    this.#words = reason;
    this.#ended = true;
    this.#child.kill('SIGKILL');
  }

  #finish(detail: string): void {
    if (this.#over !== undefined) return;
    this.#over = detail;
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    for (const asked of this.#queue.splice(0)) {
      asked.cancel();
      if (!asked.late) asked.answer({ ok: false, error: gone(detail) });
    }
    this.#attached.reject(new HmsError('tmux-attach', `Cannot attach to tmux: ${detail}.`));
    // Nobody waits for it once attached.
    this.#attached.promise.catch(() => {});
    this.#closed.resolve();
    this.#gone.emit(detail);
  }
}

function gone(detail: string): HmsError {
  return new HmsError('tmux-gone', `The connection to tmux is gone: ${detail}.`);
}
