/** A terminal too small to decide anything in. */
import { cut } from '../src/console/cells.ts';
import { MIN_COLS, MIN_ROWS } from '../src/console/layout.ts';
import { Block, type PaneProps } from './pane.tsx';

export function Small({ state }: PaneProps) {
  const { cols, rows } = state.size;
  const words = `too small: ${cols}x${rows}, needs ${MIN_COLS}x${MIN_ROWS}`;
  const lines: string[] = [];
  let line = '';
  for (const word of words.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > cols) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  const shown = lines.slice(0, Math.max(1, rows)).map(l => cut(l, cols).padEnd(cols));
  return <Block rect={{ x: 0, y: 0, w: cols, h: Math.min(rows, shown.length) }} rows={shown} />;
}
