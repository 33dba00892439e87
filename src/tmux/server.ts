/** A fleet's private tmux server: started or joined, driven over one control connection. */
import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HmsError } from '../model/errors.ts';
import { PaneId } from '../model/ids.ts';
import { endGroup, processAlive, readBirth, waitForEnd } from '../processes/process.ts';
import { Held, heldCommand } from './held.ts';
import { type HintLink, openHintLink } from './hint.ts';
import { ensureKeeper } from './keeper.ts';
import { launchCommand } from './launch.ts';
import { Link } from './link.ts';
import { Listeners } from './listeners.ts';
import { serverConfig } from './options.ts';
import { sweepOrphans } from './orphans.ts';
import { PANE_FORMAT, parsePanes } from './pane-list.ts';
import { cleanEnvironment, findTmux, ownSettings, runTmux, type TmuxPlace } from './program.ts';
import { literal } from './quote.ts';
import { readScreens } from './screens.ts';
import { checkFeatures, checkSessionName, prepareSocketFolder, startServer } from './start-server.ts';
import { defaultTerminal } from './terminal.ts';
import type { PaneInfo, PaneScreen, StartPane, TmuxServer } from './types.ts';
import { Typing } from './typing.ts';

/** How long a program may take to end once its pane is gone, and the server once it was told to go, ms. */
const GRACE_MS = 1000;
/**
 * How long starting a pane may take, ms. A busy machine takes its time, and a late pane runs all the same: nobody would
 * be in charge of it.
 */
const START_MS = 10_000;

interface OpenTmux {
  /** Path of the server's socket; its folder is made (0700) if it is not there. */
  readonly socket: string;
  readonly session: string;
  /** Size of agents' windows until the first `resize`. */
  readonly cols?: number;
  readonly rows?: number;
  /** What the hidden first window runs: the engine. Brought back here when it has ended. Without it: nothing. */
  readonly keeper?: readonly string[];
  /** Environment to take PATH and, once cleaned, the agents' environment from. */
  readonly env?: NodeJS.ProcessEnv;
  /** Working directory of the keeper. */
  readonly cwd?: string;
}

/**
 * Starts the server, or joins the one that answers on the socket, and sees to it that it is set up as it should be.
 *
 * @throws HmsError `no-tmux`, `tmux-too-old`, `socket-path-too-long`, `socket-folder`, `session-name`,
 *   `tmux-failed` and `tmux-attach` with tmux's words, `tmux-timeout` when the server hangs.
 */
export async function openTmuxServer(options: OpenTmux): Promise<TmuxServer> {
  const place = await startTmuxServer(options);
  const { session, cols, rows } = { cols: 100, rows: 30, ...options };
  await sweepOrphans(place);
  const asked = ['-N', 'display-message', '-p', '-t', `=${session}:`, '#{pid} #{version}'];
  const [pid = '', version = ''] = (await runTmux(place, asked)).trim().split(' ');
  const serverPid = Number(pid);
  const born = readBirth(serverPid);
  const alive = (): boolean => processAlive(serverPid, born);
  const link = await Link.open({ ...place, session, flags: ['no-output', 'ignore-size'] }, alive);
  try {
    const server = new PrivateServer({ place, session, serverPid, version, born, link, cols, rows });
    await server.listen();
    return server;
  } catch (error) {
    await link.close();
    throw error;
  }
}

/**
 * As openTmuxServer, without a connection to it afterwards: for who only wants it, and the keeper, to run.
 * @throws HmsError as openTmuxServer
 */
export async function startTmuxServer(options: OpenTmux): Promise<TmuxPlace> {
  const env = options.env ?? process.env;
  const { socket, session, cols = 100, rows = 30, cwd = dirname(socket) } = options;
  checkSessionName(session);
  const place: TmuxPlace = { program: findTmux(env), socket, env: cleanEnvironment(env) };
  await prepareSocketFolder(socket);
  checkFeatures(await startServer(place, serverConfig(cols, rows, await defaultTerminal(place.env))));
  await ensureKeeper(place, session, { argv: options.keeper, cwd, env: ownSettings(env) });
  return place;
}

interface Parts {
  readonly place: TmuxPlace;
  readonly session: string;
  readonly serverPid: number;
  readonly version: string;
  readonly born: string;
  readonly link: Link;
  readonly cols: number;
  readonly rows: number;
}

/** Notifications that mean: the set of panes may be another one now. */
const HINTS = new Set([
  'window-add',
  'window-close',
  'unlinked-window-close',
  'layout-change',
  'sessions-changed',
]);

class PrivateServer implements TmuxServer {
  readonly socket: string;
  readonly session: string;
  readonly serverPid: number;
  readonly version: string;
  readonly #place: TmuxPlace;
  readonly #born: string;
  readonly #link: Link;
  readonly #typing: Typing;
  readonly #held = new Held();
  readonly #hint = new Listeners<[]>();
  readonly #gone = new Listeners<[detail: string]>();
  #hints: HintLink | undefined;
  #size: { readonly cols: number; readonly rows: number };
  #goneDetail: string | undefined;

  constructor({ place, session, serverPid, version, born, link, cols, rows }: Parts) {
    this.socket = place.socket;
    this.session = session;
    this.serverPid = serverPid;
    this.version = version;
    this.#place = place;
    this.#born = born;
    this.#link = link;
    this.#typing = new Typing(link);
    this.#size = { cols, rows };
    link.onNotice(name => {
      if (HINTS.has(name)) this.#hint.emit();
    });
    link.onReattached(() => this.#hint.emit());
    link.onGone(detail => {
      this.#goneDetail = detail;
      void this.#hints?.close();
      this.#gone.emit(detail);
    });
  }

  async listen(): Promise<void> {
    const options = { ...this.#place, session: this.session };
    this.#hints = await openHintLink(
      options,
      () => this.#alive(),
      () => this.#hint.emit(),
    );
  }

  async startPane(start: StartPane): Promise<{ readonly pane: PaneId; readonly pid: number }> {
    // tmux would quietly start it in the home folder instead.
    const cwd = await stat(start.cwd).catch(() => undefined);
    if (!cwd?.isDirectory())
      throw new HmsError('no-cwd', `There is no folder ${start.cwd} to start ${start.agent} in.`);
    const before = await this.#replaced(start);
    // In our session: whoever looks on has the same window in theirs, and tmux would take the one used last.
    const at = before ? ['-b', '-t', `=${this.session}:${before}`] : ['-a', '-t', `=${this.session}:{end}`];
    // A name no other window has, until the pane is marked: nobody ever sees a pane of an agent without its mark.
    const name = `${start.agent}_${start.incarnation}`;
    const window = `=${this.session}:=${name}`;
    const env = Object.entries(start.env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    const make = [
      'new-window',
      '-d',
      '-P',
      '-F',
      '#{pane_id} #{pane_pid}',
      ...at,
      '-n',
      name,
      '-c',
      literal(start.cwd),
    ];
    const commands = [
      [...make, ...env, ...launchCommand(heldCommand(start.argv))],
      ['set-option', '-p', '-t', window, '@hms_held', '1'],
      ['set-option', '-p', '-t', window, '@hms_agent', start.agent],
      ['set-option', '-p', '-t', window, '@hms_incarnation', String(start.incarnation)],
      // Also makes the window's size ours to set: clients of people do not change it.
      ['resize-window', '-t', window, '-x', String(this.#size.cols), '-y', String(this.#size.rows)],
      // In the same breath: tmux has read nothing of the pane yet.
      ...(start.pipe === undefined ? [] : [pipeCommand(window, start.pipe)]),
      ['rename-window', '-t', window, start.agent],
    ];
    const [made] = await this.#link.batch(commands, { deadlineMs: START_MS });
    const [pane, pid] = made?.[0]?.split(' ') ?? [];
    if (before) await this.#link.command(['kill-window', '-t', before]).catch(() => {});
    const id = PaneId.parse(pane);
    const program = await this.#held.started(id, Number(pid));
    // Whoever watches has a new process to watch.
    this.#hint.emit();
    return { pane: id, pid: program };
  }

  async listPanes(): Promise<readonly PaneInfo[]> {
    const lines = await this.#link.command(['list-panes', '-a', '-F', PANE_FORMAT]);
    return parsePanes(lines, (...pane) => this.#held.programOf(...pane));
  }

  async killPane(pane: PaneId): Promise<void> {
    const found = (await this.listPanes()).find(info => info.pane === pane);
    if (!found) return;
    const born = found.dead ? '' : readBirth(found.pid);
    await this.#link.command(['kill-pane', '-t', pane]).catch(passOverMissing);
    // Closing its terminal hangs the program up; one that ignores that is ended. It must not live on unseen.
    if (born !== '') await endGroup(found.pid, born, GRACE_MS);
  }

  sendText(pane: PaneId, text: string, enter: boolean): Promise<void> {
    return this.#typing.text(pane, text, enter);
  }

  sendBytes(pane: PaneId, bytes: Uint8Array): Promise<void> {
    return this.#typing.bytes(pane, bytes);
  }

  async pipe(pane: PaneId, command: string): Promise<void> {
    await this.#link.command(pipeCommand(pane, command)).catch(passOverMissing);
  }

  async unpipe(pane: PaneId): Promise<void> {
    await this.#link.command(['pipe-pane', '-t', pane]).catch(passOverMissing);
  }

  async resize(cols: number, rows: number, only?: PaneId): Promise<void> {
    if (only === undefined) {
      this.#size = { cols, rows };
      await this.#link.command(['set-option', '-g', 'default-size', `${cols}x${rows}`]);
    }
    const others = (await this.listPanes()).filter(
      p => p.agent !== '' && (only === undefined || p.pane === only) && (p.cols !== cols || p.rows !== rows),
    );
    const size = ['-x', String(cols), '-y', String(rows)];
    await Promise.all(
      others.map(({ pane }) =>
        this.#link.command(['resize-window', '-t', pane, ...size]).catch(passOverMissing),
      ),
    );
  }

  async capture(pane: PaneId, lines: number): Promise<string> {
    // In a process of its own: whatever the agent wrote, it cannot be mistaken for tmux's answers.
    const text = await runTmux(this.#place, ['-N', 'capture-pane', '-p', '-t', pane, '-S', `-${lines}`]);
    return text.trimEnd().split('\n').slice(-lines).join('\n');
  }

  screens(panes: readonly PaneId[]): Promise<ReadonlyMap<PaneId, PaneScreen>> {
    return readScreens(this.#place, panes);
  }

  onHint(listener: () => void): () => void {
    return this.#hint.add(listener);
  }

  onGone(listener: (detail: string) => void): () => void {
    if (this.#goneDetail !== undefined) listener(this.#goneDetail);
    return this.#gone.add(listener);
  }

  nudge(): void {
    if (!this.#alive()) return;
    try {
      process.kill(this.serverPid, 'SIGCHLD');
    } catch {
      // It ended between the two lines; onGone tells.
    }
  }

  async detach(): Promise<void> {
    await Promise.all([this.#hints?.close(), this.#link.close()]);
  }

  async killServer(): Promise<void> {
    const panes = await this.listPanes().catch(() => []);
    // Not the keeper: it may be what calls this.
    const agents = panes
      .filter(p => p.agent !== '' && !p.dead)
      .map(({ pid }) => ({ pid, born: readBirth(pid) }));
    await this.detach();
    await runTmux(this.#place, ['-N', 'kill-server'], GRACE_MS).catch(() => {});
    if (!(await waitForEnd(this.serverPid, this.#born, GRACE_MS)))
      await endGroup(this.serverPid, this.#born, 0);
    await Promise.all(
      agents.filter(({ born }) => born !== '').map(({ pid, born }) => endGroup(pid, born, GRACE_MS)),
    );
    await rm(this.socket, { force: true });
  }

  #alive(): boolean {
    return processAlive(this.serverPid, this.#born);
  }

  /** The window to replace, if its pane still is what the caller thinks: after a rebuild ids mean other panes. */
  async #replaced({ replaces, agent }: StartPane): Promise<string | undefined> {
    if (replaces === undefined) return undefined;
    const look = ['display-message', '-p', '-t', replaces, '#{pane_id}|#{@hms_agent}|#{window_id}'];
    const [line = ''] = await this.#link.command(look);
    const [pane, owner, window] = line.split('|');
    return pane === replaces && owner === agent ? window : undefined;
  }
}

/** tmux expands formats in the command, and strftime's % too: only the pane's own words are for it. */
function pipeCommand(target: string, command: string): readonly string[] {
  const size = '#{pane_width} #{pane_height} #{default-terminal}';
  return ['pipe-pane', '-O', '-t', target, `HMS_PANE='${size}'; ${literal(command).replaceAll('%', '%%')}`];
}

/** A pane that went away by itself meanwhile is what was wanted. */
function passOverMissing(error: unknown): void {
  if (!(error instanceof HmsError && error.code === 'tmux-command')) throw error;
}
