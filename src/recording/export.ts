/** A recording for others: asciicast v3 (asciinema 3), v2 (asciinema 2), or its text. */
import { neutralise } from '../model/text.ts';
import { eventLine, headerLine } from './cast.ts';
import type { Recording } from './read.ts';
import { ESCAPES } from './redact.ts';

export const FORMATS = ['v3', 'v2', 'txt'] as const;
export type Format = (typeof FORMATS)[number];

/** Piece by piece, as it is to be written. */
export function* exported(recording: Recording, format: Format): Generator<string> {
  if (format === 'txt') yield* plainText(recording);
  else yield* format === 'v2' ? version2(recording) : version3(recording);
}

/** docs.asciinema.org/manual/asciicast/v3; without the positions of the writer, which are comments. */
function* version3({ header, events }: Recording): Generator<string> {
  yield headerLine(header);
  let before = 0;
  for (const { at, code, data } of events()) {
    yield eventLine(at - before, code, data);
    before = at;
  }
}

/** docs.asciinema.org/manual/asciicast/v2: times since the beginning, no exit status. */
function* version2({ header, events }: Recording): Generator<string> {
  const { term, timestamp, title } = header;
  const env = term.type === undefined ? {} : { env: { TERM: term.type } };
  const whole = timestamp === undefined ? {} : { timestamp: Math.floor(timestamp) };
  yield `${JSON.stringify({ version: 2, width: term.cols, height: term.rows, ...whole, ...(title === undefined ? {} : { title }), ...env })}\n`;
  for (const { at, code, data } of events()) if (code !== 'x') yield eventLine(at, code, data);
}

/** The beginning of an escape sequence that has no end yet. */
const UNFINISHED = /\u001b(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u001b]*\u001b?|[ -/]*)?$/;

/** What was printed, without what only moves and colours it. Not what a screen showed: that is what playing is for. */
function* plainText({ events }: Recording): Generator<string> {
  let rest = '';
  for (const { code, data } of events()) {
    if (code !== 'o') continue;
    const text = rest + data;
    const cut = UNFINISHED.exec(text)?.index ?? text.length;
    // What never ends is no sequence.
    const end = text.length - cut > 65_536 ? text.length : cut;
    rest = text.slice(end);
    const plain = text
      .slice(0, end)
      .replace(ESCAPES, '')
      .replace(/[\r\u0007\b\u000e\u000f]/g, '');
    if (plain !== '') yield neutralise(plain);
  }
  if (rest !== '') yield neutralise(rest);
}
