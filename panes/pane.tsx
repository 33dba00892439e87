/** What every pane is given, and how its rows get onto the screen: one block of ANSI at its place. */
import { Box, Text } from 'ink';
import { useContext, useLayoutEffect } from 'react';
import { type Block as BlockProps, CanvasContext, type Mark as MarkProps } from '../src/console/canvas.ts';
import type { Row } from '../src/console/cells.ts';
import { type Framed, frame, spotsOf } from '../src/console/frame.ts';
import type { Rect } from '../src/console/layout.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { operatorToken, type Theme } from '../src/console/theme.ts';
import { modeOf } from '../src/console/views.ts';

export interface PaneProps {
  readonly state: ConsoleState;
  readonly rect: Rect;
  readonly theme: Theme;
}

/** Rows of ANSI at a place, each exactly as wide as it is. */
export function Block({ rect, rows, spots = [], most }: BlockProps) {
  const canvas = useContext(CanvasContext);
  useLayoutEffect(() => canvas?.put({ rect, rows, spots, most }));
  if (canvas) return null;
  return (
    <Box position="absolute" top={rect.y} left={rect.x} width={rect.w} height={rect.h}>
      <Text wrap="truncate">{rows.join('\n')}</Text>
    </Box>
  );
}

/** A place through which the screen of a tmux pane shows; its text never becomes Ink's. */
export function Hole({ rect, pane }: { readonly rect: Rect; readonly pane: string }) {
  const canvas = useContext(CanvasContext);
  useLayoutEffect(() => canvas?.put({ rect, pane }));
  return null;
}

/** What lies there looks otherwise. */
export function Mark({ rect, as }: MarkProps) {
  const canvas = useContext(CanvasContext);
  useLayoutEffect(() => canvas?.put({ rect, as }));
  return null;
}

/** A framed pane. */
export function Pane({
  state,
  rect,
  theme,
  focused,
  framed,
}: PaneProps & { readonly focused: boolean; readonly framed: Framed }) {
  const look = { mode: modeOf(state), focused, operator: operatorToken(state.me?.operator ?? '') };
  const rows = frame(framed, rect.w, rect.h, theme, look);
  return <Block rect={rect} rows={rows} spots={spotsOf(framed, rect)} most={framed.most} />;
}

/** The place inside the frame. */
export function within({ x, y, w, h }: Rect): Rect {
  return { x: x + 1, y: y + 1, w: Math.max(0, w - 2), h: Math.max(0, h - 2) };
}

/** Columns and rows inside the frame. */
export function inside(rect: Rect): { readonly w: number; readonly h: number } {
  return { w: Math.max(1, rect.w - 2), h: Math.max(0, rect.h - 2) };
}

/**
 * A window of `height` rows that starts at `scroll` or as far down as there is something; what lies outside it, and how
 * far down it can go.
 */
export function scrolled(
  rows: readonly Row[],
  scroll: number,
  height: number,
  keys: string,
): { readonly body: readonly Row[]; readonly foot: Row; readonly most: number } {
  const most = Math.max(0, rows.length - height);
  const from = Math.min(Math.max(0, scroll), most);
  const below = most - from;
  const foot: Row =
    most === 0
      ? []
      : [
          [from > 0 ? `▲ ${from} ` : '', 'warn'],
          [below > 0 ? `▼ ${below} more ` : '▼ end ', below > 0 ? 'warn' : 'muted'],
          [keys, 'muted'],
        ];
  return { body: rows.slice(from, from + height), foot, most };
}

/** First row of a window of `height` rows that keeps `at` in view. */
export function windowFrom(at: number, count: number, height: number): number {
  return Math.max(0, Math.min(at - Math.floor(height / 2), count - height));
}
