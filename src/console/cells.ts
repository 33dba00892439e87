/** Text in terminal columns: measuring, cutting, wrapping, and rows of styled spans that become ANSI at the end. */

import stringWidth from 'string-width';
import { graphemes } from '../model/graphemes.ts';
import { isNarrow } from '../model/text.ts';
import type { Target } from './target.ts';
import type { Theme, Token } from './theme.ts';

/** A piece of a row, what it means, and what a click on it is for. */
export type Span = string | readonly [text: string, token: Token, target?: Target];
export type Row = readonly Span[];

/** Columns a text takes; it must hold no control characters. */
export function columns(text: string): number {
  return isNarrow(text) ? text.length : stringWidth(text);
}

/** The longest head of `text` that fits `width` columns. */
export function head(text: string, width: number): string {
  if (width <= 0) return '';
  if (isNarrow(text)) return text.slice(0, width);
  let used = 0;
  let out = '';
  for (const { segment } of graphemes(text)) {
    const w = columns(segment);
    if (used + w > width) break;
    used += w;
    out += segment;
  }
  return out;
}

/** `text` in at most `width` columns; what is cut off is marked by …. */
export function cut(text: string, width: number): string {
  return columns(text) <= width ? text : width <= 0 ? '' : `${head(text, width - 1)}…`;
}

/** As `cut`, of a name: what tells names apart is often at their end, so the middle is what goes. */
export function cutName(name: string, width: number): string {
  if (columns(name) <= width || width < 4) return cut(name, width);
  const end = Math.floor(((width - 1) * 2) / 5);
  let tail = '';
  for (const { segment } of [...graphemes(name)].reverse()) {
    if (columns(segment) + columns(tail) > end) break;
    tail = segment + tail;
  }
  return `${head(name, width - 1 - columns(tail))}…${tail}`;
}

/** Exactly `width` columns, filled with spaces. */
export function pad(text: string, width: number): string {
  const fitted = cut(text, width);
  return fitted + ' '.repeat(Math.max(0, width - columns(fitted)));
}

/** Every character kept, broken wherever the row is full, and at line breaks; tabs become two spaces. For code. */
export function wrapHard(text: string, width: number): readonly string[] {
  const out: string[] = [];
  for (const line of text.replaceAll('\t', '  ').split('\n')) {
    let rest = line;
    do {
      // One column at least, or a wide character in a narrow place would never end.
      const part = head(rest, Math.max(1, width)) || [...rest].slice(0, 1).join('');
      out.push(part);
      rest = rest.slice(part.length);
    } while (rest !== '');
  }
  return out;
}

/** Broken at spaces where possible. For prose. */
export function wrapWords(text: string, width: number): readonly string[] {
  const out: string[] = [];
  for (const paragraph of text.split('\n')) {
    let row = '';
    for (const word of paragraph.split(' ')) {
      const longer = row === '' ? word : `${row} ${word}`;
      if (columns(longer) <= width) {
        row = longer;
        continue;
      }
      if (row !== '') out.push(row);
      const parts = wrapHard(word, width);
      out.push(...parts.slice(0, -1));
      row = parts.at(-1) ?? '';
    }
    out.push(row);
  }
  return out;
}

export function rowWidth(row: Row): number {
  return row.reduce((sum, span) => sum + columns(typeof span === 'string' ? span : span[0]), 0);
}

/** ANSI of exactly `width` columns. `base` lies under every span: the selection's background. */
export function paint(row: Row, width: number, theme: Theme, base?: Token): string {
  const under = base ? theme[base] : '';
  let left = width;
  let out = '';
  for (const [i, span] of row.entries()) {
    const [text, token] = typeof span === 'string' ? [span, 'text' as const] : span;
    if (left <= 0) break;
    const rest = row.slice(i + 1);
    const fitted =
      columns(text) > left || (columns(text) === left && rowWidth(rest) > 0)
        ? `${head(text, left - 1)}…`
        : text;
    left -= columns(fitted);
    out += styled(fitted, theme[token], under);
  }
  return left > 0 ? out + styled(' '.repeat(left), '', under) : out;
}

function styled(text: string, style: string, under: string): string {
  if (text === '') return '';
  const codes = [under, style].filter(c => c !== '').join(';');
  return codes === '' ? text : `\x1b[${codes}m${text}\x1b[0m`;
}

/** `left` and `right` at the two ends of `width` columns; the left one is cut if both do not fit. */
export function ends(left: Row, right: Row, width: number): Row {
  const room = width - rowWidth(right);
  return [...clip(left, room), ...right];
}

/** A row cut or filled to exactly `width` columns. */
export function clip(row: Row, width: number): Row {
  const out: Span[] = [];
  let left = width;
  for (const span of row) {
    const [text, token, target] = typeof span === 'string' ? [span, 'text' as const] : span;
    if (left <= 0) break;
    const fitted = cut(text, left);
    left -= columns(fitted);
    out.push(target ? [fitted, token, target] : [fitted, token]);
  }
  return left > 0 ? [...out, ' '.repeat(left)] : out;
}
