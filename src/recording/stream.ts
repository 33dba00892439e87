/** One stream of the spool on its way into cast files: read, redacted, stamped, written. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CastFile as CastName, type Millis, type Seq } from '../model/ids.ts';
import type { RecordingState } from '../model/state.ts';
import { type CastCode, eventPieces, type Position } from './cast.ts';
import { giveUp, isDamage, Part, partOf, type Tell } from './part.ts';
import { HOLD_MS, type Redactor } from './redact.ts';
import { type Note, readNotes, readSize, readTap, SpoolReader, type StreamMeta, textOf } from './spool.ts';
import { wholeCharacters } from './utf8.ts';

/** Bytes read at once; also the most one output event holds. */
const BATCH = 256 << 10;
/** A run is over: how long nothing may have come before its recording ends, ms. */
const QUIET_MS = 300;
/** The same where nothing tells whether something is still on its way, ms. */
const GIVE_UP_MS = 60_000;
/** A pipe is closed: how long the engine may take to tell how the run ended, ms. */
const EXIT_MS = 2000;

export interface StreamOptions {
  /** The fleet's recordings folder. */
  readonly folder: string;
  /** This stream's own, in the spool. */
  readonly dir: string;
  readonly meta: StreamMeta;
  readonly redactor: Redactor;
  /** About how long a part may become, bytes. */
  readonly partBytes: number;
  readonly tell: Tell;
  /** Is this process without anything to do: waiting for input, or gone? */
  rests(pid: number): boolean;
  log(line: string): void;
}

/** What the journal says of the cast file a stream was writing. */
export type Known = RecordingState | 'unknown' | 'ended';

interface End {
  readonly reason: string;
  /** Exit status as text, or '' when there is none to tell. */
  readonly exit: string;
  readonly at: Millis;
}

export class Stream {
  readonly meta: StreamMeta;
  readonly #options: StreamOptions;
  readonly #batch = Buffer.allocUnsafe(BATCH);
  #spool: SpoolReader;
  #position: Position;
  #terminal = '';
  #part: Part | undefined;
  /** Since when bytes at the end are held back. */
  #heldSince: Millis | undefined;
  #end: End | undefined;
  #closedAt: Millis | undefined;
  #readAt: Millis;
  #redacted = 0;
  /** It has ended with this file, which the journal does not know yet. */
  #untold: string | undefined;
  #done = false;

  /** @param seq events of the journal up to here are not for this stream */
  constructor(options: StreamOptions, seq: Seq, now: Millis) {
    this.#options = options;
    this.meta = options.meta;
    this.#position = { raw: 0, notes: 0, seq, at: options.meta.since, cols: 0, rows: 0 };
    this.#spool = new SpoolReader(options.dir, 0);
    this.#readAt = now;
  }

  /** The last event of the journal that was looked at. */
  get seq(): Seq {
    return this.#position.seq;
  }

  /** Ended, which the journal knows; nothing of it is left in the spool. */
  get done(): boolean {
    return this.#done;
  }

  /** Goes on where the recorder before this one was killed. */
  resume(known: (file: string) => Known, now: Millis): void {
    const { dir, folder, tell, log } = this.#options;
    const name = CastName.safeParse(textOf(join(dir, 'part')).trim()).data;
    if (name === undefined) return;
    const state = known(name);
    const live = typeof state === 'object' ? state : undefined;
    if (!existsSync(join(folder, name))) {
      if (live) giveUp(live, 'its file is gone', tell);
      return;
    }
    try {
      const { part, position } = Part.resume(
        folder,
        this.meta,
        name,
        live,
        state === 'ended' ? () => {} : tell,
      );
      this.#position = position;
      this.#spool = new SpoolReader(dir, position.raw);
      if (state === 'ended') {
        part.close();
        return;
      }
      this.#part = part;
      this.#put('m', 'recording.resumed · by a new recorder', {}, now);
    } catch (error) {
      if (!isDamage(error)) throw error;
      // What the damaged file had is not certain; what the spool still has goes into a new one.
      log(`${name}: ${error.message}; a new part begins`);
      if (live) giveUp(live, error.message, tell);
    }
  }

  /** Its run is over: the recording ends when what was printed has been read. */
  over(reason: string, exit: string, now: Millis): void {
    this.#end ??= { reason, exit, at: now };
  }

  /** A mark in the recording, made by event `seq` of the journal. */
  mark(label: string, at: Millis, seq: Seq): void {
    if (seq <= this.#position.seq) return;
    if (this.#part) this.#put('m', this.#options.redactor.clean(label), { seq }, at);
    else this.#position = { ...this.#position, seq };
  }

  /** The journal knows that this file has ended: a recorder that died until now would have had to say it again. */
  heard(file: string): void {
    if (file === this.#untold) this.#leave();
  }

  /** What it waits for the journal to know; undefined unless it has ended. */
  get untold(): string | undefined {
    return this.#untold;
  }

  /** Brings what waits into the file. True when there is more to read at once. Throws what the disk says. */
  pump(now: Millis): boolean {
    if (this.#hasEnded || !this.#hasBegun(now)) return false;
    const [next] = readNotes(this.#options.dir, this.#position.notes);
    const { raw } = this.#position;
    const left = Math.max(0, (next?.note.at ?? Number.POSITIVE_INFINITY) - raw);
    const room = Math.min(BATCH, left);
    const read = this.#spool.read(this.#batch.subarray(0, room), raw);
    const taken = read > 0 ? this.#take(this.#batch.subarray(0, read), now) : 0;
    const due = next !== undefined && (next.note.at === undefined || read === left);
    if (due) this.#apply(next.note, next.end, now);
    if ((this.#part?.bytes ?? 0) >= this.#options.partBytes) this.#endPart('goes on in the next part', now);
    return due || (taken > 0 && read === room);
  }

  /** What time brings: held bytes go, chunks settle, what is over ends. True: look again soon. */
  sweep(now: Millis): boolean {
    if (this.#hasEnded) return false;
    if (this.#heldSince !== undefined && now - this.#heldSince >= HOLD_MS) this.pump(now);
    this.#part?.sweep(now);
    if (this.#closedAt === undefined && this.#isClosed()) this.#closedAt = now;
    if (this.#isOver(now)) this.#finish(now);
    const waits = this.#heldSince !== undefined || this.#end !== undefined || this.#closedAt !== undefined;
    return !this.#hasEnded && (waits || this.#part?.young === true);
  }

  /** Settles everything and lets go; another recorder can go on from here. */
  close(): void {
    this.#part?.settle();
    this.#part?.close();
    this.#part = undefined;
    this.#spool.close();
  }

  get #hasEnded(): boolean {
    return this.#done || this.#untold !== undefined;
  }

  #isClosed(): boolean {
    return existsSync(join(this.#options.dir, 'end'));
  }

  #hasBegun(now: Millis): boolean {
    if (this.#part) return true;
    const { folder, dir, meta, tell, redactor } = this.#options;
    if (this.#position.cols === 0) {
      const size = readSize(dir);
      if (!size) return false;
      this.#terminal = size.terminal;
      this.#position = { ...this.#position, cols: size.cols, rows: size.rows };
    } else if (!this.#spool.has(this.#position.raw)) return false;
    // The first part begins with the run; a later one now.
    const first = this.#position.raw === 0 && this.#position.notes === 0;
    if (!first) this.#position = { ...this.#position, at: Math.max(now, this.#position.at) };
    this.#redacted = redactor.count;
    this.#part = Part.begin(folder, meta, this.#terminal, this.#position, this.#lastPart(), tell, name =>
      writeFileSync(join(dir, 'part'), name, { mode: 0o600 }),
    );
    if (first && meta.gap) this.#put('m', 'recording.resumed · what was printed before is missing', {}, now);
    return true;
  }

  /** Also one that is no longer there: its name is in the journal. */
  #lastPart(): number {
    const name = textOf(join(this.#options.dir, 'part')).trim();
    return name === '' ? 0 : partOf(name);
  }

  #apply({ size, marker }: Note, end: number, now: Millis): void {
    const [cols, rows] = size ?? [this.#position.cols, this.#position.rows];
    const resized = cols !== this.#position.cols || rows !== this.#position.rows;
    const label = marker === undefined ? undefined : this.#options.redactor.clean(marker);
    if (resized)
      this.#put('r', `${cols}x${rows}`, { cols, rows, ...(label === undefined ? { notes: end } : {}) }, now);
    if (label !== undefined) this.#put('m', label, { notes: end }, now);
    // Nothing to write; should it be read again after a crash, that does no harm.
    this.#position = { ...this.#position, notes: end };
  }

  /** How many of these bytes went into the file; the others are read again with what comes. */
  #take(bytes: Buffer, now: Millis): number {
    const waited = this.#heldSince !== undefined && now - this.#heldSince >= HOLD_MS;
    const whole = wholeCharacters(bytes);
    const { redactor } = this.#options;
    const full = bytes.length === BATCH;
    const ended = waited && (this.#end !== undefined || this.#closedAt !== undefined);
    const cut = ended ? bytes.length : waited && !full ? whole : redactor.safe(bytes.subarray(0, whole));
    if (cut > 0) {
      this.#put('o', redactor.clean(bytes.toString('utf8', 0, cut)), { raw: this.#position.raw + cut }, now);
      this.#spool.release(this.#position.raw);
      this.#readAt = now;
    }
    if (cut === bytes.length) this.#heldSince = undefined;
    else if (cut > 0 || this.#heldSince === undefined) this.#heldSince = now;
    return cut;
  }

  /** One event into the file, with everything it changes, or nothing at all. */
  #put(code: CastCode, data: string, change: Partial<Position>, now: Millis): void {
    const step = Math.max(0, now - this.#position.at);
    const next = { ...this.#position, ...change, at: this.#position.at + step };
    this.#part?.append(eventPieces(step, code, data), next);
    this.#position = next;
  }

  #isOver(now: Millis): boolean {
    if (this.#end === undefined && this.#closedAt === undefined) return false;
    const waits = this.#closedAt === undefined ? QUIET_MS : this.#end || this.meta.pid > 0 ? 0 : EXIT_MS;
    const quiet = now - Math.max(this.#readAt, this.#end?.at ?? 0, this.#closedAt ?? 0);
    if (quiet < waits || (quiet < GIVE_UP_MS && this.#isOnItsWay())) return false;
    // Only now: what was on its way a moment ago is there.
    if (this.#spool.has(this.#position.raw)) return false;
    return readNotes(this.#options.dir, this.#position.notes).length === 0 || this.#part === undefined;
  }

  /**
   * Has tmux passed on something that is not in the spool yet? It has passed on everything when a run is over; and a
   * split that has begun and waits for input has written all of it.
   */
  #isOnItsWay(): boolean {
    if (this.#closedAt !== undefined || this.meta.operator !== '') return false;
    const pid = readTap(this.#options.dir);
    return pid === undefined || !this.#options.rests(pid);
  }

  #finish(now: Millis): void {
    const { reason, exit } = this.#end ?? { reason: 'its pipe was closed', exit: '' };
    if (exit !== '') this.#put('x', exit, {}, now);
    this.#untold = this.#part?.name;
    this.#endPart(reason, now);
    this.#spool.clear();
    if (this.#untold === undefined) this.#leave();
  }

  #leave(): void {
    rmSync(this.#options.dir, { recursive: true, force: true });
    this.#untold = undefined;
    this.#done = true;
  }

  #endPart(reason: string, now: Millis): void {
    this.#part?.end(reason, Math.max(now, this.#position.at), this.#options.redactor.count - this.#redacted);
    this.#part = undefined;
  }
}
