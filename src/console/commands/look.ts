/** Commands that show more: why, details, timeline and audit, filter, palette, help; and the way out. */
import { still } from '../effects.ts';
import { agentsPane, layoutOf } from '../layout.ts';
import { newLine } from '../line.ts';
import { stepOut } from '../look-back.ts';
import { focusOn } from '../moving.ts';
import { toast, withUi } from '../state.ts';
import { timeline } from '../timeline.ts';
import { approvalsList, modeOf, selectedRequest, shownAgent, tray } from '../views.ts';
import {
  ANYWHERE,
  type Command,
  enabled,
  IN_APPROVALS,
  IN_PANES,
  IN_TIMELINE,
  type When,
} from './command.ts';

/** In an agent's screen `/` finds. */
const NOT_SCREEN: When = {
  words: 'panes with rows',
  holds: s => s.ui.stage === '' && s.ui.focus !== 'screen',
};

/** `R` answers a message in the timeline. */
const NOT_TIMELINE: When = {
  words: 'other panes',
  holds: s => s.ui.stage === '' && s.ui.focus !== 'timeline',
};

export const LOOK: readonly Command[] = [
  {
    id: 'look.why',
    group: 'Look',
    title: 'why',
    help: 'Why it is held, by which rules; or where an agent’s status comes from, how old and how sure.',
    keys: ['w'],
    when: IN_PANES,
    danger: 'none',
    hint: 5,
    disabledReason: state =>
      selectedRequest(state) || shownAgent(state) ? undefined : 'nothing is selected',
    run: ({ state }) => still(withUi(state, { overlay: { kind: 'why', scroll: 0 } })),
  },
  {
    id: 'look.action',
    group: 'Look',
    title: 'whole action',
    help: 'Show the whole action of the selected request. It decides nothing.',
    keys: ['enter'],
    when: IN_APPROVALS,
    danger: 'none',
    hint: 6,
    disabledReason: state => (approvalsList(state).length > 0 ? undefined : 'nothing waits'),
    run: ({ state }) => {
      const request = selectedRequest(state);
      return still(
        request ? withUi(state, { overlay: { kind: 'action', request: request.id, scroll: 0 } }) : state,
      );
    },
  },
  {
    id: 'look.event',
    group: 'Look',
    title: 'details',
    help: 'Show the selected event as it is in the journal.',
    keys: ['enter'],
    when: IN_TIMELINE,
    danger: 'none',
    hint: 1,
    disabledReason: state => (timeline(state).length > 0 ? undefined : 'there is no event to show'),
    run: ({ state }) => {
      const seq = state.ui.event || (timeline(state)[0]?.seq ?? 0);
      return still(withUi(state, { event: seq, overlay: { kind: 'event', seq, scroll: 0 } }));
    },
  },
  {
    id: 'look.audit',
    group: 'Look',
    title: 'timeline/audit',
    help: 'Switch the bottom pane between the timeline (what happened) and the audit (every event of the journal).',
    keys: ['t'],
    when: IN_PANES,
    danger: 'none',
    hint: 9,
    disabledReason: enabled,
    run: ({ state }) =>
      still(
        focusOn(
          withUi(state, { bottom: state.ui.bottom === 'audit' ? 'timeline' : 'audit', event: 0 }),
          'timeline',
        ),
      ),
  },
  {
    id: 'look.filter',
    group: 'Look',
    title: 'filter',
    help: 'Keep only the rows of the pane in focus that contain all words. Esc clears it.',
    keys: ['/'],
    when: NOT_SCREEN,
    danger: 'none',
    hint: 11,
    disabledReason: enabled,
    run: ({ state }) => {
      const pane = ['screen', 'grid', 'tray'].includes(state.ui.focus) ? 'agents' : state.ui.focus;
      return still(
        withUi(state, { overlay: { kind: 'filter', pane, line: newLine(state.ui.filters[pane] ?? '') } }),
      );
    },
  },
  {
    id: 'look.resources',
    group: 'Look',
    title: 'resources',
    help: 'What every agent uses: CPU, memory, threads, output, tokens and cost, now and over the last minutes. Arrows sort.',
    keys: ['R'],
    when: NOT_TIMELINE,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => still(withUi(state, { overlay: { kind: 'resources', sort: 'cpu', scroll: 0 } })),
  },
  {
    id: 'look.dash',
    group: 'Look',
    title: 'dash',
    help: 'Charts of the fleet in the window dash of its tmux server. Ctrl-\\ comes back and leaves it running, q ends it.',
    keys: ['B'],
    when: IN_PANES,
    danger: 'none',
    disabledReason: state => (state.link.is === 'up' ? undefined : 'the engine is not connected'),
    run: ({ state }) => ({ state, effects: [{ do: 'dash' }] }),
  },
  {
    id: 'look.palette',
    group: 'Look',
    title: 'command',
    help: 'Find a command or an agent by typing; Tab completes, Enter runs.',
    keys: [':', 'ctrl-p'],
    when: ANYWHERE,
    danger: 'none',
    hint: 10,
    disabledReason: enabled,
    run: ({ state }) => still(withUi(state, { overlay: { kind: 'palette', line: newLine(), index: 0 } })),
  },
  {
    id: 'look.help',
    group: 'Look',
    title: 'help',
    help: 'All keys: what works here and now first, then why the rest does not. / finds.',
    keys: ['?', 'f1'],
    when: ANYWHERE,
    danger: 'none',
    hint: 12,
    disabledReason: enabled,
    run: ({ state }) =>
      still(withUi(state, { overlay: { kind: 'help', scroll: 0, find: newLine(), finding: false } })),
  },
  {
    id: 'console.mouse',
    group: 'Console',
    title: 'mouse',
    help: 'Turn the mouse off, so that dragging selects text as in any program, or on again. Kept for you.',
    keys: ['ctrl-o'],
    when: IN_PANES,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => {
      const mouse = !state.looks.mouse;
      const words = mouse
        ? 'the mouse is on: Shift and drag selects text'
        : 'the mouse is off: dragging selects text';
      return {
        state: toast({ ...state, looks: { ...state.looks, mouse } }, 'info', words),
        effects: [{ do: 'remember', choice: { mouse } }],
      };
    },
  },
  {
    id: 'console.redraw',
    group: 'Console',
    title: 'redraw',
    help: 'Write the whole screen again.',
    keys: ['ctrl-l'],
    when: ANYWHERE,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => ({ state: { ...state }, effects: [{ do: 'redraw' }] }),
  },
  {
    id: 'console.back',
    group: 'Console',
    title: 'back',
    help: 'Step back: close what is open, then the filter, then the drawer. Approves nothing, denies nothing.',
    keys: ['esc'],
    when: IN_PANES,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => {
      const { focus, filters, zoom } = state.ui;
      if (state.ui.back !== null) return still(stepOut(state));
      if (zoom !== null) return still(withUi(state, { zoom: null, focus: zoom }));
      if (filters[focus]) return still(withUi(state, { filters: { ...filters, [focus]: '' } }));
      if (focus === 'timeline' && state.ui.bottom === 'lanes')
        return still(withUi(state, { bottom: 'timeline' }));
      const drawer = layoutOf(state).drawers.includes(focus);
      const shut = withUi(state, { drawerShut: true, event: 0 });
      return still(drawer ? focusOn(shut, agentsPane(shut)) : shut);
    },
  },
  {
    id: 'console.quit',
    group: 'Console',
    title: 'quit',
    help: 'Close this console. The agents and the engine go on; nothing is decided by it.',
    keys: ['q', 'ctrl-c'],
    when: ANYWHERE,
    // It decides nothing and ends nothing: on a slow line it may come together with other keys.
    danger: 'none',
    hint: 20,
    disabledReason: enabled,
    run: ({ state }) => {
      const items = tray(state).map(t => t.item);
      if (modeOf(state) === 'prepare' && items.length > 0 && state.link.is === 'up') {
        return still(withUi(state, { overlay: { kind: 'leave', to: 'quit', items } }));
      }
      return { state, effects: [{ do: 'quit' }] };
    },
  },
];
