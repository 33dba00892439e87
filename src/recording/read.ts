/** Reads recordings: the parts of one as one stream of events. Nothing in a file is trusted. */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Millis } from '../model/ids.ts';
import { type CastCode, type CastHeader, parseEvent, parseHeader } from './cast.ts';
import { partOf, partsOf } from './part.ts';
import { storedFiles } from './retention.ts';

export interface TimedEvent {
  /** Since the recording began, ms. */
  readonly at: Millis;
  readonly code: CastCode;
  readonly data: string;
}

export interface Recording {
  readonly name: string;
  /** Of the first part. */
  readonly header: CastHeader;
  /** Paths of its parts, in order. */
  readonly files: readonly string[];
  /** Read anew with every call. A torn last line is left out. */
  events(): Iterable<TimedEvent>;
}

/** A line longer than this is none of ours, bytes. */
const LONGEST_LINE = 16 << 20;

/**
 * `builder.3`, `builder` (its newest run), or the path of a cast file. Throws HmsError `no-recording` with what there
 * is, `bad-cast` when a file is none.
 */
export function openRecording(folder: string, name: string): Recording {
  if (name.includes('/')) return recordingOf(basename(name).replace(/\.cast$/, ''), [name]);
  const wanted = name.replace(/(?:\.p\d+)?\.cast$/, '');
  const recording = partsOf(folder, wanted).length > 0 ? wanted : newestRun(folder, wanted);
  if (recording === undefined) {
    const names = [...new Set(storedFiles(folder).map(({ file }) => file.replace(/(?:\.p\d+)?\.cast$/, '')))];
    throw new HmsError(
      'no-recording',
      `there is no recording ${name}`,
      names.length > 0
        ? `there are ${names.sort().slice(0, 20).join(', ')}`
        : 'nothing has been recorded yet',
    );
  }
  return recordingOf(
    recording,
    partsOf(folder, recording).map(file => join(folder, file)),
  );
}

function newestRun(folder: string, agent: string): string | undefined {
  const runs = storedFiles(folder).flatMap(({ file }) => {
    const [, run] = file.startsWith(`${agent}.`)
      ? (/^\.(\d+)(?:\.p\d+)?\.cast$/.exec(file.slice(agent.length)) ?? [])
      : [];
    return run === undefined ? [] : [Number(run)];
  });
  return runs.length > 0 ? `${agent}.${Math.max(...runs)}` : undefined;
}

function recordingOf(name: string, files: readonly string[]): Recording {
  const [first = ''] = files;
  const [line = ''] = linesOf(first);
  const header = inFile(first, () => parseHeader(line));
  return { name, header, files, events: () => joined(files) };
}

/** One after the other: the time between two parts passes, and a size that is another one is a resize. */
function* joined(files: readonly string[]): Generator<TimedEvent> {
  let at: Millis = 0;
  let origin: Millis | undefined;
  let size = '';
  for (const [n, file] of files.entries()) {
    const lines = linesOf(file);
    const header = inFile(file, () => parseHeader(lines.next().value ?? ''));
    const begins = header.hms?.since ?? (header.timestamp ?? 0) * 1000;
    origin ??= begins;
    if (n > 0) {
      at = Math.max(at, begins - origin);
      yield { at, code: 'm', data: `recording.started · part ${header.hms?.part ?? partOf(file)}` };
      const now = `${header.term.cols}x${header.term.rows}`;
      if (now !== size) yield { at, code: 'r', data: now };
    }
    size = `${header.term.cols}x${header.term.rows}`;
    // Seconds are added up as milliseconds, so that nothing is lost along the way.
    let exact = at;
    for (const text of lines) {
      const event = parseEvent(text);
      if (!event) continue;
      exact += event.interval * 1000;
      at = Math.round(exact);
      if (event.code === 'r') size = event.data;
      yield { at, code: event.code, data: event.data };
    }
  }
}

/** Lines of a file; the last one also without a line break. */
function* linesOf(path: string): Generator<string, undefined> {
  const fd = openFile(path);
  try {
    const piece = Buffer.alloc(1 << 20);
    let rest: Buffer[] = [];
    let waiting = 0;
    for (let got = readSync(fd, piece); got > 0; got = readSync(fd, piece)) {
      let from = 0;
      for (let end = piece.indexOf(10); end >= 0 && end < got; end = piece.indexOf(10, from)) {
        yield Buffer.concat([...rest, piece.subarray(from, end)]).toString('utf8');
        rest = [];
        waiting = 0;
        from = end + 1;
      }
      waiting += got - from;
      if (waiting > LONGEST_LINE) throw new HmsError('bad-cast', `${path}: a line in it has no end`);
      if (from < got) rest.push(Buffer.from(piece.subarray(from, got)));
    }
    if (waiting > 0) yield Buffer.concat(rest).toString('utf8');
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new HmsError('no-recording', `cannot read ${path}: ${wordsOf(error)}`);
  }
}

function inFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HmsError)) throw error;
    throw new HmsError(error.code, `${path}: ${error.message}`, error.hint);
  }
}
