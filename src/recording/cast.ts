/**
 * The asciicast v3 format (docs.asciinema.org/manual/asciicast/v3): a header line, then `[interval, code, data]` a line,
 * intervals in seconds since the event before. Lines that begin with # are comments: where a writer stands is one.
 */
import * as z from 'zod';
import { HmsError } from '../model/errors.ts';
import type { Millis } from '../model/ids.ts';

/** o: output, r: resize, m: marker, x: exit status, i: input (never written by us). */
export type CastCode = 'o' | 'r' | 'm' | 'x' | (string & {});

export interface CastEvent {
  /** Seconds since the event before. */
  readonly interval: number;
  readonly code: CastCode;
  readonly data: string;
}

const Size = z.int().min(1).max(65_535);

/** What we read of a header; what else is in it is passed over, as the format wants it. */
export const CastHeader = z.object({
  version: z.literal(3),
  term: z.object({ cols: Size, rows: Size, type: z.string().optional() }),
  timestamp: z.number().min(0).optional(),
  title: z.string().optional(),
  /** Our own. */
  hms: z
    .object({
      recording: z.string(),
      part: z.int().positive(),
      agent: z.string(),
      incarnation: z.int().min(0),
      operator: z.string(),
      /** When this part begins, ms since the epoch: `timestamp` has whole seconds. */
      since: z.int().min(0),
    })
    .optional()
    .catch(undefined),
});
export type CastHeader = z.infer<typeof CastHeader>;

export function headerLine(header: CastHeader): string {
  return `${JSON.stringify(header)}\n`;
}

/** Milliseconds to seconds; whole milliseconds, so that nothing adds up over a long recording. */
export function eventLine(ms: number, code: CastCode, data: string): string {
  return eventPieces(ms, code, data).join('');
}

/** The same in pieces: to put a long one together costs more than to write it. */
export function eventPieces(ms: number, code: CastCode, data: string): readonly string[] {
  return [`[${ms / 1000},"${code}",`, JSON.stringify(data), ']\n'];
}

/** Throws HmsError `bad-cast` when a file does not begin with a header of version 3. */
export function parseHeader(line: string): CastHeader {
  const header = CastHeader.safeParse(parseJson(line));
  if (header.success) return header.data;
  throw new HmsError('bad-cast', 'it does not begin with an asciicast v3 header', 'is it the right file?');
}

const Line = z.tuple([z.number().min(0), z.string().min(1), z.string()]);

/** undefined for a comment, an empty line, and for what is no event: the torn end of a file. */
export function parseEvent(line: string): CastEvent | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const event = Line.safeParse(parseJson(line));
  if (!event.success) return undefined;
  const [interval, code, data] = event.data;
  return { interval, code, data };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How far a cast file reaches, written behind every batch of events: a writer that was killed goes on exactly there. */
export interface Position {
  /** Bytes of the spool that are in the recording. */
  readonly raw: number;
  /** Bytes of the notes that are. */
  readonly notes: number;
  /** The last event of the journal that was looked at. */
  readonly seq: number;
  /** Time of the last event, ms since the epoch. */
  readonly at: Millis;
  readonly cols: number;
  readonly rows: number;
}

export function positionLine({ raw, notes, seq, at, cols, rows }: Position): string {
  return `# hms ${raw} ${notes} ${seq} ${at} ${cols} ${rows}\n`;
}

const POSITION = /^# hms (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$/;

export function parsePosition(line: string): Position | undefined {
  const numbers = POSITION.exec(line)?.slice(1).map(Number);
  if (!numbers?.every(Number.isSafeInteger)) return undefined;
  const [raw = 0, notes = 0, seq = 0, at = 0, cols = 0, rows = 0] = numbers;
  return { raw, notes, seq, at, cols, rows };
}
