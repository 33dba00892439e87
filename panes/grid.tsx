/** All agents at once, each with its live screen; who needs somebody stands out by frame, glyph and words. */
import { clip, cutName, type Row, rowWidth } from '../src/console/cells.ts';
import { type Framed, frame } from '../src/console/frame.ts';
import { gridOf, type Grid as Tiles } from '../src/console/grid.ts';
import { keyFor } from '../src/console/keymap.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { operatorToken } from '../src/console/theme.ts';
import { keyboardOf, modeOf } from '../src/console/views.ts';
import { age } from '../src/console/words.ts';
import type { AgentState } from '../src/model/state.ts';
import type { AgentStatus } from '../src/model/status.ts';
import { oneLine } from '../src/model/text.ts';
import { noScreen } from './no-screen.ts';
import { Block, Hole, Pane, type PaneProps, within } from './pane.tsx';
import { agentSpan } from './status-look.ts';

/** Somebody has to do something about these. */
const NEEDS: ReadonlySet<AgentStatus> = new Set<AgentStatus>(['asking', 'waiting', 'failed']);

export function Grid(props: PaneProps) {
  const { state, rect, theme } = props;
  const grid = gridOf(state, rect);
  if (grid.tiles.length === 0) {
    const framed: Framed = { title: [['Agents', 'strong']], body: [[[' no agent to show', 'muted']]] };
    return <Pane {...props} focused={state.ui.focus === 'grid'} framed={framed} />;
  }
  const look = { mode: modeOf(state), operator: operatorToken(state.me?.operator ?? '') };
  return grid.tiles.map(({ agent, rect: place }, i) => {
    const framed = tileFrame(state, agent, place.w - 2, i === grid.tiles.length - 1 ? grid : undefined);
    const focused = state.ui.focus === 'grid' && agent.id === state.ui.agent;
    const rows = frame(framed, place.w, place.h, theme, {
      ...look,
      focused,
      urgent: NEEDS.has(agent.status),
    });
    return [
      <Block
        key={agent.id}
        rect={place}
        rows={rows}
        spots={[{ rect: place, target: { on: 'agent', id: agent.id } }]}
      />,
      agent.alive ? <Hole key={`${agent.id} screen`} rect={within(place)} pane={agent.pane} /> : null,
    ];
  });
}

function tileFrame(state: ConsoleState, agent: AgentState, w: number, last?: Tiles): Framed {
  const n = state.fleet.order.indexOf(agent.id) + 1;
  const selected = agent.id === state.ui.agent;
  const mark: Row = [
    [selected ? '▸' : '', 'accent'],
    [n <= 9 ? `${n} ` : '', 'faint'],
  ];
  const rest: Row = [' ', agentSpan(agent), [` ${age(state.now - agent.since)}`, 'muted']];
  // The name gives way: what the agent does is on every tile.
  const room = Math.max(6, w - 4 - rowWidth(mark) - rowWidth(rest));
  const title: Row = [...mark, [cutName(agent.id, room), 'strong'], ...rest];
  const holder = keyboardOf(state, agent.id);
  const operator = holder && state.fleet.sessions[holder.session]?.operator;
  const needs: Row = NEEDS.has(agent.status)
    ? [[`needs you: ${oneLine(agent.evidence.detail, 60)}`, agent.status === 'failed' ? 'bad' : 'warn']]
    : [];
  const held: Row = operator ? [[`⌨ ${operator}`, operatorToken(operator)]] : [];
  const own = needs.length > 0 ? needs : held;
  return {
    title,
    foot: foot(own, last ? pageOf(state, last, own.length === 0) : [], w),
    body: noScreen(state, agent, w),
  };
}

/** Whoever needs somebody says so on every tile: the page has what is left. */
function foot(own: Row, page: Row, w: number): Row {
  if (own.length === 0 || page.length === 0) return short(own.length === 0 ? page : own, w);
  return [...short(own, w - rowWidth(page) - 3), [' · ', 'faint'], ...page];
}

/** A foot that does not fit is left out by its frame: what matters is cut instead. */
function short(foot: Row, w: number): Row {
  const room = Math.max(0, w - 4);
  return rowWidth(foot) > room ? clip(foot, room) : foot;
}

function pageOf(state: ConsoleState, { page, pages }: Tiles, alone: boolean): Row {
  if (pages === 1) return [];
  if (!alone) return [[`page ${page + 1}/${pages}`, 'warn']];
  return [
    [`page ${page + 1} of ${pages} `, 'warn'],
    [`${keyFor(state, 'grid.page-up')} ${keyFor(state, 'grid.page-down')}`, 'key'],
  ];
}
