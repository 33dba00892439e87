/** Commands of the queue: approve, deny, edit, later, override, grant. */
import { begin, beginEdit, GRANT } from '../deciding.ts';
import { sending, still } from '../effects.ts';
import { notTheirs } from '../guard.ts';
import type { ConsoleState } from '../state.ts';
import { mayNot, modeOf, selectedRequest } from '../views.ts';
import { type Command, IN_APPROVALS, IN_PANES } from './command.ts';

/** Minutes "later" puts a request off. */
const LATER_MINUTES = 5;

function inPrepare(state: ConsoleState): string | undefined {
  return modeOf(state) === 'prepare'
    ? 'prepare stages only approve and deny: switch to watch mode'
    : undefined;
}

function override(state: ConsoleState): string | undefined {
  return selectedRequest(state)
    ? (inPrepare(state) ?? mayNot(state, 'override'))
    : 'nothing is selected in the queue';
}

export const DECIDE: readonly Command[] = [
  {
    id: 'approval.approve',
    group: 'Decide',
    title: 'approve',
    help: 'Let exactly the shown action run, once. HIGH asks for a second key (y), CRITICAL for the agent’s name.',
    keys: ['a'],
    when: IN_PANES,
    danger: 'decides',
    hint: 1,
    disabledReason: notTheirs,
    run: ({ state, key, at }) => begin(state, 'approve', key, at),
  },
  {
    id: 'approval.deny',
    group: 'Decide',
    title: 'deny',
    help: 'Refuse it. Words typed before Enter go to the agent.',
    keys: ['d'],
    when: IN_PANES,
    danger: 'decides',
    hint: 2,
    disabledReason: notTheirs,
    run: ({ state, key, at }) => begin(state, 'deny', key, at),
  },
  {
    id: 'approval.edit',
    group: 'Decide',
    title: 'edit',
    help: 'Change what will run, see the difference, then approve that.',
    keys: ['e'],
    when: IN_PANES,
    danger: 'decides',
    hint: 3,
    disabledReason: state => {
      const refused = notTheirs(state) ?? inPrepare(state);
      return (
        refused ??
        (selectedRequest(state)?.can.edit
          ? undefined
          : 'its asker cannot take an edited action: deny it with words')
      );
    },
    run: ({ state, key }) => beginEdit(state, key),
  },
  {
    id: 'approval.later',
    group: 'Decide',
    title: 'later',
    help: `Put it off for ${LATER_MINUTES} minutes. It keeps waiting at the end of the queue: later is not deny.`,
    keys: ['l'],
    when: IN_APPROVALS,
    danger: 'acts',
    hint: 4,
    disabledReason: state => {
      const request = selectedRequest(state);
      if (!request || request.outcome !== null) return 'nothing that waits is selected';
      return mayNot(state, 'decide');
    },
    run: ({ state }) => {
      const request = selectedRequest(state);
      if (!request) return still(state);
      return sending(state, {
        request: 'approval.defer',
        with: { request: request.id, minutes: LATER_MINUTES },
      });
    },
  },
  {
    id: 'approval.override',
    group: 'Decide',
    title: 'override',
    help: 'A lead lets a forbidden or held action run once, with a typed reason that goes on the record.',
    keys: ['o'],
    when: IN_PANES,
    danger: 'decides',
    disabledReason: override,
    run: ({ state, key, at }) => begin(state, 'override', key, at),
  },
  {
    id: 'approval.grant',
    group: 'Decide',
    title: 'grant',
    help: `Approve it, and let the like of it through for ${GRANT.minutes} minutes, at most ${GRANT.uses} times. Revocable, never for CRITICAL.`,
    keys: ['G'],
    when: IN_APPROVALS,
    danger: 'decides',
    disabledReason: state => {
      const refused = notTheirs(state) ?? inPrepare(state);
      if (refused) return refused;
      const request = selectedRequest(state);
      if (request?.facts.level === 'critical') return 'a critical action is decided one by one';
      return (request?.needs ?? 0) > 1 ? 'what needs several people needs them each time' : undefined;
    },
    run: ({ state, key, at }) => begin(state, 'grant', key, at),
  },
];
