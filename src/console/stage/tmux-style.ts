/** A row of the console in tmux's own style language, for tmux's status line. tmux fits colours to the terminal. */
import { clip, type Row } from '../cells.ts';
import type { Theme } from '../theme.ts';

/** Exactly `width` columns of `row`. @param coloured false for NO_COLOR: weight, underline and reverse remain */
export function tmuxRow(row: Row, width: number, theme: Theme, coloured: boolean): string {
  return clip(row, width)
    .map(span => {
      const [text, token] = typeof span === 'string' ? [span, 'text' as const] : span;
      return text === '' ? '' : `#[${styleOf(theme[token], coloured)}]${text.replaceAll('#', '##')}`;
    })
    .join('');
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  '1': 'bold',
  '2': 'dim',
  '3': 'italics',
  '4': 'underscore',
  '7': 'reverse',
};

/** tmux's words for SGR parameters as a theme has them: `1;38;2;97;175;239` → `default,bold,fg=#61afef`. */
function styleOf(sgr: string, coloured: boolean): string {
  const style = ['default'];
  const codes = sgr.split(';');
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? '';
    if (code === '38' || code === '48') {
      if (coloured)
        style.push(
          `${code === '38' ? 'fg' : 'bg'}=#${codes
            .slice(i + 2, i + 5)
            .map(hex)
            .join('')}`,
        );
      i += 4;
    } else if (ATTRIBUTES[code]) style.push(ATTRIBUTES[code]);
  }
  return style.join(',');
}

function hex(code: string): string {
  return Number(code).toString(16).padStart(2, '0');
}
