/**
 * For screen readers: no frames, but lines, one after the other, of what has changed and what is asked. Keys are the
 * same. What lies open (a question, a page, the whole of a request) is read as its pane shows it, without the lines
 * around it.
 */
import type { Layer } from './canvas.ts';
import { inkLayers } from './ink-layers.ts';
import { layoutOf, type Rect } from './layout.ts';
import type { Painter } from './painter.ts';
import { speech } from './speech.ts';
import type { ConsoleState } from './state.ts';
import { compile } from './theme.ts';
import { mono } from './themes.ts';
import { selectedRequest } from './views.ts';

const theme = compile(mono);

export function reader(write: (text: string) => void): Painter {
  const ink = inkLayers();
  let before: ConsoleState | null = null;
  let heard: readonly string[] = [];

  /** What is read of the pane that asks for something; null where nothing new is asked. */
  function asked(state: ConsoleState): readonly string[] | null {
    const { overlay } = state.ui;
    const { overlay: place, panes } = layoutOf(state);
    if (overlay) {
      if (overlay === before?.ui.overlay || !place) return null;
      const lines = linesIn(ink.of(state, theme), place);
      // Of a page that was scrolled, a choice that moved, a line that is typed: what is new.
      const same = overlay.kind === before?.ui.overlay?.kind;
      return same ? lines.filter(line => !heard.includes(line)) : lines;
    }
    const request = state.ui.focus === 'approvals' ? selectedRequest(state) : undefined;
    const was = before?.ui.focus === 'approvals' ? selectedRequest(before)?.id : undefined;
    const rect = panes.find(p => p.pane === 'approvals')?.rect;
    if (!request || !rect || (request.id === was && state.ui.scroll === before?.ui.scroll)) return null;
    const lines = linesIn(ink.of(state, theme), rect);
    return request.id === was ? lines.filter(line => !heard.includes(line)) : lines;
  }

  return {
    paint(state) {
      const read = asked(state);
      if (read) heard = state.ui.overlay?.kind === before?.ui.overlay?.kind ? [...heard, ...read] : read;
      const lines = [...speech(before, state), ...(read ?? [])];
      before = state;
      if (lines.length > 0) write(`${lines.join('\r\n')}\r\n`);
    },
    refresh() {},
    panes: [],
    most: {},
    targetAt: () => undefined,
    forget() {
      before = null;
      heard = [];
    },
    close: ink.close,
  };
}

/** The text of the topmost block at a place, without frames. */
function linesIn(layers: readonly Layer[], { x, y, w, h }: Rect): readonly string[] {
  const block = layers.findLast(
    layer =>
      'rows' in layer && layer.rect.x === x && layer.rect.y === y && layer.rect.w === w && layer.rect.h === h,
  );
  if (!block || !('rows' in block)) return [];
  return block.rows
    .map(row =>
      row
        .replace(/\x1b\[[\d;:]*m/g, '')
        .replace(/[\u2500-\u257f]+/g, ' ')
        .replace(/ {2,}/g, ' ')
        .trim(),
    )
    .filter(line => line !== '');
}
