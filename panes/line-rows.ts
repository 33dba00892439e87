/** A text being edited, with its cursor, in rows. */
import { columns, head, type Row, wrapHard } from '../src/console/cells.ts';
import type { LineState } from '../src/console/line.ts';
import { neutralise } from '../src/model/text.ts';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function underCursor(text: string): string {
  for (const { segment } of graphemes.segment(text.slice(0, 32))) return segment;
  return ' ';
}

/** One line; scrolled sideways so that the cursor is in view. */
export function lineRow(line: LineState, width: number): Row {
  const before = neutralise(line.text.slice(0, line.cursor)).replaceAll('\n', '⏎');
  const at = neutralise(underCursor(line.text.slice(line.cursor))).replaceAll('\n', '⏎');
  const after = neutralise(
    line.text.slice(line.cursor + (line.cursor < line.text.length ? at.length : 0)),
  ).replaceAll('\n', '⏎');
  const room = Math.max(1, width - columns(at) - 1);
  let shown = before;
  while (columns(shown) > room)
    shown = shown.slice(Math.max(1, shown.length - room - 8 > 0 ? shown.length - room : 1));
  const clipped = shown.length < before.length;
  return [
    [clipped ? '…' : '', 'muted'],
    [shown.slice(clipped ? 1 : 0), 'strong'],
    [at, 'cursor'],
    [head(after, room - columns(shown)), 'strong'],
  ];
}

/** Many lines, wrapped, in a window of `height` rows around the cursor. */
export function textRows(line: LineState, width: number, height: number): readonly Row[] {
  const rows: Row[] = [];
  let cursorRow = 0;
  let offset = 0;
  for (const text of line.text.split('\n')) {
    let start = 0;
    for (const part of wrapHard(neutralise(text), Math.max(1, width - 1))) {
      // Neutralised text may be longer than what it stands for; then the cursor is shown at the row's end.
      const at = line.cursor - offset - start;
      const last = start + part.length >= text.length;
      if (at >= 0 && (at < part.length || (last && at <= text.length - start))) {
        cursorRow = rows.length;
        const under = part.slice(at) === '' ? ' ' : underCursor(part.slice(at));
        rows.push([
          [part.slice(0, at), 'code'],
          [under, 'cursor'],
          [part.slice(at + under.length), 'code'],
        ]);
      } else {
        rows.push([[part, 'code']]);
      }
      start += part.length;
    }
    offset += text.length + 1;
  }
  const from = Math.max(0, Math.min(cursorRow - Math.floor(height / 2), rows.length - height));
  return rows.slice(from, from + height);
}
