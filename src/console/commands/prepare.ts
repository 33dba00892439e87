/** Commands of the tray: what is staged in prepare mode happens only when it is committed. */

import { plural } from '../../model/text.ts';
import { asking, sending, still } from '../effects.ts';
import { withUi } from '../state.ts';
import { mayNot, tray } from '../views.ts';
import { type Command, IN_PANES, IN_TRAY } from './command.ts';

export const PREPARE: readonly Command[] = [
  {
    id: 'tray.commit',
    group: 'Prepare',
    title: 'commit tray',
    help: 'Carry out everything staged, in order. Asks first.',
    keys: ['C'],
    when: IN_PANES,
    danger: 'decides',
    hint: 8,
    disabledReason: state => (tray(state).length === 0 ? 'nothing is staged' : mayNot(state, 'stage')),
    run: ({ state }) => {
      const items = tray(state).map(t => t.item);
      const title = `Carry out ${plural(items.length, 'staged item')}?`;
      const detail = 'the tray shows what happens; each is checked again by the engine';
      const send = { request: 'stage.commit', with: { items } } as const;
      return asking(withUi(state, { focus: 'tray' }), title, detail, send);
    },
  },
  {
    id: 'tray.drop',
    group: 'Prepare',
    title: 'drop',
    help: 'Take the selected item out of the tray. Nothing happens to the agent.',
    keys: ['x', 'delete'],
    when: IN_TRAY,
    danger: 'acts',
    hint: 1,
    disabledReason: state => (tray(state).length === 0 ? 'nothing is staged' : undefined),
    run: ({ state }) => {
      const items = tray(state);
      const item = items.find(t => t.item === state.ui.item) ?? items[0];
      return item ? sending(state, { request: 'stage.drop', with: { items: [item.item] } }) : still(state);
    },
  },
];
