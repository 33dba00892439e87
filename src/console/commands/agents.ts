/** Commands on the agent in view: open, message, stop and start, restart. */
import { asking, sending, still } from '../effects.ts';
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

/** Opens the stage; in collaborate mode also asks for the keyboard. */
function openStage(state: ConsoleState, agent: string) {
  const opened = withUi(state, { stage: agent, agent, overlay: null });
  if (modeOf(state) !== 'collaborate' || state.link.is !== 'up') return still(opened);
  if (keyboardOf(state, agent)?.session === state.me?.session) return still(opened);
  return sending(opened, { request: 'lease.take', with: { agent } });
}

export const AGENTS: readonly Command[] = [
  {
    id: 'agent.open',
    group: 'Agents',
    title: 'open agent',
    help: 'Show the agent on the whole screen. In collaborate mode keys then go to it; Ctrl-\\ comes back.',
    keys: ['enter'],
    when: AT_AGENT,
    danger: 'none',
    hint: 6,
    disabledReason: needsAgent,
    run: ({ state }) => openStage(state, shownAgent(state)?.id ?? ''),
  },
  {
    id: 'agent.back',
    group: 'Agents',
    title: 'back',
    help: 'Leave the agent’s screen. While you type into it only Ctrl-\\ does: the one key that is never sent.',
    keys: ['ctrl-\\', 'esc', 'q'],
    when: IN_STAGE,
    danger: 'none',
    hint: 1,
    disabledReason: () => undefined,
    run: ({ state }) => {
      const agent = state.ui.stage;
      const left = withUi(state, { stage: '' });
      const mine = keyboardOf(state, agent)?.session === state.me?.session;
      return mine && state.link.is === 'up'
        ? sending(left, { request: 'lease.release', with: { agent } })
        : still(left);
    },
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
