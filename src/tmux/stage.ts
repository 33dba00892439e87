/**
 * One person's own view of one agent's pane: a tmux client in a pty of ours, in a session of its own that holds that
 * agent's window and nothing else, and that goes with the client, however that ends. No key means anything to tmux there
 * but the mouse wheel; no other window can come under the person's fingers, not even when the agent's own goes away.
 */
import type { IPty } from 'node-pty';
import { HmsError, wordsOf } from '../model/errors.ts';
import { inTurn } from './door.ts';
import { launchCommand } from './launch.ts';
import { Listeners } from './listeners.ts';
import { STAGE_KEYS } from './options.ts';
import { ownerArguments } from './orphans.ts';
import { cleanEnvironment, findTmux, runTmux, type TmuxPlace } from './program.ts';
import { PtyInput } from './pty-input.ts';

/** How long a client may take to come, and to go once it was told to, ms. */
const COME_MS = 3000;
const GO_MS = 1000;

interface OpenStage {
  readonly socket: string;
  /** The fleet's session: names the stage's. */
  readonly session: string;
  /** The agent's pane; never a name or an index. */
  readonly pane: string;
  readonly cols: number;
  readonly rows: number;
  /** What the terminal can show beyond what TERM says, as tmux names it (`RGB`). */
  readonly features: readonly string[];
  /** tmux's options for styles: what tmux itself says on the stage. */
  readonly styles?: Readonly<Record<string, string>>;
  /** May the wheel scroll? Takes the mouse from the terminal. */
  readonly mouse: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

export interface StageClient {
  write(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** Writes the whole screen again, whatever is thought to be on it. */
  redraw(): void;
  /** tmux's status line: text in tmux's style language, exactly as wide as the terminal. */
  line(text: string): void;
  mouse(on: boolean): void;
  /** What tmux writes to the terminal. What came before the first listener is given to it. */
  onBytes(listener: (bytes: Buffer) => void): void;
  /** The client is gone: its window is, or somebody detached it. Fires once, also after `close`. */
  onEnded(listener: () => void): void;
  close(): Promise<void>;
  /** At once, and what was written and tmux has not read yet never gets to the pane. */
  cut(): void;
  /** As close, for the end of the process: nothing is waited for. */
  drop(): void;
}

let opened = 0;

/**
 * Attaches to one pane of a running server; never starts one.
 * @throws HmsError `no-pty` when node-pty is not there or cannot start anything, `no-tmux`, `stage-pane` when there is no
 *   such pane, or tmux does not show it in time
 */
export async function openStage(options: OpenStage): Promise<StageClient> {
  const env = options.env ?? process.env;
  const place: TmuxPlace = { program: findTmux(env), socket: options.socket, env: cleanEnvironment(env) };
  const spawn = await loadPty();
  opened += 1;
  const session = `${options.session}_stage_${process.pid}_${opened}`;
  return inTurn(options.socket, async () => {
    let pty: IPty;
    try {
      pty = spawn(place.program, stageArguments(options, session), {
        cols: Math.max(1, options.cols),
        rows: Math.max(1, options.rows),
        cwd: '/',
        env: { ...place.env },
        encoding: null,
        ...(env.TERM ? { name: env.TERM } : {}),
      });
    } catch (error) {
      throw noPty(error);
    }
    const client = new Client(pty, place, session);
    const shown = await Promise.race([client.shownPane(), after(COME_MS)]);
    if (shown === options.pane) return client;
    client.drop();
    const why =
      shown === undefined
        ? `tmux did not show pane ${options.pane} within ${COME_MS / 1000} s.`
        : `tmux has no pane ${options.pane} to show.`;
    throw new HmsError('stage-pane', why);
  });
}

/** What tmux draws on a stage beside the agent: messages, and how far it is scrolled back. */
const STYLED = ['message-style', 'message-command-style', 'mode-style'];

function stageArguments(
  { socket, pane, features, mouse, styles = {} }: OpenStage,
  session: string,
): string[] {
  const commands = [
    // Something must be in the session until the agent's window is.
    ['new-session', '-s', session, '-f', 'active-pane', ...launchCommand(['cat'])],
    ['set-option', 'destroy-unattached', 'on'],
    ['link-window', '-k', '-s', pane, '-t', `=${session}:0`],
    ['select-pane', '-t', pane],
    ['set-option', 'detach-on-destroy', 'on'],
    ['set-option', 'key-table', STAGE_KEYS],
    ['set-option', 'mouse', mouse ? 'on' : 'off'],
    ['set-option', 'status-style', 'default'],
    ...STYLED.flatMap(name => (styles[name] ? [['set-option', '-q', name, styles[name]]] : [])),
    ['set-option', 'status-interval', '0'],
    ['set-option', 'status-format[0]', '#{@hms_line}'],
    ['set-option', 'status', 'on'],
  ];
  const words = commands.flatMap((command, i) => (i > 0 ? [';', ...command] : command));
  const known = features.length > 0 ? ['-T', features.join(',')] : [];
  return ['-u', '-N', ...known, ...ownerArguments(), '-S', socket, '-f', '/dev/null', ...words];
}

class Client implements StageClient {
  readonly #pty: IPty;
  readonly #input: PtyInput;
  readonly #place: TmuxPlace;
  readonly #session: string;
  readonly #ended = new Listeners<[]>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #first = Promise.withResolvers<void>();
  #early: Buffer[] = [];
  #listener: ((bytes: Buffer) => void) | undefined;
  #over = false;
  #options = new Map<string, string>();
  #setting = false;

  constructor(pty: IPty, place: TmuxPlace, session: string) {
    this.#pty = pty;
    this.#input = new PtyInput(pty);
    this.#place = place;
    this.#session = session;
    // Bytes, as asked for by `encoding: null`; the declared type knows text only.
    pty.onData((chunk: string | Buffer) => {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      this.#first.resolve();
      if (this.#listener) this.#listener(bytes);
      else this.#early.push(bytes);
    });
    pty.onExit(() => {
      this.#over = true;
      this.#input.stop();
      this.#first.resolve();
      this.#gone.resolve();
      this.#ended.emit();
    });
  }

  /** Which pane the client has before it, once it has drawn; '' when it has ended. */
  async shownPane(): Promise<string> {
    await this.#first.promise;
    if (this.#over) return '';
    const look = ['-N', 'display-message', '-p', '-t', `=${this.#session}:`, '#{pane_id}'];
    const shown = await runTmux(this.#place, look).catch(() => '');
    return shown.trim();
  }

  write(bytes: Uint8Array): void {
    if (!this.#over) this.#input.write(bytes);
  }

  resize(cols: number, rows: number): void {
    if (!this.#over) this.#pty.resize(Math.max(1, cols), Math.max(1, rows));
  }

  redraw(): void {
    // tmux takes a change of size, even to the same one, for a terminal of which it knows nothing any more.
    if (!this.#over) signal(this.#pty.pid, 'SIGWINCH');
  }

  line(text: string): void {
    this.#set('@hms_line', text);
  }

  mouse(on: boolean): void {
    this.#set('mouse', on ? 'on' : 'off');
  }

  onBytes(listener: (bytes: Buffer) => void): void {
    this.#listener = listener;
    for (const bytes of this.#early.splice(0)) listener(bytes);
  }

  onEnded(listener: () => void): void {
    this.#ended.add(listener);
    if (this.#over) listener();
  }

  close(): Promise<void> {
    if (this.#over) return this.#gone.promise;
    return inTurn(this.#place.socket, async () => {
      signal(this.#pty.pid, 'SIGTERM');
      const kill = setTimeout(() => this.cut(), GO_MS);
      await this.#gone.promise;
      clearTimeout(kill);
    });
  }

  cut(): void {
    if (this.#over) return;
    this.#input.cut();
    signal(this.#pty.pid, 'SIGKILL');
  }

  drop(): void {
    if (!this.#over) signal(this.#pty.pid, 'SIGTERM');
  }

  /** One after the other, and of several values for one option only the last. */
  #set(option: string, value: string): void {
    this.#options.set(option, value);
    if (this.#setting) return;
    this.#setting = true;
    void this.#setAll();
  }

  async #setAll(): Promise<void> {
    for (let next = this.#next(); next && !this.#over; next = this.#next()) {
      const [option, value] = next;
      // A session that is gone has no options: the client's end says so.
      await runTmux(this.#place, [
        '-N',
        'set-option',
        '-t',
        `=${this.#session}:`,
        option,
        // On a command line tmux takes a word that ends in `;` for the end of the command.
        value.endsWith(';') ? `${value} ` : value,
      ]).catch(() => {});
    }
    this.#setting = false;
  }

  #next(): readonly [string, string] | undefined {
    const [next] = this.#options;
    if (next) this.#options.delete(next[0]);
    return next;
  }
}

async function loadPty(): Promise<typeof import('node-pty').spawn> {
  try {
    return (await import('node-pty')).spawn;
  } catch (error) {
    throw noPty(error);
  }
}

function noPty(error: unknown): HmsError {
  return new HmsError('no-pty', `node-pty does not work here: ${wordsOf(error)}`, 'npm install node-pty', {
    cause: error,
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It went by itself.
  }
}

function after(ms: number): Promise<undefined> {
  return new Promise(resolve => setTimeout(resolve, ms, undefined).unref());
}
