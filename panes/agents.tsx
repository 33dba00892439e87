/** The fleet: every agent with its status, how long, its gate, and where the status comes from. */
import { columns, cut, cutName, ends, pad, type Row, rowWidth, type Span } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Target } from '../src/console/target.ts';
import { agents, keyboardOf, shownAgent } from '../src/console/views.ts';
import { age } from '../src/console/words.ts';
import { brokenWords } from '../src/model/chaos-state.ts';
import { ALERT_MARK, sparkline } from '../src/model/resources.ts';
import type { AgentState } from '../src/model/state.ts';
import { oneLine } from '../src/model/text.ts';
import { inside, Pane, type PaneProps, windowFrom } from './pane.tsx';
import { agentSpan, gatingOf } from './status-look.ts';

/** Columns of the picture of an agent's CPU. */
const PICTURE = 6;

export function Agents(props: PaneProps) {
  const { state, rect } = props;
  const { w, h } = inside(rect);
  return <Pane {...props} focused={state.ui.focus === 'agents'} framed={agentsFrame(state, w, h)} />;
}

function agentsFrame(state: ConsoleState, w: number, h: number): Framed {
  const list = agents(state);
  const filter = state.ui.filters.agents ?? '';
  const title: Row = [
    ['Agents', 'strong'],
    [filter ? ` /${filter}` : '', 'accent'],
  ];
  if (list.length === 0) {
    return { title, body: [[[filter ? ' no agent fits the filter' : ' no agents yet', 'muted']]] };
  }
  const shown = shownAgent(state)?.id;
  // Two rows an agent when there is room: the second says what it is and what it was last seen doing.
  const tall = list.length * 2 <= h;
  const per = tall ? 2 : 1;
  const at = Math.max(
    0,
    list.findIndex(a => a.id === shown),
  );
  const count = Math.max(1, Math.floor(h / per));
  const from = windowFrom(at, list.length, count);
  const nameWidth = Math.min(Math.max(...list.map(a => a.id.length)), Math.max(6, w - 18));
  const body = list.slice(from, from + count).flatMap((agent, _i) => {
    const n = state.fleet.order.indexOf(agent.id) + 1;
    const first = agentRow(state, agent, n, agent.id === shown, nameWidth, w);
    return tall ? [first, detailRow(state, agent, w)] : [first];
  });
  const targets = list
    .slice(from, from + count)
    .flatMap(({ id }): readonly Target[] => Array.from({ length: per }, () => ({ on: 'agent', id })));
  const hidden = list.length - count;
  const foot: Row = hidden > 0 ? [[`${hidden} more`, 'warn']] : [];
  return { title, foot, body, targets, ...(shown && at >= from ? { cursor: (at - from) * per } : {}) };
}

function agentRow(
  state: ConsoleState,
  agent: AgentState,
  n: number,
  selected: boolean,
  nameWidth: number,
  w: number,
): Row {
  const number = n <= 9 ? String(n) : ' ';
  const warn: Span = agent.gating === 'ungated' ? ['!', 'bad'] : ' ';
  const left: Row = [
    [selected ? '▸' : ' ', 'accent'],
    [number, 'faint'],
    ' ',
    [pad(cutName(agent.id, nameWidth), nameWidth), agent.status === 'asking' || selected ? 'strong' : 'text'],
    warn,
    agentSpan(agent),
  ];
  const since: Row = [' ', [age(state.now - (agent.freeze?.since ?? agent.since)), 'muted']];
  const room = w - rowWidth(left) - rowWidth(since);
  return room > 0 ? ends(left, [...since, ' '], w) : room === 0 ? [...left, ...since] : left;
}

function detailRow(state: ConsoleState, agent: AgentState, w: number): Row {
  const holder = keyboardOf(state, agent.id);
  const keyboard = holder ? `⌨ ${state.fleet.sessions[holder.session]?.operator ?? '?'} ` : '';
  const [gate, token] = gatingOf(agent.gating);
  const restarts = agent.restartCount > 0 ? `↻${agent.restartCount} ` : '';
  const right = effort(state, agent.id);
  const room = w - 4 - columns(`${keyboard}${gate} ${restarts}`) - rowWidth(right);
  const left: Row = [
    '   ',
    [keyboard, 'accent'],
    [gate, token],
    [` ${restarts}`, 'faint'],
    [room > 3 ? cut(oneLine(agent.evidence.detail, 80), room) : '', 'faint'],
  ];
  return right.length > 0 && room > 3 ? ends(left, right, w) : left;
}

/** What is being done to it on purpose, or what of its resources stands out; else its CPU over the last minutes, where it used any. */
function effort({ resources, fleet }: ConsoleState, agent: string): Row {
  const broken = brokenWords(fleet.chaos, agent);
  if (broken) return [' ', [`⚡ ${cut(broken, 16)}`, 'bad'], ' '];
  const alert = resources.reading?.alerts.find(a => a.agent === agent);
  if (alert) return [' ', [ALERT_MARK[alert.kind], 'warn'], ' '];
  const cpu = resources.series[agent]?.cpu ?? [];
  return Math.max(0, ...cpu) < 1 ? [] : [' ', [sparkline(cpu, PICTURE, 100), 'accent'], ' '];
}
