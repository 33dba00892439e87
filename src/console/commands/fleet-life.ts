/** Commands on the fleet file that changed, and on the worktree of the agent in view. */
import { AgentId } from '../../model/ids.ts';
import { sending, still } from '../effects.ts';
import { withUi } from '../state.ts';
import { shownAgent } from '../views.ts';
import { ANYWHERE, type Command, IN_PANES } from './command.ts';

export const FLEET_LIFE: readonly Command[] = [
  {
    id: 'fleet.reload',
    group: 'Console',
    title: 'changed fleet file',
    help: 'Show what the changed fleet file changes, agent by agent, or what is wrong with it; y puts it in force.',
    keys: ['ctrl-r'],
    when: ANYWHERE,
    danger: 'none',
    disabledReason: state =>
      state.fleet.config.proposal ? undefined : 'the fleet file says what is in force',
    run: ({ state }) => {
      const { proposal } = state.fleet.config;
      const revision = proposal?.is === 'proposed' ? proposal.revision : '';
      return still(withUi(state, { overlay: { kind: 'change', revision, scroll: 0 } }));
    },
  },
  {
    id: 'worktree.diff',
    group: 'Agents',
    title: 'its changes',
    help: 'Show what the agent in view has changed in its own worktree. There M asks the gate to merge it, X to drop it.',
    keys: ['D'],
    when: IN_PANES,
    danger: 'none',
    disabledReason: state => {
      const agent = shownAgent(state);
      if (!agent) return 'no agent is selected';
      if (state.link.is !== 'up') return 'the engine is not connected';
      return agent.worktree
        ? undefined
        : `${agent.id} has no worktree of its own: worktree: true in the fleet file`;
    },
    run: ({ state }) => {
      const id = shownAgent(state)?.id ?? '';
      const opened = withUi(state, { overlay: { kind: 'worktree', agent: id, lines: null, scroll: 0 } });
      return sending(opened, { request: 'worktree.diff', with: { agent: AgentId.parse(id) } });
    },
  },
];
