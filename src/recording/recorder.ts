/**
 * All streams of a fleet into cast files, in one process. Woken by the file system when something is printed, and by
 * a sweep in case it was not; folds the journal's events for markers and ends. Reads and writes at once, one stream
 * after the other: what it does not keep up with waits in the spool, on disk, and no agent waits for it.
 */
import { type FSWatcher, mkdirSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { wordsOf } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import { CastFile, type Millis, type Seq } from '../model/ids.ts';
import { reduce } from '../model/reduce.ts';
import type { FleetState } from '../model/state.ts';
import type { RecordingSettings } from '../protocol/messages.ts';
import { markerOf } from './markers.ts';
import { giveUp, type Tell } from './part.ts';
import { Redactor } from './redact.ts';
import { storedFiles, toRemove } from './retention.ts';
import { listStreams, readMeta, spoolFolder } from './spool.ts';
import { type Known, Stream } from './stream.ts';

/** From a wake-up to the reading of what has come: output in between is one event, ms. */
const GATHER_MS = 10;
/** Between two looks at everything, should the file system have told nothing, ms. */
const SWEEP_MS = 1000;
/** The same while something is held back or about to end. */
const SOON_MS = 50;
/** Reading goes on for so long before others get their turn, ms. */
const TURN_MS = 20;
const RETENTION_MS = 60_000;
/** After the disk has refused: when it is tried again, ms. */
const RETRY_MS = 1000;
/** Parts are at most so long, bytes; and a quarter of what may be kept, so that retention has something to take. */
const PART_BYTES = 64 << 20;

export interface RecorderOptions {
  readonly folder: string;
  readonly settings: RecordingSettings;
  readonly tell: Tell;
  /** Has the journal an end of this file? Asked only where a recorder was killed at a bad moment. */
  hasEnded(file: string): boolean;
  /** Durable events after `from` up to `to`. */
  events(from: Seq, to: Seq): Iterable<Event>;
  /** As StreamOptions. */
  rests(pid: number): boolean;
  now(): Millis;
  log(line: string): void;
}

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #streams = new Map<string, Stream>();
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #dirty = new Set<string>();
  readonly #sweeping: NodeJS.Timeout;
  #settings: RecordingSettings;
  #state: FleetState | undefined;
  #waking: NodeJS.Timeout | undefined;
  #paused = '';
  #retriedAt: Millis = 0;
  #retainedAt: Millis = 0;
  #stopped = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#settings = options.settings;
    mkdirSync(spoolFolder(options.folder), { recursive: true, mode: 0o700 });
    this.#sweeping = setInterval(() => this.#wake('', SOON_MS), SWEEP_MS);
    this.#watch('', spoolFolder(options.folder));
  }

  /** Streams that are being recorded. */
  get live(): number {
    return this.#streams.size;
  }

  /** How to record from now on. What is a secret holds for recordings that begin later. */
  configure(settings: RecordingSettings): void {
    this.#settings = settings;
  }

  /** An engine says how things stand; from here on every event comes through `event`. */
  welcome(state: FleetState): void {
    const first = this.#state === undefined;
    const before = this.#state;
    this.#state = state;
    this.#discover();
    for (const { untold } of this.#streams.values()) {
      if (untold !== undefined && this.#known(untold, state) === 'ended') this.#heard(untold);
    }
    if (first) this.#giveUpOrphans(state);
    const from = before?.seq ?? Math.min(state.seq, ...[...this.#streams.values()].map(stream => stream.seq));
    if (from < state.seq) this.#catchUp(from, state.seq);
    this.#endWhatIsOver();
    this.#wake('', 0);
  }

  event(event: Event): void {
    if (!this.#state || event.seq <= this.#state.seq) return;
    this.#state = reduce(this.#state, event);
    this.#mark(event);
    if (event.kind === 'recording.ended') this.#heard(event.data.file);
    if (event.kind === 'agent.exited') {
      const { agent, incarnation, status, signal } = event.data;
      const exit = signal !== '' || status === null ? '' : String(status);
      this.#endRun(agent, incarnation, signal || (status === null ? 'ended' : `exit ${status}`), exit);
    } else if (event.kind.startsWith('agent.') || event.kind === 'tmux.lost') this.#endWhatIsOver();
  }

  /** Reads what there is, settles it, and lets go. */
  stop(): void {
    if (this.#stopped) return;
    clearInterval(this.#sweeping);
    clearTimeout(this.#waking);
    for (const watcher of this.#watchers.values()) watcher.close();
    if (this.#state) {
      this.#discover();
      for (const name of this.#streams.keys()) this.#dirty.add(name);
      this.#turn(Number.POSITIVE_INFINITY);
    }
    this.#stopped = true;
    for (const stream of this.#streams.values()) stream.close();
  }

  #wake(name: string, ms: number): void {
    if (this.#stopped || !this.#state) return;
    if (name === '') for (const each of this.#streams.keys()) this.#dirty.add(each);
    else this.#dirty.add(name);
    this.#waking ??= setTimeout(() => {
      this.#waking = undefined;
      this.#discover();
      this.#turn(TURN_MS);
      this.#retain();
    }, ms);
  }

  /** Reads and sweeps what is dirty, for about `ms`; comes back soon where more is to be expected. */
  #turn(ms: number): void {
    const { now } = this.#options;
    if (this.#paused !== '' && now() - this.#retriedAt < RETRY_MS && ms !== Number.POSITIVE_INFINITY) return;
    const until = now() + ms;
    let soon = false;
    let failure: unknown;
    for (const name of [...this.#dirty]) {
      const stream = this.#streams.get(name);
      this.#dirty.delete(name);
      if (!stream) continue;
      try {
        let more = stream.pump(now());
        while (more && now() < until) more = stream.pump(now());
        if (more) this.#dirty.add(name);
        if (stream.sweep(now())) soon = true;
        if (stream.done) this.#forget(name);
      } catch (error) {
        failure = error;
      }
    }
    if (failure !== undefined) {
      this.#pause(failure);
      return;
    }
    this.#resume();
    if (this.#dirty.size > 0) this.#wake([...this.#dirty][0] ?? '', 0);
    else if (soon) this.#wake('', SOON_MS);
  }

  /** The disk refuses: said once; what is printed waits in the spool. */
  #pause(error: unknown): void {
    this.#retriedAt = this.#options.now();
    const reason = wordsOf(error);
    if (this.#paused === '') {
      this.#options.log(`recording pauses: ${reason}`);
      this.#options.tell({ kind: 'recording.paused', data: { reason: reason.slice(0, 400) } });
    }
    this.#paused = reason;
  }

  #resume(): void {
    if (this.#paused === '') return;
    this.#paused = '';
    this.#options.log('recording goes on');
    this.#options.tell({ kind: 'recording.resumed', data: {} });
  }

  #discover(): void {
    const { folder, tell, rests, log, now } = this.#options;
    const { maxSize, secrets } = this.#settings;
    const state = this.#state;
    if (!state) return;
    for (const name of listStreams(folder)) {
      if (this.#streams.has(name)) continue;
      const dir = join(spoolFolder(folder), name);
      const meta = readMeta(dir);
      if (!meta) continue;
      const partBytes = Math.max(1 << 20, Math.min(PART_BYTES, maxSize / 4));
      const options = { folder, dir, meta, redactor: new Redactor(secrets), partBytes, tell, rests, log };
      const stream = new Stream(options, state.seq, now());
      try {
        stream.resume(file => this.#known(file, state), now());
      } catch (error) {
        this.#pause(error);
        continue;
      }
      this.#streams.set(name, stream);
      this.#watch(name, dir);
      this.#dirty.add(name);
      this.#endIfOver(stream);
    }
  }

  #known(file: string, state: FleetState): Known {
    return state.recordings[file] ?? (this.#options.hasEnded(file) ? 'ended' : 'unknown');
  }

  /** Files the journal thinks are being written, and that no stream writes. */
  #giveUpOrphans(state: FleetState): void {
    const { folder, tell } = this.#options;
    const claimed = new Set(
      listStreams(folder).map(name => readMeta(join(spoolFolder(folder), name))?.recording),
    );
    for (const recording of Object.values(state.recordings)) {
      if (!claimed.has(recording.recording)) giveUp(recording, 'what was on its way into it is gone', tell);
    }
  }

  #catchUp(from: Seq, to: Seq): void {
    try {
      for (const event of this.#options.events(from, to)) this.#mark(event);
    } catch (error) {
      this.#options.log(`markers up to event ${to} are missing: ${wordsOf(error)}`);
    }
  }

  #mark(event: Event): void {
    const marker = this.#state && markerOf(event, this.#state);
    if (!marker) return;
    for (const stream of this.#streams.values()) {
      const { agent, operator } = stream.meta;
      const meant =
        marker.agent === '' || marker.agent === agent || (operator !== '' && marker.operator === operator);
      if (!meant) continue;
      try {
        stream.mark(marker.label, event.time, event.seq);
      } catch (error) {
        this.#pause(error);
      }
    }
  }

  #endRun(agent: string, incarnation: number, reason: string, exit: string): void {
    for (const [name, stream] of this.#streams) {
      if (
        stream.meta.operator !== '' ||
        stream.meta.agent !== agent ||
        stream.meta.incarnation !== incarnation
      )
        continue;
      stream.over(reason, exit, this.#options.now());
      this.#wake(name, GATHER_MS);
    }
  }

  #endWhatIsOver(): void {
    for (const stream of this.#streams.values()) this.#endIfOver(stream);
  }

  /** From the state: for exits that happened while nobody listened. */
  #endIfOver(stream: Stream): void {
    const { agent: id, incarnation, operator, pid } = stream.meta;
    const now = this.#options.now();
    if (operator !== '') {
      if (!isAlive(pid)) stream.over('its console ended', '', now);
      return;
    }
    const agent = this.#state?.agents[id];
    if (!agent) stream.over('its agent is no longer in the fleet', '', now);
    else if (agent.incarnation > incarnation) stream.over('a later run began', '', now);
    else if (agent.incarnation === incarnation && !agent.alive)
      stream.over(agent.lastExit || 'ended', /^exit (\d+)$/.exec(agent.lastExit)?.[1] ?? '', now);
  }

  #retain(): void {
    const { folder, now, tell } = this.#options;
    const at = now();
    if (at - this.#retainedAt < RETENTION_MS) return;
    this.#retainedAt = at;
    for (const stream of this.#streams.values()) if (stream.meta.operator !== '') this.#endIfOver(stream);
    const live = this.#state?.recordings ?? {};
    for (const { file, reason } of toRemove(storedFiles(folder), name => name in live, this.#settings, at)) {
      const name = CastFile.safeParse(file);
      rmSync(join(folder, file), { force: true });
      if (name.success) tell({ kind: 'recording.removed', data: { file: name.data, reason } });
    }
  }

  #heard(file: string): void {
    for (const [name, stream] of this.#streams) {
      stream.heard(file);
      if (stream.done) this.#forget(name);
    }
  }

  #forget(name: string): void {
    this.#streams.delete(name);
    this.#watchers.get(name)?.close();
    this.#watchers.delete(name);
  }

  #watch(name: string, dir: string): void {
    try {
      const watcher = watch(dir, { persistent: true }, () => this.#wake(name, GATHER_MS));
      watcher.on('error', () => {});
      this.#watchers.set(name, watcher);
    } catch (error) {
      // Too many watches on this machine: the sweep finds what comes, only later.
      this.#options.log(`${dir} is not watched: ${wordsOf(error)}`);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
