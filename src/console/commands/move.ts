/** Commands that move: between panes, rows and agents. */
import { still } from '../effects.ts';
import { agentsPane } from '../layout.ts';
import { focusBy, focusOn, moveBy, scrollBy } from '../moving.ts';
import { type ConsoleState, withUi } from '../state.ts';
import { agents } from '../views.ts';
import { ANYWHERE, type Command, IN_LISTS, IN_PANES, mover, type When } from './command.ts';

/** A screen scrolls back instead. */
const NOT_SCREEN: When = { words: 'lists', holds: s => IN_LISTS.holds(s) && s.ui.focus !== 'screen' };
/** To the sides there is nothing in a screen one looks back in. */
const NOT_GRID: When = { words: 'not the grid', holds: s => s.ui.stage === '' && s.ui.focus !== 'grid' };
/** `l` is "later" in the approvals pane. */
const NOT_APPROVALS: When = {
  words: 'other lists',
  holds: s => NOT_GRID.holds(s) && s.ui.focus !== 'approvals',
};

const PAGE = 10;

const move = mover('move', IN_LISTS);

function toAgent(n: number): Command {
  const has = (state: ConsoleState) => agents(state)[n - 1];
  return {
    id: `agent.${n}`,
    group: 'Move',
    title: `agent ${n}`,
    help: `Show the ${n}${n === 1 ? 'st' : n === 2 ? 'nd' : n === 3 ? 'rd' : 'th'} agent.`,
    keys: [String(n)],
    when: ANYWHERE,
    danger: 'none',
    disabledReason: state => (has(state) ? undefined : `there is no agent ${n}`),
    run: ({ state }) => {
      const agent = has(state)?.id ?? '';
      if (state.ui.stage) return still(withUi(state, { agent, stage: agent }));
      const stays = state.ui.focus === 'grid' || state.ui.zoom !== null;
      return still(stays ? withUi(state, { agent }) : focusOn(withUi(state, { agent }), agentsPane(state)));
    },
  };
}

export const MOVE: readonly Command[] = [
  move('down', 'down', 'Next row.', ['down', 'j'], s => moveBy(s, 1)),
  move('up', 'up', 'Row before.', ['up', 'k'], s => moveBy(s, -1)),
  { ...move('next', 'next pane', 'Focus the next pane.', ['tab'], s => focusBy(s, 1)), when: IN_PANES },
  {
    ...move('next-right', 'next pane', 'Focus the next pane.', ['right'], s => focusBy(s, 1)),
    when: NOT_GRID,
  },
  { ...move('next-l', 'next pane', 'Focus the next pane.', ['l'], s => focusBy(s, 1)), when: NOT_APPROVALS },
  {
    ...move('before', 'pane before', 'Focus the pane before.', ['shift-tab'], s => focusBy(s, -1)),
    when: IN_PANES,
  },
  {
    ...move('before-left', 'pane before', 'Focus the pane before.', ['left', 'h'], s => focusBy(s, -1)),
    when: NOT_GRID,
  },
  move('first', 'first', 'First row.', ['home'], s => moveBy(s, -Infinity)),
  move('last', 'last', 'Last row.', ['end'], s => moveBy(s, Infinity)),
  {
    ...move(
      'page-down',
      'scroll down',
      'Scroll the selected action, or a page of rows.',
      ['pagedown', 'J', 'ctrl-d'],
      s => (s.ui.focus === 'approvals' ? scrollBy(s, PAGE) : moveBy(s, PAGE)),
    ),
    when: NOT_SCREEN,
  },
  {
    ...move('page-up', 'scroll up', 'Scroll back.', ['pageup', 'K', 'ctrl-u'], s =>
      s.ui.focus === 'approvals' ? scrollBy(s, -PAGE) : moveBy(s, -PAGE),
    ),
    when: NOT_SCREEN,
  },
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(toAgent),
];
