/** A line editor, with line breaks where they are allowed. Pure. The cursor is an offset in UTF-16 units. */
import { graphemes } from '../model/graphemes.ts';

export interface LineState {
  readonly text: string;
  readonly cursor: number;
  /** Line breaks are allowed. */
  readonly multi: boolean;
}

const MAX_TEXT = 65_536;

export function newLine(text = '', multi = false): LineState {
  return { text, cursor: text.length, multi };
}

/** Text put in at the cursor, without control characters; line breaks become spaces where they are not allowed. */
export function insert(line: LineState, raw: string): LineState {
  const flat = raw
    .replace(/\r\n?/g, '\n')
    .replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, c => (c === '\t' ? '  ' : ''));
  const text = line.multi ? flat : flat.replaceAll('\n', ' ');
  if (line.text.length + text.length > MAX_TEXT) return line;
  return {
    ...line,
    text: line.text.slice(0, line.cursor) + text + line.text.slice(line.cursor),
    cursor: line.cursor + text.length,
  };
}

/** The line after a key, or undefined when the key is not one of the editor's. */
export function press(line: LineState, key: string, text: string): LineState | undefined {
  if (text !== '') return insert(line, text);
  return EDITS[key]?.(line);
}

const EDITS: Readonly<Record<string, (line: LineState) => LineState | undefined>> = {
  left: l => ({ ...l, cursor: before(l) }),
  right: l => ({ ...l, cursor: after(l) }),
  'ctrl-b': l => ({ ...l, cursor: before(l) }),
  'ctrl-f': l => ({ ...l, cursor: after(l) }),
  'alt-b': l => ({ ...l, cursor: wordBefore(l) }),
  'alt-f': l => ({ ...l, cursor: wordAfter(l) }),
  'ctrl-left': l => ({ ...l, cursor: wordBefore(l) }),
  'ctrl-right': l => ({ ...l, cursor: wordAfter(l) }),
  home: l => ({ ...l, cursor: lineStart(l) }),
  'ctrl-a': l => ({ ...l, cursor: lineStart(l) }),
  end: l => ({ ...l, cursor: lineEnd(l) }),
  'ctrl-e': l => ({ ...l, cursor: lineEnd(l) }),
  up: l => (l.multi ? vertical(l, -1) : undefined),
  down: l => (l.multi ? vertical(l, 1) : undefined),
  backspace: l => remove(l, before(l), l.cursor),
  delete: l => remove(l, l.cursor, after(l)),
  'ctrl-d': l => remove(l, l.cursor, after(l)),
  'ctrl-w': l => remove(l, wordBefore(l), l.cursor),
  'alt-backspace': l => remove(l, wordBefore(l), l.cursor),
  'ctrl-u': l => remove(l, lineStart(l), l.cursor),
  'ctrl-k': l => remove(l, l.cursor, lineEnd(l)),
  'ctrl-j': l => (l.multi ? insert(l, '\n') : undefined),
  'alt-enter': l => (l.multi ? insert(l, '\n') : undefined),
};

function remove(line: LineState, from: number, to: number): LineState {
  return { ...line, text: line.text.slice(0, from) + line.text.slice(to), cursor: from };
}

function before({ text, cursor }: LineState): number {
  // A grapheme is far shorter than this, so the segmenter need not walk the whole text.
  const from = Math.max(0, cursor - 64);
  let last = from;
  for (const { index } of graphemes(text.slice(from, cursor))) last = from + index;
  return cursor === 0 ? 0 : last;
}

function after({ text, cursor }: LineState): number {
  for (const { segment } of graphemes(text.slice(cursor, cursor + 64))) return cursor + segment.length;
  return cursor;
}

function wordBefore({ text, cursor }: LineState): number {
  const match = /\S+\s*$/.exec(text.slice(0, cursor));
  return match ? match.index : 0;
}

function wordAfter({ text, cursor }: LineState): number {
  const match = /^\s*\S+/.exec(text.slice(cursor));
  return match ? cursor + match[0].length : text.length;
}

function lineStart({ text, cursor }: LineState): number {
  return cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1;
}

function lineEnd({ text, cursor }: LineState): number {
  const end = text.indexOf('\n', cursor);
  return end < 0 ? text.length : end;
}

function vertical(line: LineState, by: -1 | 1): LineState {
  const start = lineStart(line);
  const column = line.cursor - start;
  if (by < 0) {
    if (start === 0) return { ...line, cursor: 0 };
    const up = lineStart({ ...line, cursor: start - 1 });
    return { ...line, cursor: Math.min(up + column, start - 1) };
  }
  const end = lineEnd(line);
  if (end === line.text.length) return { ...line, cursor: end };
  return { ...line, cursor: Math.min(end + 1 + column, lineEnd({ ...line, cursor: end + 1 })) };
}
