/** The agent in view: its real screen, live, in a frame that says who it is and who holds its keyboard. */
import type { Row, Span } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import type { Rect } from '../src/console/layout.ts';
import { backKey, notTyped } from '../src/console/stage/rights.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { operatorToken } from '../src/console/theme.ts';
import { keyboardOf, shownAgent, typing } from '../src/console/views.ts';
import { age } from '../src/console/words.ts';
import type { AgentState } from '../src/model/state.ts';
import { noScreen } from './no-screen.ts';
import { Hole, inside, Pane, type PaneProps, within } from './pane.tsx';
import { Past, pastFoot } from './past.tsx';
import { agentSpan, gatingOf } from './status-look.ts';

export function Screen(props: PaneProps) {
  const { state, rect } = props;
  const focused = state.ui.focus === 'screen' || state.ui.stage !== '';
  const agent = shownAgent(state);
  const { back } = state.ui;
  return (
    <>
      <Pane {...props} focused={focused} framed={screenFrame(state, rect)} />
      {back ? <Past back={back} rect={within(rect)} /> : null}
      {agent?.alive && !back?.lines ? <Hole rect={within(rect)} pane={agent.pane} /> : null}
    </>
  );
}

function screenFrame(state: ConsoleState, rect: Rect): Framed {
  const { w, h } = inside(rect);
  const agent = shownAgent(state);
  if (!agent) return { title: [['no agent', 'muted']], body: [] };
  const n = state.fleet.order.indexOf(agent.id) + 1;
  const driver: readonly Span[] = agent.driver ? [[` · ${agent.driver}`, 'muted']] : [];
  const title: Row = [
    [`${n} `, 'faint'],
    [agent.id, 'strong'],
    ...driver,
    [' · ', 'muted'],
    agentSpan(agent),
    [` ${age(state.now - agent.since)}`, 'muted'],
  ];
  return {
    title,
    corner: [gatingOf(agent.gating)],
    foot: state.ui.back ? pastFoot(state.ui.back, h, w) : footOf(state, agent),
    body: noScreen(state, agent, w),
  };
}

function footOf(state: ConsoleState, agent: AgentState): Row {
  const lease = keyboardOf(state, agent.id);
  const holder = lease && state.fleet.sessions[lease.session]?.operator;
  const held: Row = holder ? [[`⌨ ${holder}`, operatorToken(holder)]] : [];
  if (!state.ui.stage) return held;
  const back: Row = [
    [backKey(state), 'key'],
    [' back', 'muted'],
  ];
  if (typing(state)) return [['keys go to ', 'muted'], [agent.id, 'strong'], [' · ', 'faint'], ...back];
  return [...held, [held.length > 0 ? ' · ' : '', 'faint'], [`${notTyped(state)} · `, 'warn'], ...back];
}
