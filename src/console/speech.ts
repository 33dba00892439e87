/** The console in words, for people who listen: what has changed, and what the keys are about now. Plain lines. */
import { activeFaults } from '../model/chaos-state.ts';
import { concerned } from '../model/concern.ts';
import type { AgentState } from '../model/state.ts';
import { summarise } from '../model/summary.ts';
import { oneLine, plural } from '../model/text.ts';
import { keyFor } from './keymap.ts';
import { hitsOf, type LookBack, textsOf } from './look-back.ts';
import type { ConsoleState } from './state.ts';
import { selectedAt, timeline } from './timeline.ts';
import { agents, approvalsList, modeOf, queue, selectedRequest, shownAgent, tray } from './views.ts';
import { clock } from './words.ts';

/** Lines to say after `before` (null at the beginning) has become `after`. */
export function speech(before: ConsoleState | null, after: ConsoleState): readonly string[] {
  if (before === null || before.me === null || before.fleet.fleet === '') {
    return after.me === null ? ['connecting'] : [...greeting(after), here(after)];
  }
  const focused = here(after);
  return [
    ...connection(before, after),
    ...(modeOf(before) === modeOf(after) ? [] : [`mode: ${modeOf(after)}`]),
    ...statuses(before, after),
    ...happened(before, after),
    ...after.ui.toasts.filter(toast => !before.ui.toasts.includes(toast)).map(toast => oneLine(toast.text)),
    ...(after.ui.overlay === null && focused !== here(before) ? [focused] : []),
  ];
}

/** Signs that are passed over when they are read aloud. */
const SIGNS: Readonly<Record<string, string>> = { '?': 'question mark', '/': 'slash', ':': 'colon' };

/** The key of a command, as it is said. */
function spoken(state: ConsoleState, id: string): string {
  const key = keyFor(state, id);
  return SIGNS[key] ?? key;
}

function greeting(state: ConsoleState): readonly string[] {
  const list = state.fleet.order.flatMap(id => state.fleet.agents[id] ?? []);
  return [
    `fleet ${oneLine(state.fleet.fleet)}, ${modeOf(state)} mode, ${plural(list.length, 'agent')}, ${plural(queue(state).length, 'request')} waiting`,
    ...list.map(agent => `${agent.id}: ${statusOf(agent)}`),
    `${spoken(state, 'look.help')} lists the keys, ${spoken(state, 'move.next')} goes to the next pane, ${spoken(state, 'console.quit')} quits`,
  ];
}

function connection({ link: was }: ConsoleState, { link }: ConsoleState): readonly string[] {
  if (was.is === link.is) return [];
  return [
    link.is === 'up' ? 'connected' : link.is === 'down' ? 'the engine is gone, it restarts' : 'connecting',
  ];
}

function statusOf(agent: AgentState): string {
  return `${agent.status}, ${oneLine(agent.evidence.detail, 120)}`;
}

function statuses({ fleet: was }: ConsoleState, { fleet }: ConsoleState): readonly string[] {
  return fleet.order.flatMap(id => {
    const agent = fleet.agents[id];
    return agent && agent.status !== was.agents[id]?.status ? [`${id}: ${statusOf(agent)}`] : [];
  });
}

/** New rows of the timeline, oldest first. */
function happened(before: ConsoleState, after: ConsoleState): readonly string[] {
  if (before.fleet.seq === after.fleet.seq) return [];
  return timeline(after)
    .filter(event => event.seq > before.fleet.seq)
    .map(event => `${concerned(event)}: ${oneLine(summarise(event))}`)
    .reverse();
}

/** What has the focus, and what is selected in it. */
export function here(state: ConsoleState): string {
  const { ui } = state;
  if (ui.stage) return `on stage: ${ui.stage}`;
  const agent = shownAgent(state);
  const place = (n: number, of: number): string => `${n + 1} of ${of}`;
  switch (ui.focus) {
    case 'agents':
    case 'grid': {
      const list = agents(state);
      if (!agent) return `${ui.focus}: none`;
      const at = list.findIndex(a => a.id === agent.id);
      return `${ui.focus}, ${place(at, list.length)}: ${agent.id}, ${statusOf(agent)}, ${agent.gating}`;
    }
    case 'screen':
      if (ui.back) return pastLine(ui.back);
      return `screen of ${agent?.id ?? 'nobody'}: ${spoken(state, 'back.page-up')} reads it line by line, ${spoken(state, 'back.find')} finds`;
    case 'approvals': {
      const list = approvalsList(state);
      const request = selectedRequest(state);
      if (!request) return 'approvals: nothing waits for you';
      const at = list.findIndex(r => r.id === request.id);
      return `approvals, ${place(at, list.length)}: ${request.facts.level} risk, ${request.agent}, ${oneLine(request.facts.title, 400)}`;
    }
    case 'timeline': {
      const list = timeline(state);
      const event = list[selectedAt(state)];
      if (!event || ui.event === 0)
        return `timeline: ${plural(list.length, 'event')}, the newest is followed`;
      return `timeline, ${place(selectedAt(state), list.length)}: ${clock(event.time)}, ${concerned(event)}, ${oneLine(summarise(event))}`;
    }
    case 'chaos': {
      const broken = activeFaults(state.fleet.chaos).map(({ about }) => oneLine(about, 200));
      return broken.length === 0
        ? 'chaos: nothing is broken on purpose'
        : `chaos: broken: ${broken.join('; ')}`;
    }
    case 'tray':
      return `tray: ${plural(tray(state).length, 'staged item')}`;
  }
}

function pastLine(back: LookBack): string {
  if (!back.lines) return 'asking tmux for the screen';
  const hits = hitsOf(back);
  const found =
    back.query === '' ? '' : hits.length === 0 ? 'not found, ' : `find ${back.hit + 1} of ${hits.length}, `;
  const marked = back.mark === null ? '' : 'selected, ';
  return `${found}${marked}line ${back.at + 1}: ${oneLine(textsOf(back)[back.at] ?? '', 1000) || 'blank'}`;
}
