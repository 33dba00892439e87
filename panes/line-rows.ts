/** A text being edited, with its cursor, in rows. */
import { columns, head, type Row, wrapHard } from '../src/console/cells.ts';
import type { LineState } from '../src/console/line.ts';
import { graphemes } from '../src/model/graphemes.ts';
import { neutralise } from '../src/model/text.ts';

/** The text's first character, whatever it is made of; a space at the end. */
function firstOf(text: string): string {
  for (const { segment } of graphemes(text.slice(0, 32))) return segment;
  return ' ';
}

/** As it is shown: harmless, tabs as two spaces. Longer than what it stands for, so cursors are mapped through it. */
function shown(text: string): string {
  return neutralise(text).replaceAll('\t', '  ');
}

/** One line; scrolled sideways so that the cursor is in view. */
export function lineRow(line: LineState, width: number): Row {
  const flat = (text: string): string => shown(text).replaceAll('\n', '⏎');
  const rest = line.text.slice(line.cursor);
  const at = flat(firstOf(rest));
  const after = rest === '' ? '' : flat(rest.slice(firstOf(rest).length));
  const room = Math.max(1, width - columns(at) - 1);
  let before = flat(line.text.slice(0, line.cursor));
  const whole = before;
  for (const { segment } of graphemes(whole)) {
    if (columns(before) <= room) break;
    before = before.slice(segment.length);
  }
  return [
    [before === whole ? '' : '…', 'muted'],
    [before, 'strong'],
    [at, 'cursor'],
    [head(after, room - columns(before)), 'strong'],
  ];
}

/** Many lines, wrapped, in a window of `height` rows around the cursor. */
export function textRows(line: LineState, width: number, height: number): readonly Row[] {
  const rows: Row[] = [];
  const before = line.text.slice(0, line.cursor).split('\n');
  const cursorLine = before.length - 1;
  const cursorAt = shown(before.at(-1) ?? '').length;
  let cursorRow = 0;
  for (const [n, text] of line.text.split('\n').entries()) {
    let start = 0;
    const parts = wrapHard(shown(text), Math.max(1, width - 1));
    for (const [i, part] of parts.entries()) {
      const at = cursorAt - start;
      const last = i === parts.length - 1;
      if (n === cursorLine && at >= 0 && (at < part.length || (last && at === part.length))) {
        cursorRow = rows.length;
        const under = firstOf(part.slice(at));
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
  }
  const from = Math.max(0, Math.min(cursorRow - Math.floor(height / 2), rows.length - height));
  return rows.slice(from, from + height);
}
