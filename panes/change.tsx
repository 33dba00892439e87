/** What the changed fleet file changes, agent by agent, or why it cannot be used. */
import { type Row, wrapHard } from '../src/console/cells.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Token } from '../src/console/theme.ts';
import { type ChangeLine, changeLines } from '../src/model/change-lines.ts';
import { neutralise } from '../src/model/text.ts';
import { type Content, page } from './page.tsx';

export const Change = page(content);

const TOKENS: Readonly<Record<ChangeLine['is'], Token>> = {
  added: 'added',
  removed: 'removed',
  changed: 'warn',
  detail: 'text',
};

/** Before what is left of a line that is too long. */
const GOES_ON = '   ↪ ';

function content(state: ConsoleState, w: number): Content {
  const { proposal } = state.fleet.config;
  const rows = (text: string, token: Token): readonly Row[] =>
    wrapHard(text, w - GOES_ON.length).map(
      (part, i): Row => [i > 0 ? [GOES_ON, 'faint'] : ' ', [part, token]],
    );
  if (!proposal)
    return { title: [['The fleet file', 'strong']], rows: rows('It says what is in force.', 'text') };
  if (proposal.is === 'refused') {
    return {
      title: [['The fleet file cannot be used; what was in force stays', 'bad']],
      rows: proposal.problems.flatMap(problem => rows(neutralise(problem), 'text')),
    };
  }
  return {
    title: [
      ['Put it in force?', 'warn'],
      ['  y', 'key'],
      [' does', 'muted'],
    ],
    rows: changeLines(proposal.change).flatMap(({ is, text }) => rows(text, TOKENS[is])),
    esc: 'not now',
  };
}
