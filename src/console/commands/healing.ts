/** How agents are healed: looked at. What people decide about it is in the queue like everything else. */
import { sending, still } from '../effects.ts';
import { withUi } from '../state.ts';
import { type Command, enabled, IN_PANES } from './command.ts';

export const HEALING: readonly Command[] = [
  {
    id: 'look.healing',
    group: 'Look',
    title: 'healing',
    help: 'The health of every agent, open incidents with what was tried about them, how long repairs take, and what the last ones taught; and the breakers: Tab chooses one, o opens, c closes, i isolates, r resets it (asks first).',
    keys: ['I'],
    when: IN_PANES,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => {
      const shown = withUi(state, { overlay: { kind: 'healing', scroll: 0, breaker: '' } });
      return state.link.is === 'up' ? sending(shown, { request: 'breaker.list', with: {} }) : still(shown);
    },
  },
];
