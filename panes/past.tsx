/** What has scrolled away in an agent's screen: its lines, what was found in them, and what is selected. */
import { columns, type Row, rowWidth } from '../src/console/cells.ts';
import type { Rect } from '../src/console/layout.ts';
import { hitsOf, type LookBack, selection, textsOf, without } from '../src/console/look-back.ts';
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
  const shown = Array.from({ length: bottom - top }, (_, i) => top + i);
  const left = leftOf(back, rect.w);
  return (
    <>
      <Block
        rect={rect}
        rows={Array.from({ length: rect.h }, (_, i) => without(lines[top + i] ?? '', left))}
      />
      {left > 0 ? <Block rect={{ ...rect, w: 1, h: shown.length }} rows={shown.map(() => '…')} /> : null}
      {shown
        .filter(line => columns(texts[line] ?? '') > left + rect.w)
        .map(line => (
          <Block key={line} rect={{ ...lineRect(line), x: rect.x + rect.w - 1, w: 1 }} rows={['…']} />
        ))}
      {hits.map(({ line, from, to }, i) => {
        if (line < top || line >= bottom) return null;
        const text = texts[line] ?? '';
        const start = Math.max(0, columns(text.slice(0, from)) - left);
        const end = Math.min(rect.w, columns(text.slice(0, to)) - left);
        if (end <= start) return null;
        const place = { ...lineRect(line), x: rect.x + start, w: end - start };
        return <Mark key={`${line} ${from}`} rect={place} as={i === hit ? 'current' : 'found'} />;
      })}
      {shown.map(line =>
        (back.mark === null ? line === at : line >= first && line <= last) ? (
          <Mark key={line} rect={lineRect(line)} as={back.mark === null ? 'line' : 'chosen'} />
        ) : null,
      )}
    </>
  );
}

/** Columns that are left out on the left, so that the current find is in view in `w` columns. */
function leftOf(back: LookBack, w: number): number {
  const hit = hitsOf(back)[back.hit];
  const text = hit && (textsOf(back)[hit.line] ?? '');
  // The last column is the mark's of what goes on beyond it.
  if (!hit || !text || columns(text.slice(0, hit.to)) < w) return 0;
  return Math.max(0, columns(text.slice(0, hit.from)) - Math.floor(w / 3));
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
