/** Commands on the agent in view: open, message, stop and start, restart. */
import { asking, sending, still } from '../effects.ts';
import { handOver, reachFor } from '../lease.ts';
import { newLine } from '../line.ts';
import { type ConsoleState, withUi } from '../state.ts';
import { keyboardOf, mayNot, modeOf, shownAgent } from '../views.ts';
import { type Command, IN_AGENTS, IN_PANES, IN_STAGE, type When } from './command.ts';

const AT_AGENT: When = {
  words: 'agents, screen and grid panes',
  holds: s => s.ui.stage === '' && ['agents', 'screen', 'grid'].includes(s.ui.focus),
};

function needsAgent(state: ConsoleState): string | undefined {
  return shownAgent(state) ? undefined : 'no agent is selected';
}

function holdsKeyboard(state: ConsoleState): boolean {
  return keyboardOf(state, state.ui.stage)?.session === state.me?.session;
}

export const AGENTS: readonly Command[] = [
  {
    id: 'agent.open',
    group: 'Agents',
    title: 'open agent',
    help: 'Put the agent’s own pane on the whole screen. In collaborate mode its keyboard is taken and keys go to it.',
    keys: ['enter'],
    when: AT_AGENT,
    danger: 'none',
    hint: 6,
    disabledReason: needsAgent,
    run: ({ state }) => {
      const agent = shownAgent(state)?.id ?? '';
      // What was said before would stand on the stage's line.
      return still(withUi(state, { stage: agent, agent, overlay: null, toasts: [] }));
    },
  },
  {
    id: 'agent.back',
    group: 'Agents',
    title: 'back',
    help: 'Leave the agent on stage. Its first Ctrl key is the one key that is not sent there: twice sends it, and the keys of the other commands come after it.',
    keys: ['ctrl-\\', 'esc', 'q'],
    when: IN_STAGE,
    danger: 'none',
    hint: 1,
    disabledReason: () => undefined,
    run: ({ state }) => still(withUi(state, { stage: '', prefix: 'none' })),
  },
  {
    id: 'agent.keyboard',
    group: 'Agents',
    title: 'keyboard',
    help: 'Take the keyboard of the agent on stage. Whoever holds it is asked for it; a lead may take it over.',
    keys: ['k'],
    when: IN_STAGE,
    danger: 'none',
    disabledReason: state =>
      mayNot(state, 'type') ?? (holdsKeyboard(state) ? 'you hold the keyboard' : undefined),
    run: ({ state }) => reachFor(state, state.ui.stage),
  },
  {
    id: 'agent.hand-over',
    group: 'Agents',
    title: 'hand over',
    help: 'Give the keyboard of the agent on stage to whoever asked for it first, or give it up.',
    keys: ['g'],
    when: IN_STAGE,
    danger: 'none',
    disabledReason: state => (holdsKeyboard(state) ? undefined : 'you do not hold the keyboard'),
    run: ({ state }) => handOver(state, state.ui.stage),
  },
  {
    id: 'agent.message',
    group: 'Agents',
    title: 'message',
    help: 'Type a message into the agent’s pane, then Enter. In prepare mode it is staged instead.',
    keys: ['M'],
    when: IN_PANES,
    danger: 'acts',
    hint: 7,
    disabledReason: state =>
      needsAgent(state) ?? mayNot(state, modeOf(state) === 'prepare' ? 'stage' : 'type'),
    run: ({ state }) => {
      const agent = shownAgent(state)?.id ?? '';
      return still(withUi(state, { overlay: { kind: 'message', agent, line: newLine('', true) } }));
    },
  },
  {
    id: 'agent.restart',
    group: 'Agents',
    title: 'restart',
    help: 'End the agent in view and start it again. Asks first.',
    keys: ['r'],
    when: IN_PANES,
    danger: 'acts',
    disabledReason: state => needsAgent(state) ?? mayNot(state, 'operate'),
    run: ({ state }) => {
      const agent = shownAgent(state);
      if (!agent) return still(state);
      const detail = agent.alive ? `it is ${agent.status}; what it is doing ends` : 'it is not running now';
      const send = { request: 'agent.restart', with: { agent: agent.id } } as const;
      return asking(state, `Restart ${agent.id}?`, detail, send);
    },
  },
  {
    id: 'agent.stop-start',
    group: 'Agents',
    title: 'stop/start',
    help: 'Stop the agent in view (asks first), or start it when it does not run.',
    keys: ['s'],
    when: IN_PANES,
    danger: 'acts',
    disabledReason: state => needsAgent(state) ?? mayNot(state, 'operate'),
    run: ({ state }) => {
      const agent = shownAgent(state);
      if (!agent) return still(state);
      if (!agent.alive) return sending(state, { request: 'agent.start', with: { agent: agent.id } });
      const detail = `it is ${agent.status}; it stays stopped until somebody starts it`;
      const send = { request: 'agent.stop', with: { agent: agent.id } } as const;
      return asking(state, `Stop ${agent.id}?`, detail, send);
    },
  },
  {
    id: 'agent.screen',
    group: 'Agents',
    title: 'screen',
    help: 'Give the agent’s screen the focus.',
    keys: ['v'],
    when: IN_AGENTS,
    danger: 'none',
    disabledReason: needsAgent,
    run: ({ state }) => still(withUi(state, { focus: 'screen' })),
  },
];
