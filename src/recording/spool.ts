/**
 * The spool: what a pane printed, raw, on its way into a recording. Whoever produces output (a `split` behind tmux's
 * pipe, an operator's stage) appends to files here; the recorder reads them and removes what it has written down. So a
 * recorder may die at any moment: what waits lies in files, and no producer waits for it.
 *
 *   .spool/<stream>/meta.json   what it is (StreamMeta)
 *                   size        `COLS ROWS TERM` at the beginning
 *                   tap         pid of the split that writes a pane's
 *                   out.aaaaaa  the bytes, SEGMENT of them a file
 *                   notes       resizes and markers, one JSON object a line
 *                   part        the cast file that is being written
 *                   end         nothing more will come
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { errnoOf } from '../model/errors.ts';
import { AgentId, OperatorId } from '../model/ids.ts';
import { quoteWord } from '../model/shell-words.ts';

/** Bytes in a file of the spool. */
export const SEGMENT = 4 << 20;
const LETTERS = 6;
const PRIVATE = { mode: 0o600 } as const;

export const StreamMeta = z.object({
  recording: z.string().min(1).max(150),
  agent: AgentId.or(z.literal('')),
  incarnation: z.int().min(0),
  operator: OperatorId.or(z.literal('')),
  title: z.string(),
  since: z.int().min(0),
  /** The process that writes it, without which it is over; 0 for a pane's, which ends with its pipe. */
  pid: z.int().min(0),
  /** What was printed before it is missing: the pipe of the same run broke. */
  gap: z.boolean(),
});
export type StreamMeta = z.infer<typeof StreamMeta>;

const Note = z.object({
  /** It holds after so many bytes of output; without it, from now on. */
  at: z.int().min(0).optional(),
  size: z.tuple([z.int().min(1).max(65_535), z.int().min(1).max(65_535)]).optional(),
  marker: z.string().optional(),
});
export type Note = z.infer<typeof Note>;

export function spoolFolder(folder: string): string {
  return join(folder, '.spool');
}

/** Name of the n-th file, from 0, as split(1) counts: aaaaaa, aaaaab, … */
export function segmentName(n: number): string {
  let letters = '';
  for (let left = n; letters.length < LETTERS; left = Math.floor(left / 26)) {
    letters = String.fromCharCode(97 + (left % 26)) + letters;
  }
  return `out.${letters}`;
}

/** A folder that changed this lately, ms, may change again without another time of change. */
const JUST_MS = 100;

/** How much has come into a stream, asked again and again: its folder is read only when files of it came or went. */
export class Printed {
  readonly #dir: string;
  /** Number of the newest file; -1 for none. */
  #newest = -1;
  /** When the folder had changed at the time it was read. */
  #changed = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Bytes so far; undefined when the stream has ended, or there is none. */
  get bytes(): number | undefined {
    try {
      const { mtimeMs } = statSync(this.#dir);
      if (mtimeMs !== this.#changed) {
        this.#newest = Math.max(-1, ...readdirSync(this.#dir).map(segmentNumber));
        this.#changed = Date.now() - mtimeMs > JUST_MS ? mtimeMs : 0;
      }
      if (this.#newest < 0) return 0;
      const file = statSync(join(this.#dir, segmentName(this.#newest)), { throwIfNoEntry: false });
      return this.#newest * SEGMENT + (file?.size ?? 0);
    } catch {
      return undefined;
    }
  }
}

/** The other way round than `segmentName`; -1 for other files. */
function segmentNumber(name: string): number {
  if (!name.startsWith('out.')) return -1;
  return [...name.slice('out.'.length)].reduce((sum, c) => sum * 26 + (c.charCodeAt(0) - 97), 0);
}

/** Makes a stream, whole or not at all, under the first free name of `stream`, `stream~2`, …; returns its folder. */
export function prepareStream(folder: string, stream: string, meta: StreamMeta): string {
  const spool = spoolFolder(folder);
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  const draft = join(spool, `.${stream}`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(join(draft, 'meta.json'), JSON.stringify(meta), PRIVATE);
  for (let n = 1; ; n += 1) {
    const dir = join(spool, n === 1 ? stream : `${stream}~${n}`);
    if (existsSync(dir)) continue;
    renameSync(draft, dir);
    return dir;
  }
}

/** The newest stream of that name that is still there. */
export function findStream(folder: string, stream: string): string | undefined {
  const number = (name: string): number => Number(name.slice(stream.length + 1)) || 1;
  const mine = listStreams(folder).filter(name => name === stream || name.startsWith(`${stream}~`));
  const newest = mine.sort((a, b) => number(a) - number(b)).at(-1);
  return newest === undefined ? undefined : join(spoolFolder(folder), newest);
}

/**
 * What a shell runs to bring a pane's output (its standard input) into a stream. `$HMS_PANE` is `COLS ROWS TERM`. split
 * writes what it has read at once, into files of its own making: nothing is kept back, nothing can be cut in two.
 */
export function tapCommand(dir: string): string {
  const split = `nice -n 19 sh -c 'echo $$ > tap; exec split -b ${SEGMENT} -a ${LETTERS} - out.'`;
  return `umask 077; cd ${quoteWord(dir)} || exit; echo "$HMS_PANE" > size; ${split} 2> error; : > end`;
}

export function appendNote(dir: string, note: Note): void {
  appendFileSync(join(dir, 'notes'), `${JSON.stringify(note)}\n`, PRIVATE);
}

/** Bytes that wait to be recorded, by stream. */
export function waitingIn(folder: string): ReadonlyMap<string, number> {
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const waiting = (dir: string): number => {
    try {
      const segments = readdirSync(dir).filter(name => name.startsWith('out.'));
      return segments.reduce((sum, name) => sum + sizeOf(join(dir, name)), 0);
    } catch {
      // It ended meanwhile.
      return 0;
    }
  };
  return new Map(listStreams(folder).map(name => [name, waiting(join(spoolFolder(folder), name))]));
}

/** All together may be so long, of recordings that may have `maxSize`; bytes. */
export function spoolLimit(maxSize: number): number {
  return Math.max(16 * SEGMENT, maxSize / 2);
}

/** Names of the streams there are, in no order. */
export function listStreams(folder: string): readonly string[] {
  try {
    return readdirSync(spoolFolder(folder)).filter(name => !name.startsWith('.'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** undefined when it cannot be read: not a stream of ours. */
export function readMeta(dir: string): StreamMeta | undefined {
  try {
    return StreamMeta.safeParse(JSON.parse(readFileSync(join(dir, 'meta.json'), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Size and terminal a stream began with; undefined while nobody has said. */
export function readSize(dir: string): { cols: number; rows: number; terminal: string } | undefined {
  const text = textOf(join(dir, 'size'));
  const [, cols, rows, terminal = ''] = /^(\d{1,5}) (\d{1,5}) ?([\w.+-]*)\n/.exec(text) ?? [];
  return cols && rows ? { cols: Number(cols), rows: Number(rows), terminal } : undefined;
}

/** The process that writes a pane's output into a stream; undefined until it has begun. */
export function readTap(dir: string): number | undefined {
  const [, pid] = /^(\d{1,10})\n/.exec(textOf(join(dir, 'tap'))) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** The text of a small file; '' when it is not there. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
}

/** Reads the bytes of a stream from any place that has not been released yet. */
export class SpoolReader {
  readonly #dir: string;
  #released: number;
  #open: { readonly n: number; readonly fd: number } | undefined;

  /** @param raw nothing before this byte is needed any more */
  constructor(dir: string, raw: number) {
    this.#dir = dir;
    this.#released = Math.floor(raw / SEGMENT);
  }

  /** Fills `into` from byte `raw` on as far as there is something; returns how many bytes. */
  read(into: Uint8Array, raw: number): number {
    let got = 0;
    while (got < into.length) {
      const n = Math.floor((raw + got) / SEGMENT);
      const at = (raw + got) % SEGMENT;
      const fd = this.#segment(n);
      if (fd === undefined) break;
      const read = readSync(fd, into, got, Math.min(into.length - got, SEGMENT - at), at);
      if (read === 0) break;
      got += read;
    }
    return got;
  }

  /** Is there anything at or after byte `raw`? */
  has(raw: number): boolean {
    const fd = this.#segment(Math.floor(raw / SEGMENT));
    return fd !== undefined && fstatSync(fd).size > raw % SEGMENT;
  }

  /** Everything before byte `raw` is safe elsewhere. */
  release(raw: number): void {
    for (const end = Math.floor(raw / SEGMENT); this.#released < end; this.#released += 1) {
      rmSync(join(this.#dir, segmentName(this.#released)), { force: true });
    }
  }

  /** All of it is safe elsewhere, and nothing more will come. */
  clear(): void {
    this.close();
    for (const name of readdirSync(this.#dir)) {
      if (name.startsWith('out.')) rmSync(join(this.#dir, name), { force: true });
    }
  }

  close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = undefined;
  }

  #segment(n: number): number | undefined {
    if (this.#open?.n === n) return this.#open.fd;
    try {
      const fd = openSync(join(this.#dir, segmentName(n)), 'r');
      this.close();
      this.#open = { n, fd };
      return fd;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}

/** The notes from byte `from` on, each with the byte it ends at; a line that is not whole yet is left for later. */
export function readNotes(
  dir: string,
  from: number,
): readonly { readonly note: Note; readonly end: number }[] {
  const bytes = bytesFrom(join(dir, 'notes'), from);
  const found: { note: Note; end: number }[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    const note = noteOf(bytes.toString('utf8', start, end));
    start = end + 1;
    found.push({ note, end: from + start });
  }
  return found;
}

function noteOf(line: string): Note {
  try {
    return Note.safeParse(JSON.parse(line)).data ?? {};
  } catch {
    return {};
  }
}

function bytesFrom(path: string, from: number): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const size = fstatSync(fd).size;
    const bytes = Buffer.alloc(Math.max(0, size - from));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
  } finally {
    closeSync(fd);
  }
}
