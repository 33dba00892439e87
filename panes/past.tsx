/** What has scrolled away in an agent's screen: its lines, what was found in them, and what is selected. */
import { columns, type Row, rowWidth } from '../src/console/cells.ts';
import type { Rect } from '../src/console/layout.ts';
import { hitsOf, type LookBack, selection, textsOf } from '../src/console/look-back.ts';
import { plural } from '../src/model/text.ts';
import { Block, Mark } from './pane.tsx';

export function Past({ back, rect }: { readonly back: LookBack; readonly rect: Rect }) {
  const { lines, top, at, hit } = back;
  if (!lines) return null;
  const texts = textsOf(back);
  const bottom = Math.min(lines.length, top + rect.h);
  const [first, last] = selection(back);
  const lineRect = (line: number): Rect => ({ x: rect.x, y: rect.y + line - top, w: rect.w, h: 1 });
  const hits = hitsOf(back);
  return (
    <>
      <Block rect={rect} rows={Array.from({ length: rect.h }, (_, i) => lines[top + i] ?? '')} />
      {hits.map(({ line, from, to }, i) => {
        if (line < top || line >= bottom) return null;
        const text = texts[line] ?? '';
        const x = columns(text.slice(0, from));
        const w = Math.min(columns(text.slice(from, to)), rect.w - x);
        const place = { ...lineRect(line), x: rect.x + x, w };
        return <Mark key={`${line} ${from}`} rect={place} as={i === hit ? 'current' : 'found'} />;
      })}
      {Array.from({ length: bottom - top }, (_, i) => top + i).map(line =>
        (back.mark === null ? line === at : line >= first && line <= last) ? (
          <Mark key={line} rect={lineRect(line)} as={back.mark === null ? 'line' : 'chosen'} />
        ) : null,
      )}
    </>
  );
}

/** Where one is, for a frame with room for `w` columns: what matters least is left out where there is less. */
export function pastFoot(back: LookBack, height: number, w: number): Row {
  if (!back.lines) return [['asking tmux…', 'muted']];
  const below = Math.max(0, back.lines.length - back.top - height);
  const hits = hitsOf(back);
  const [first, last] = selection(back);
  const found: Row =
    back.query === ''
      ? []
      : hits.length === 0
        ? [['not found · ', 'warn']]
        : [[`${back.hit + 1} of ${hits.length} found · `, 'accent']];
  const chosen: Row =
    back.mark === null ? [] : [[`${plural(last - first + 1, 'line')} selected · `, 'accent']];
  const where: Row = [[`line ${back.at + 1} of ${back.lines.length}`, 'warn']];
  const further: Row = [[below > 0 ? ` · ▼ ${below}` : '', 'warn']];
  const out: Row = [
    [' · ', 'faint'],
    ['Esc', 'key'],
    [' live', 'muted'],
  ];
  const all: readonly Row[] = [
    [...found, ...chosen, ...where, ...further, ...out],
    [...found, ...chosen, ...where, ...further],
    [...found, ...where],
  ];
  return all.find(row => rowWidth(row) <= w - 4) ?? where;
}
