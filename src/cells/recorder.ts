/**
 * Has every agent's pane recorded: what a pane prints goes into the spool from its first byte on, and a recorder
 * process (hms-tui recorder) makes cast files of it and tells the journal through this cell. The engine never sees a
 * byte of it.
 */

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { CellHealth } from '../model/cell.ts';
import { wordsOf } from '../model/errors.ts';
import type { Draft } from '../model/event.ts';
import { AgentId, type Millis } from '../model/ids.ts';
import { plural } from '../model/text.ts';
import type { RecordingSettings } from '../protocol/messages.ts';
import { Backlog, OURS } from '../recording/backlog.ts';
import type { Told } from '../recording/part.ts';
import { appendNote, findStream, Printed, prepareStream, tapCommand } from '../recording/spool.ts';
import type { PaneInfo, TmuxServer } from '../tmux/types.ts';
import { type Cell, cellActor, healthy, subject, type World } from './cell.ts';

/** A pane without its pipe gets a new one, but not more often than this, ms: a full disk breaks each at once. */
const AGAIN_MS = 10_000;
/** How long the fleet's end waits for the recorder's last word, ms. */
const LAST_WORD_MS = 5000;

interface RecorderOptions {
  /** The fleet's recordings folder; undefined: nothing is recorded. */
  readonly folder: string | undefined;
  readonly tmux: Pick<TmuxServer, 'pipe' | 'unpipe'>;
  /** As they are in force now. */
  settings(): RecordingSettings;
  /** A recorder is attached. */
  isConnected(): boolean;
}

/** One run of an agent on its way into a recording. */
interface Tap {
  readonly incarnation: number;
  /** Its stream's folder; '' when there is none. */
  readonly dir: string;
  readonly printed: Printed;
  readonly since: Millis;
  readonly size: string;
}

export class Recorder implements Cell {
  readonly name = 'recorder';
  readonly #world: World;
  readonly #options: RecorderOptions;
  readonly #taps = new Map<string, Tap>();
  readonly #backlog = new Backlog();
  #waiting: (() => void) | undefined;

  constructor(world: World, options: RecorderOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Where operators' stages are recorded; '' when nothing is. */
  get folder(): string {
    return this.#options.folder ?? '';
  }

  /** The shell command that takes what a new run of an agent prints; undefined when it cannot be recorded. */
  tap(agent: AgentId, incarnation: number, gap = false): string | undefined {
    const { folder } = this.#options;
    if (folder === undefined || this.#backlog.full) return undefined;
    const since = this.#world.now();
    const recording = `${agent}.${incarnation}`;
    const title = `${agent} · run ${incarnation} · ${this.#world.state.fleet}`;
    let dir = '';
    try {
      dir = prepareStream(folder, recording, {
        recording,
        agent,
        incarnation,
        operator: '',
        title,
        since,
        pid: 0,
        gap,
      });
    } catch (error) {
      // An agent that runs unrecorded is better than none.
      this.#world.log(`${agent} is not recorded: ${wordsOf(error)}`);
    }
    this.#taps.set(agent, { incarnation, dir, printed: new Printed(dir), since, size: '' });
    return dir === '' ? undefined : tapCommand(dir);
  }

  /** One look at all panes: new sizes are noted, a pane whose pipe is gone gets another. */
  see(panes: readonly PaneInfo[]): void {
    if (this.#options.folder === undefined) return;
    this.#lookAtBacklog(this.#options.folder, panes);
    for (const pane of panes) {
      const known = this.#taps.get(pane.agent);
      const tap = known?.incarnation === pane.incarnation ? known : undefined;
      if (pane.piped) this.#noteSize(pane, tap ?? this.#adopt(pane));
      else if (!tap || this.#world.now() - tap.since >= AGAIN_MS) this.#tapAgain(pane);
    }
  }

  /** Bytes an agent's pane has printed since its run began; undefined where they are not recorded. */
  printed(agent: string): number | undefined {
    const tap = this.#taps.get(agent);
    return tap && tap.dir !== '' ? tap.printed.bytes : undefined;
  }

  /** What the recorder wants in the journal. A word said twice, because the answer was lost, counts once. */
  tell(told: Told): void {
    const { recordings, recordingPaused } = this.#world.state;
    const known = 'file' in told.data ? recordings[told.data.file] : undefined;
    const paused = recordingPaused !== '' && !OURS.includes(recordingPaused);
    if (!isNews(told, known?.chunk, paused)) return;
    const about = told.kind === 'recording.started' && told.data.agent ? told.data.agent : known?.agent;
    this.#world.emit({
      ...told,
      actor: cellActor(this.name),
      subject: about ? subject.agent(about) : subject.fleet,
    } as Draft);
    if (this.#isQuiet()) this.#waiting?.();
  }

  get settings(): RecordingSettings {
    return this.#options.settings();
  }

  /** A recorder has gone. */
  gone(): void {
    if (this.#isQuiet()) this.#waiting?.();
  }

  /** Resolves when every recording of an agent has ended, or will not any more. */
  quiet(): Promise<void> {
    if (this.#isQuiet()) return Promise.resolve();
    return new Promise(resolve => {
      const cancel = this.#world.after(LAST_WORD_MS, resolve);
      this.#waiting = () => {
        cancel();
        resolve();
      };
    });
  }

  healthCheck(): CellHealth {
    if (this.#options.folder === undefined) return healthy('nothing is to be recorded');
    const paused = this.#world.state.recordingPaused;
    if (paused !== '') return { state: 'degraded', words: paused.slice(0, 400) };
    return healthy(`${plural(this.#taps.size, 'agent')} recorded`);
  }

  stop(): void {
    this.#taps.clear();
  }

  #lookAtBacklog(folder: string, panes: readonly PaneInfo[]): void {
    const found = this.#backlog.look(
      folder,
      this.settings.maxSize,
      this.#options.isConnected(),
      this.#world.now(),
    );
    if (!found) return;
    for (const pane of panes) {
      const tap = this.#taps.get(pane.agent);
      if (tap && pane.piped && found.cut.includes(basename(tap.dir))) this.#cut(pane, tap);
    }
    const { why } = found;
    const said = this.#world.state.recordingPaused;
    const from = { actor: cellActor(this.name), subject: subject.fleet } as const;
    // What the recorder itself has said is its own to take back.
    if (said === why || (said !== '' && !OURS.includes(said))) return;
    if (why === '') this.#world.emit({ ...from, kind: 'recording.resumed', data: {} });
    else this.#world.emit({ ...from, kind: 'recording.paused', data: { reason: why } });
  }

  #cut({ agent, pane }: PaneInfo, { dir, printed }: Tap): void {
    const log = (error: unknown): void =>
      this.#world.log(`the recording of ${agent} goes on: ${wordsOf(error)}`);
    this.#world.log(`${agent} is not recorded: too much waits for the recorder`);
    try {
      const at = printed.bytes;
      appendNote(dir, { ...(at === undefined ? {} : { at }), marker: 'recording.paused · too much waited' });
    } catch (error) {
      log(error);
    }
    this.#options.tmux.unpipe(pane).catch(log);
  }

  #isQuiet(): boolean {
    if (!this.#options.isConnected()) return true;
    return !Object.values(this.#world.state.recordings).some(recording => recording.agent !== '');
  }

  /** A pane that the engine before this one had piped. */
  #adopt({ agent, incarnation }: PaneInfo): Tap {
    const dir = findStream(this.folder, `${agent}.${incarnation}`) ?? '';
    return { incarnation, dir, printed: new Printed(dir), since: this.#world.now(), size: '' };
  }

  #tapAgain({ agent, incarnation, pane }: PaneInfo): void {
    const command = this.tap(AgentId.parse(agent), incarnation, true);
    if (command === undefined) return;
    this.#options.tmux.pipe(pane, command).catch((error: unknown) => {
      this.#world.log(`${agent} is not recorded: ${wordsOf(error)}`);
    });
  }

  #noteSize({ agent, cols, rows }: PaneInfo, tap: Tap): void {
    const size = `${cols}x${rows}`;
    if (tap.size === size) return;
    this.#taps.set(agent, { ...tap, size });
    // Its folder goes when its recording has ended.
    if (tap.dir === '' || !existsSync(tap.dir)) return;
    try {
      appendNote(tap.dir, { size: [cols, rows] });
    } catch (error) {
      this.#world.log(`the size of ${agent} is not recorded: ${wordsOf(error)}`);
    }
  }
}

/** @param chunk of the file, as far as the journal knows it; undefined when nobody writes it */
function isNews(told: Told, chunk: number | undefined, paused: boolean): boolean {
  switch (told.kind) {
    case 'recording.started':
    case 'recording.removed':
      return chunk === undefined;
    case 'recording.chunked':
      return chunk !== undefined && told.data.chunk > chunk;
    case 'recording.ended':
      return chunk !== undefined;
    case 'recording.paused':
      return !paused;
    case 'recording.resumed':
      return paused;
  }
}
