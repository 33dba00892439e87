/** A row of the console in tmux's own style language, for tmux's status line. tmux fits colours to the terminal. */
import { clip, type Row } from '../cells.ts';
import type { ThemeStyles } from '../theme.ts';
import { tmuxStyle } from '../tmux-look.ts';

/** Exactly `width` columns of `row`. @param coloured false for NO_COLOR: weight, underline and reverse remain */
export function tmuxRow(row: Row, width: number, styles: ThemeStyles, coloured: boolean): string {
  return clip(row, width)
    .map(span => {
      const [text, token] = typeof span === 'string' ? [span, 'text' as const] : span;
      return text === '' ? '' : `#[${tmuxStyle(styles[token], coloured)}]${text.replaceAll('#', '##')}`;
    })
    .join('');
}
