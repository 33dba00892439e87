/** Commands about how the console looks: theme, layout, every token. */
import { openChooser } from '../choosing.ts';
import { still } from '../effects.ts';
import { withUi } from '../state.ts';
import { ANYWHERE, type Command, enabled, IN_PANES } from './command.ts';

export const LOOKS: readonly Command[] = [
  {
    id: 'look.layout',
    group: 'Look',
    title: 'layout',
    help: 'Choose which panes stand where; what is under the cursor is shown at once, Enter keeps it for you.',
    keys: ['L'],
    when: IN_PANES,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => still(openChooser(state, 'layout')),
  },
  {
    id: 'look.theme',
    group: 'Look',
    title: 'theme',
    help: 'Choose the colours; what is under the cursor is shown at once, Enter keeps it for you.',
    keys: ['T'],
    when: IN_PANES,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => still(openChooser(state, 'theme')),
  },
  {
    id: 'look.tokens',
    group: 'Look',
    title: 'tokens',
    help: 'Every token of the theme, as it looks and what it means.',
    keys: [],
    when: ANYWHERE,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => still(withUi(state, { overlay: { kind: 'tokens', scroll: 0 } })),
  },
];
