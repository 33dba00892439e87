/** Commands of the grid of all agents, and of one agent on the whole body. */
import { still } from '../effects.ts';
import { moveInGrid, turnPage } from '../grid.ts';
import { agentsPane } from '../layout.ts';
import { focusOn } from '../moving.ts';
import { withUi } from '../state.ts';
import { agents, shownAgent } from '../views.ts';
import { type Command, IN_PANES, mover, type When } from './command.ts';

const IN_GRID: When = { words: 'grid', holds: s => s.ui.stage === '' && s.ui.focus === 'grid' };

const move = mover('grid', IN_GRID);

/** Before the commands that move in lists: in the grid the same keys go to the tile beside. */
export const GRID: readonly Command[] = [
  {
    id: 'look.grid',
    group: 'Look',
    title: 'all agents',
    help: 'Show the live screens of all agents at once; again, or Esc, goes back.',
    keys: ['g'],
    when: IN_PANES,
    danger: 'none',
    hint: 8,
    disabledReason: state => (agents(state).length > 0 ? undefined : 'there are no agents'),
    run: ({ state }) => {
      if (state.ui.focus !== 'grid') return still(focusOn(withUi(state, { zoom: null }), 'grid'));
      return still(focusOn(state, agentsPane(focusOn(state, 'agents'))));
    },
  },
  {
    id: 'look.zoom',
    group: 'Look',
    title: 'zoom',
    help: 'Show the agent’s screen alone, without typing into it; again, or Esc, goes back.',
    keys: ['z'],
    when: IN_PANES,
    danger: 'none',
    hint: 9,
    disabledReason: state => (shownAgent(state) ? undefined : 'no agent is selected'),
    run: ({ state }) => {
      const { zoom, focus } = state.ui;
      if (zoom !== null) return still(withUi(state, { zoom: null, focus: zoom }));
      const agent = shownAgent(state)?.id ?? state.ui.agent;
      return still(withUi(state, { zoom: focus, focus: 'screen', agent }));
    },
  },
  move('left', 'left', 'The tile to the left.', ['left', 'h'], s => moveInGrid(s, -1, 0)),
  move('right', 'right', 'The tile to the right.', ['right', 'l'], s => moveInGrid(s, 1, 0)),
  move('up', 'up', 'The tile above.', ['up', 'k'], s => moveInGrid(s, 0, -1)),
  move('down', 'down', 'The tile below.', ['down', 'j'], s => moveInGrid(s, 0, 1)),
  move('first', 'first', 'The first tile.', ['home'], s => moveInGrid(s, 0, -Infinity)),
  move('last', 'last', 'The last tile.', ['end'], s => moveInGrid(s, 0, Infinity)),
  move('page-up', 'page before', 'The page of tiles before.', ['pageup', 'K', 'ctrl-u'], s =>
    turnPage(s, -1),
  ),
  move('page-down', 'next page', 'The next page of tiles.', ['pagedown', 'J', 'ctrl-d'], s => turnPage(s, 1)),
];
