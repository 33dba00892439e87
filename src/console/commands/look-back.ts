/** Commands for what has scrolled away in an agent's screen. */
import { still } from '../effects.ts';
import { newLine } from '../line.ts';
import { copy, lookBack, mark, moveBack, scrollBack, seekOn } from '../look-back.ts';
import { type ConsoleState, withUi } from '../state.ts';
import { shownAgent } from '../views.ts';
import { type Command, enabled, IN_SCREEN, LOOKING_BACK } from './command.ts';

/** Rows of one page. */
const PAGE = 10;

function inBack(
  id: string,
  title: string,
  help: string,
  keys: readonly string[],
  run: Command['run'],
  hint?: number,
): Command {
  return {
    id: `back.${id}`,
    group: 'Look',
    title,
    help,
    keys,
    when: LOOKING_BACK,
    danger: 'none',
    ...(hint === undefined ? {} : { hint }),
    disabledReason: enabled,
    run,
  };
}

const noAgent = (state: ConsoleState): string | undefined =>
  shownAgent(state)?.pane ? undefined : 'this agent has no screen';

const finds = (state: ConsoleState): string | undefined =>
  state.ui.back?.query ? undefined : 'nothing is looked for yet';

export const LOOK_BACK: readonly Command[] = [
  {
    ...inBack(
      'page-up',
      'look back',
      'Scroll back in the agent’s screen; it goes on meanwhile.',
      ['pageup', 'K', 'ctrl-u'],
      ({ state }) => (state.ui.back ? still(scrollBack(state, -PAGE)) : lookBack(state, -PAGE)),
      7,
    ),
    when: IN_SCREEN,
    disabledReason: noAgent,
  },
  {
    ...inBack(
      'find',
      'find',
      'Find text in the agent’s screen and in what has scrolled away.',
      ['/'],
      ({ state }) => {
        const step = state.ui.back ? still(state) : lookBack(state, 0);
        const from = state.ui.back?.at ?? Number.POSITIVE_INFINITY;
        const line = newLine(state.ui.back?.query ?? '');
        return { ...step, state: withUi(step.state, { overlay: { kind: 'seek', line, from } }) };
      },
      8,
    ),
    when: IN_SCREEN,
    disabledReason: noAgent,
  },
  inBack(
    'page-down',
    'scroll down',
    'Scroll down; from the end, back to what is live.',
    ['pagedown', 'J', 'ctrl-d'],
    ({ state }) => still(scrollBack(state, PAGE)),
  ),
  inBack('up', 'up', 'Line before.', ['up', 'k'], ({ state }) => still(moveBack(state, -1))),
  inBack('down', 'down', 'Next line.', ['down', 'j'], ({ state }) => still(moveBack(state, 1))),
  inBack('first', 'oldest', 'The oldest line.', ['home'], ({ state }) => still(moveBack(state, -Infinity))),
  inBack('last', 'newest', 'The newest line there was.', ['end'], ({ state }) =>
    still(moveBack(state, Infinity)),
  ),
  {
    ...inBack(
      'next',
      'find before',
      'The find before this one: upwards, older.',
      ['n'],
      ({ state }) => still(seekOn(state, -1)),
      3,
    ),
    disabledReason: finds,
  },
  {
    ...inBack('previous', 'find after', 'The find after this one.', ['N'], ({ state }) =>
      still(seekOn(state, 1)),
    ),
    disabledReason: finds,
  },
  inBack(
    'select',
    'select',
    'Begin to select lines, or select none.',
    ['v'],
    ({ state }) => still(mark(state)),
    4,
  ),
  inBack(
    'copy',
    'copy',
    'Copy the selected lines, or this one, to the clipboard (OSC 52) and to tmux.',
    ['y'],
    ({ state }) => copy(state),
    5,
  ),
];
