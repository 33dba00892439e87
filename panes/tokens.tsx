/** Every token of the theme in use: how it looks, on the plain ground and on the selected row, and what it means. */
import { pad, type Row, wrapWords } from '../src/console/cells.ts';
import { AUTO } from '../src/console/looks.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { MEANINGS, TOKENS } from '../src/console/theme.ts';
import { type Content, page } from './page.tsx';

const SAMPLE = 'Ab 12 ▲ ●';
const NAME = Math.max(...TOKENS.map(token => token.length)) + 2;

export const Tokens = page(content);

function content({ looks }: ConsoleState, w: number): Content {
  const { theme, ground } = looks;
  const rows = TOKENS.flatMap((token): readonly Row[] =>
    wrapWords(MEANINGS[token], Math.max(10, w - NAME - SAMPLE.length - 5)).map((line, i) => [
      ' ',
      [pad(i === 0 ? token : '', NAME), 'strong'],
      [i === 0 ? SAMPLE : ' '.repeat(SAMPLE.length), i === 0 ? token : 'text'],
      '  ',
      [line, 'muted'],
    ]),
  );
  return {
    title: [
      ['Tokens ', 'strong'],
      [theme === AUTO ? `${ground}, by the terminal` : theme, 'muted'],
    ],
    rows,
  };
}
