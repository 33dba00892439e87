/** What is broken on purpose: looked at, begun, and above all stopped. */
import { activeFaults } from '../../model/chaos-state.ts';
import { plural } from '../../model/text.ts';
import { asking, type Step, sending, still } from '../effects.ts';
import { newLine } from '../line.ts';
import { type ConsoleState, toast, withUi } from '../state.ts';
import { mayNot } from '../views.ts';
import { type Command, enabled, IN_PANES } from './command.ts';

/** The kill switch does not ask: what it does is what every experiment does at its end. */
function halt(state: ConsoleState): Step {
  const broken = activeFaults(state.fleet.chaos).length;
  const words =
    broken > 0 ? `HALTED: ${plural(broken, 'fault')} being taken back` : 'HALTED: nothing was broken';
  const said = toast(state, 'warn', `${words}, and nothing more is begun until it is lifted`);
  // Without an engine the switch is a file all the same, which runner and helper look for.
  if (state.link.is !== 'up') return { state: said, effects: [{ do: 'halt' }] };
  return sending(said, { request: 'chaos.halt', with: { on: true, reason: 'from a console' } });
}

export const CHAOS: readonly Command[] = [
  {
    id: 'look.chaos',
    group: 'Look',
    title: 'chaos',
    help: 'What is broken on purpose now, when it is taken back, the probes of its steady state, and the last verdicts.',
    keys: ['X'],
    when: IN_PANES,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => still(withUi(state, { overlay: { kind: 'chaos', scroll: 0 } })),
  },
  {
    id: 'chaos.halt',
    group: 'Agents',
    title: 'halt chaos',
    help: 'Take everything back that is broken on purpose, at once and without asking; nothing more is begun until it is lifted.',
    keys: ['H'],
    when: IN_PANES,
    danger: 'none',
    disabledReason: state =>
      state.link.is !== 'up'
        ? undefined
        : state.fleet.chaos.halted
          ? 'it is halted already'
          : mayNot(state, 'operate'),
    run: ({ state }) => halt(state),
  },
  {
    id: 'chaos.lift',
    group: 'Agents',
    title: 'lift the halt',
    help: 'Let experiments begin again. Asks first.',
    keys: [],
    when: IN_PANES,
    danger: 'acts',
    disabledReason: state => (state.fleet.chaos.halted ? mayNot(state, 'operate') : 'nothing is halted'),
    run: ({ state }) =>
      asking(state, 'Lift the halt of chaos?', 'experiments may begin again, each when people agree to it', {
        request: 'chaos.halt',
        with: { on: false },
      }),
  },
  {
    id: 'chaos.run',
    group: 'Agents',
    title: 'experiment',
    help: 'Begin an experiment from its file: its plan comes into the queue, and nothing is broken before somebody approves that.',
    keys: ['E'],
    when: IN_PANES,
    danger: 'acts',
    disabledReason: state => (state.fleet.chaos.halted ? 'chaos is halted' : mayNot(state, 'operate')),
    run: ({ state }) =>
      still(withUi(state, { overlay: { kind: 'experiment', line: newLine(), problem: '' } })),
  },
];
