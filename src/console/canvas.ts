/**
 * The compositor: blocks of finished rows onto the terminal, writing only what differs from what is there. Ink lays the
 * panes out and decides which there are; rows of ANSI never pass through Ink, whose cost is per cell and frame.
 */
import { createContext } from 'react';
import type { Rect } from './layout.ts';

export interface Block {
  readonly rect: Rect;
  /** ANSI, each exactly `rect.w` columns, starting and ending without any style in force. */
  readonly rows: readonly string[];
}

/** What lies on one terminal row: texts by the column they start at. */
type Line = ReadonlyMap<number, string>;

export type Frame = readonly Line[];

/** Where panes put their rows. Without one (tests, screen readers) they are Ink's own text. */
export interface Canvas {
  put(block: Block): void;
}

export const CanvasContext = createContext<Canvas | null>(null);

/** Blocks in the order they were put: a later one covers what it fully covers of earlier ones; gaps are blank. */
export function compose(blocks: readonly Block[], cols: number, rows: number): Frame {
  return Array.from({ length: rows }, (_, y) => {
    let parts: { readonly x: number; readonly w: number; readonly text: string }[] = [];
    for (const { rect, rows: texts } of blocks) {
      const text = texts[y - rect.y];
      if (y < rect.y || text === undefined) continue;
      const end = rect.x + rect.w;
      parts = parts.filter(p => p.x < rect.x || p.x + p.w > end);
      parts.push({ x: rect.x, w: rect.w, text });
    }
    const line = new Map<number, string>();
    let x = 0;
    for (const part of parts.sort((a, b) => a.x - b.x)) {
      if (part.x > x) line.set(x, ' '.repeat(part.x - x));
      line.set(part.x, part.text);
      x = part.x + part.w;
    }
    if (x < cols) line.set(x, ' '.repeat(cols - x));
    return line;
  });
}

/** What must be written to turn one frame into the other; everything when there was none. '' when nothing differs. */
export function difference(before: Frame | null, after: Frame): string {
  let out = '';
  for (const [y, line] of after.entries()) {
    const old = before?.[y];
    for (const [x, text] of line) {
      if (old?.get(x) !== text) out += `\x1b[${y + 1};${x + 1}H${text}`;
    }
  }
  return out;
}

/** Synchronized output, DECSET 2026: the terminal shows all of it at once. */
export function atOnce(text: string): string {
  return `\x1b[?2026h${text}\x1b[?2026l`;
}
