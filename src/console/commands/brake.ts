/** The brake: everything stopped at once, and let go on again. */
import { fleetFreezeWords, freezeWords } from '../../model/freeze.ts';
import { plural } from '../../model/text.ts';
import { asking, type Step, sending } from '../effects.ts';
import { type ConsoleState, toast } from '../state.ts';
import { mayNot, shownAgent } from '../views.ts';
import { ANYWHERE, type Command, IN_PANES } from './command.ts';

/** What resists a freeze for good; everything else a second freeze can stop. */
const HOPELESS = /another user/;

/** Everything that can stand still does, as far as has been confirmed. */
function stands({ fleet }: ConsoleState): boolean {
  return (
    fleet.frozen !== null &&
    Object.values(fleet.agents).every(
      ({ freeze }) => freeze === null || freeze.resisting.every(({ why }) => HOPELESS.test(why)),
    ) &&
    !Object.values(fleet.agents).some(({ alive, freeze }) => alive && freeze?.is === 'ordered')
  );
}

function anyFrozen({ fleet }: ConsoleState): boolean {
  return fleet.frozen !== null || Object.values(fleet.agents).some(agent => agent.freeze !== null);
}

function askThaw(state: ConsoleState): Step {
  const frozen = Object.values(state.fleet.agents).filter(agent => agent.freeze !== null);
  const detail = `${plural(frozen.length, 'agent')} go on where they stopped, and so does the gate`;
  return asking(state, 'Thaw everything?', detail, { request: 'fleet.thaw', with: {} });
}

/** F12, whatever is open and however often it is hit: it freezes without a question, and never thaws without one. */
export function pullBrake(state: ConsoleState): Step {
  // Without the engine the agents' processes are stopped by the console itself.
  if (state.link.is !== 'up') return { state, effects: [{ do: 'brake' }] };
  const refused = mayNot(state, 'operate');
  if (refused) return { state: toast(state, 'warn', `freeze all: ${refused}`), effects: [] };
  if (!stands(state)) return sending(state, { request: 'fleet.freeze', with: {} });
  if (state.ui.overlay === null) return askThaw(state);
  return {
    state: toast(state, 'info', `${fleetFreezeWords(state.fleet)} · F12 in the panes thaws`),
    effects: [],
  };
}

export const BRAKE: readonly Command[] = [
  {
    id: 'fleet.freeze',
    group: 'Agents',
    title: 'freeze all',
    help: 'Stop every process of every agent at once, without asking; nothing is let through the gate meanwhile. Once all stand still, it asks whether they may go on.',
    keys: ['f12'],
    when: ANYWHERE,
    // A question about it would cost more than a freeze that was not meant.
    danger: 'none',
    hint: 19,
    disabledReason: state => (state.link.is === 'up' ? mayNot(state, 'operate') : undefined),
    run: ({ state }) => pullBrake(state),
  },
  {
    id: 'fleet.thaw',
    group: 'Agents',
    title: 'thaw all',
    help: 'Let everything frozen go on. Asks first.',
    keys: [],
    when: ANYWHERE,
    danger: 'acts',
    disabledReason: state => (anyFrozen(state) ? mayNot(state, 'operate') : 'nothing is frozen'),
    run: ({ state }) => askThaw(state),
  },
  {
    id: 'agent.freeze',
    group: 'Agents',
    title: 'freeze/thaw agent',
    help: 'Freeze the agent in view alone; when it is frozen, let it go on (asks first).',
    keys: ['F'],
    when: IN_PANES,
    danger: 'acts',
    disabledReason: state => (shownAgent(state) ? mayNot(state, 'operate') : 'no agent is selected'),
    run: ({ state }) => {
      const agent = shownAgent(state);
      if (!agent) return { state, effects: [] };
      const given = { agents: [agent.id] };
      if (!agent.freeze) return sending(state, { request: 'fleet.freeze', with: given });
      const title = `Thaw ${agent.id}?`;
      return asking(state, title, `it is ${freezeWords(agent.freeze)}`, {
        request: 'fleet.thaw',
        with: given,
      });
    },
  },
];
