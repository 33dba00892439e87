/** How agents are healed: looked at. What people decide about it is in the queue like everything else. */
import { asking, sending, still } from '../effects.ts';
import { type ConsoleState, withUi } from '../state.ts';
import { mayNot } from '../views.ts';
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
  {
    id: 'tuning.revert',
    group: 'Agents',
    title: 'take back the tuning',
    help: 'Agents at the level evolutionary go back to what they ran on before the tuning that is being tried, or that was promoted last. Asks first.',
    keys: ['U'],
    when: IN_PANES,
    danger: 'acts',
    disabledReason: state => noTuning(state) ?? mayNot(state, 'operate'),
    run: ({ state }) =>
      asking(state, 'Take back the tuning?', takenBack(state), { request: 'evolution.revert', with: {} }),
  },
];

function noTuning({ fleet: { evolution } }: ConsoleState): string | undefined {
  return evolution.canary || evolution.before ? undefined : 'no tuning is being tried, and none was promoted';
}

function takenBack({ fleet: { evolution } }: ConsoleState): string {
  const { canary } = evolution;
  return canary
    ? `${canary.agents.join(', ')} run on what the others run on, and what they tried is not proposed again`
    : 'all agents that evolve have again what they had before, and this one is not proposed again';
}
