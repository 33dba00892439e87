/** One cast file as it grows: batches go in whole, chunks settle, the journal is told. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HmsError } from '../model/errors.ts';
import type { Data, Kind } from '../model/event.ts';
import { CastFile as CastName, type Digest, type Millis } from '../model/ids.ts';
import { NO_DIGEST, type RecordingState } from '../model/state.ts';
import { headerLine, type Position } from './cast.ts';
import { CastFile } from './cast-file.ts';
import { Chain } from './chain.ts';
import type { StreamMeta } from './spool.ts';

/** A chunk settles when it is so large, or so old; the first one sooner: what is young can be proved too. */
const CHUNK_BYTES = 4 << 20;
const CHUNK_MS = 15_000;
const FIRST_CHUNK_MS = 500;

type ToldKind = Extract<Kind, `recording.${string}`>;
/** A `recording.*` event without its envelope: what the journal is to know. */
export type Told = { [K in ToldKind]: { readonly kind: K; readonly data: Data<K> } }[ToldKind];
/** Whoever is told sees to it that it arrives, once and in order. */
export type Tell = (told: Told) => void;

/** `builder.3` → `builder.3.cast`, `builder.3.p2.cast`, … */
export function castName(recording: string, part: number): CastName {
  return CastName.parse(part === 1 ? `${recording}.cast` : `${recording}.p${part}.cast`);
}

export function partOf(name: string): number {
  return Number(/\.p(\d+)\.cast$/.exec(name)?.[1] ?? 1);
}

/** Cast files of a recording that are there, in order. */
export function partsOf(folder: string, recording: string): readonly CastName[] {
  return readdirSync(folder)
    .flatMap(name => CastName.safeParse(name).data ?? [])
    .filter(name => castName(recording, partOf(name)) === name)
    .sort((a, b) => partOf(a) - partOf(b));
}

export class Part {
  readonly name: CastName;
  readonly #file: CastFile;
  readonly #tell: Tell;
  readonly #since: Millis;
  #chain: Chain;
  #chunk: number;
  #settled: number;
  /** When the oldest byte that is not settled was written. */
  #openSince: Millis | undefined;

  private constructor(name: CastName, file: CastFile, tell: Tell, since: Millis, state?: RecordingState) {
    this.name = name;
    this.#file = file;
    this.#tell = tell;
    this.#since = since;
    this.#chunk = state?.chunk ?? 0;
    this.#settled = state?.bytes ?? 0;
    this.#chain = new Chain(state?.digest ?? NO_DIGEST);
  }

  /**
   * Begins the next part of a recording, later than part `after` (0: there was none). `claim` is called with its name before there is a file of that name. Throws
   * what the disk says, and then there is none.
   */
  static begin(
    folder: string,
    meta: StreamMeta,
    terminal: string,
    position: Position,
    after: number,
    tell: Tell,
    claim: (name: CastName) => void,
  ): Part {
    const { recording, agent, incarnation, operator, title } = meta;
    const last = partsOf(folder, recording).at(-1);
    const part = Math.max(last ? partOf(last) : 0, after) + 1;
    const name = castName(recording, part);
    claim(name);
    const since = position.at;
    const header = headerLine({
      version: 3,
      term: { cols: position.cols, rows: position.rows, ...(terminal === '' ? {} : { type: terminal }) },
      timestamp: Math.floor(since / 1000),
      title,
      hms: { recording, part, agent, incarnation, operator, since },
    });
    const file = CastFile.create(join(folder, name));
    const begun = new Part(name, file, tell, since);
    try {
      begun.append([header], position);
    } catch (error) {
      file.close();
      rmSync(join(folder, name), { force: true });
      throw error;
    }
    begun.#tellStarted(meta, part);
    return begun;
  }

  /**
   * Goes on with a part whose recorder was killed; `state` is what the journal knows of it. Throws HmsError `bad-cast`
   * when the file has no whole batch or less than has been settled.
   */
  static resume(
    folder: string,
    meta: StreamMeta,
    name: CastName,
    state: RecordingState | undefined,
    tell: Tell,
  ): { readonly part: Part; readonly position: Position } {
    const { file, position } = CastFile.resume(join(folder, name), state?.bytes ?? 0);
    const part = new Part(name, file, tell, state?.since ?? meta.since, state);
    file.read(part.#settled, bytes => part.#chain.update(bytes));
    if (file.bytes > part.#settled) part.#openSince = position.at;
    if (!state) part.#tellStarted(meta, partOf(name));
    return { part, position };
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  /** Its first chunk is about to settle. */
  get young(): boolean {
    return this.#chunk === 0 && this.#openSince !== undefined;
  }

  /** Pieces of lines, and where they lead. Throws what the disk says, and then nothing has happened. */
  append(pieces: readonly string[], position: Position): void {
    this.#chain.update(this.#file.append(pieces, position));
    this.#openSince ??= position.at;
    if (this.#file.bytes - this.#settled >= CHUNK_BYTES) this.settle();
  }

  /** Settles what has waited long enough. */
  sweep(now: Millis): void {
    const age = this.#chunk === 0 ? FIRST_CHUNK_MS : CHUNK_MS;
    if (this.#openSince !== undefined && now - this.#openSince >= age) this.settle();
  }

  settle(): void {
    if (this.#file.bytes === this.#settled) return;
    this.#chunk += 1;
    this.#settled = this.#file.bytes;
    this.#openSince = undefined;
    const digest = this.#chain.settle() as Digest;
    this.#tell({
      kind: 'recording.chunked',
      data: { file: this.name, chunk: this.#chunk, bytes: this.#settled, digest },
    });
  }

  end(reason: string, at: Millis, redacted: number): void {
    this.settle();
    this.close();
    const ms = Math.max(0, at - this.#since);
    const data = { file: this.name, chunks: this.#chunk, bytes: this.#settled, ms, redacted, reason };
    this.#tell({ kind: 'recording.ended', data });
  }

  /** Lets go of the file; nothing is told. */
  close(): void {
    this.#file.close();
  }

  #tellStarted({ recording, agent, incarnation, operator }: StreamMeta, part: number): void {
    const data = { file: this.name, recording, part, agent, incarnation, operator };
    this.#tell({ kind: 'recording.started', data });
  }
}

/** Ends, for the journal, a file that cannot be gone on with. */
export function giveUp({ file, chunk, bytes }: RecordingState, reason: string, tell: Tell): void {
  const data = { file: CastName.parse(file), chunks: chunk, bytes, ms: 0, redacted: 0, reason };
  tell({ kind: 'recording.ended', data });
}

/** Is this what a damaged or foreign file says? Anything else is the disk's. */
export function isDamage(error: unknown): error is HmsError {
  return error instanceof HmsError && error.code === 'bad-cast';
}
