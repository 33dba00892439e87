/** Commands of the timeline: search, jump to a time, lanes, and writing to those who are in it. */
import { written } from '../../model/address.ts';
import { sending, still } from '../effects.ts';
import { newLine } from '../line.ts';
import { mayNotWrite } from '../mail.ts';
import { focusOn } from '../moving.ts';
import { type ConsoleState, withUi } from '../state.ts';
import { eventAt, seek, selectedAt, timeline } from '../timeline.ts';
import { type Command, enabled, IN_PANES, IN_TIMELINE, type When } from './command.ts';

const IN_LANES: When = {
  words: 'lanes',
  holds: s => IN_TIMELINE.holds(s) && s.ui.bottom === 'lanes',
};

/** The message under the cursor, if it can be answered. */
function answerable(state: ConsoleState) {
  const event = eventAt(state, timeline(state)[selectedAt(state)]?.seq ?? 0);
  return event?.kind === 'message.sent' && event.data.id ? event.data : undefined;
}

const searched = (state: ConsoleState): string | undefined =>
  state.ui.find === '' ? 'nothing is searched for yet' : undefined;

function lane(id: 'left' | 'right', key: string, by: number): Command {
  return {
    id: `look.lane-${id}`,
    group: 'Look',
    title: `lanes ${id}`,
    help: `Show the lanes further ${id}.`,
    keys: [key],
    when: IN_LANES,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => still(withUi(state, { lane: Math.max(0, state.ui.lane + by) })),
  };
}

export const TIMELINE: readonly Command[] = [
  lane('left', 'left', -1),
  lane('right', 'right', 1),
  {
    id: 'look.lanes',
    group: 'Look',
    title: 'lanes',
    help: 'The timeline as lanes: a column for each agent and person, arrows for who talks to whom. Again: back.',
    keys: ['W'],
    when: IN_PANES,
    danger: 'none',
    hint: 10,
    disabledReason: enabled,
    run: ({ state }) =>
      still(
        focusOn(withUi(state, { bottom: state.ui.bottom === 'lanes' ? 'timeline' : 'lanes' }), 'timeline'),
      ),
  },
  {
    id: 'look.find',
    group: 'Look',
    title: 'search',
    help: 'Search the timeline without hiding anything, in the language of its filter; n and N go on.',
    keys: ['f'],
    when: IN_TIMELINE,
    danger: 'none',
    hint: 2,
    disabledReason: enabled,
    run: ({ state }) => still(withUi(state, { overlay: { kind: 'find', line: newLine(state.ui.find) } })),
  },
  {
    id: 'look.find-older',
    group: 'Look',
    title: 'next older',
    help: 'Go to the next older event that fits the search; the journal is read as far back as it takes.',
    keys: ['n'],
    when: IN_TIMELINE,
    danger: 'none',
    disabledReason: searched,
    run: ({ state }) => seek(state, true),
  },
  {
    id: 'look.find-newer',
    group: 'Look',
    title: 'next newer',
    help: 'Go to the next newer event that fits the search.',
    keys: ['N'],
    when: IN_TIMELINE,
    danger: 'none',
    disabledReason: searched,
    run: ({ state }) => seek(state, false),
  },
  {
    id: 'look.time',
    group: 'Look',
    title: 'go to time',
    help: 'Go to what was newest at a time: 10m, 14:30, 2026-08-03T14:30.',
    keys: ['ctrl-t'],
    when: IN_TIMELINE,
    danger: 'none',
    hint: 3,
    disabledReason: enabled,
    run: ({ state }) => still(withUi(state, { overlay: { kind: 'time', line: newLine(), problem: '' } })),
  },
  {
    id: 'message.reply',
    group: 'Agents',
    title: 'reply',
    help: 'Answer the selected message: into the inbox of whoever wrote it.',
    keys: ['R'],
    when: IN_TIMELINE,
    danger: 'acts',
    hint: 4,
    disabledReason: state =>
      answerable(state) ? mayNotWrite(state) : 'no message that can be answered is selected',
    run: ({ state }) => {
      const message = answerable(state);
      const me = `operator:${state.me?.operator ?? ''}`;
      const to = message?.from === me ? message.to : (message?.from ?? '');
      const line = newLine(`${written(to)} `, true);
      return still(withUi(state, { overlay: { kind: 'mail', line, reply: message?.id ?? '', problem: '' } }));
    },
  },
  {
    id: 'message.write',
    group: 'Agents',
    title: 'write',
    help: 'Write into an inbox: a name (builder, @alice, @people, @agents, @all), then the words. Nothing is typed into a pane.',
    keys: ['@'],
    when: IN_PANES,
    danger: 'acts',
    disabledReason: mayNotWrite,
    run: ({ state }) =>
      still(withUi(state, { overlay: { kind: 'mail', line: newLine('', true), reply: '', problem: '' } })),
  },
  {
    id: 'message.read',
    group: 'Agents',
    title: 'mark read',
    help: 'Mark every message to you as read. Having the timeline in focus does it too.',
    keys: [],
    when: IN_PANES,
    danger: 'none',
    disabledReason: mayNotWrite,
    run: ({ state }) => sending(state, { request: 'message.read', with: { to: state.fleet.seq } }),
  },
];
