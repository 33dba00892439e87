/** What clicks and the wheel do: they select, open and scroll. A click presses hints and answers, and never decides. */
import { COMMANDS } from './commands/index.ts';
import { type Effect, type Happening, type Step, still } from './effects.ts';
import { turnPage } from './grid.ts';
import { keyInput } from './keys.ts';
import { layoutOf } from './layout.ts';
import { lookBack, scrollBack } from './look-back.ts';
import { focusOn, moveBy, scrollBy, scrolls } from './moving.ts';
import { press, runCommand } from './press.ts';
import { type ConsoleState, type Focus, toast, withUi } from './state.ts';
import { contains, type Target } from './target.ts';
import { shownAgent } from './views.ts';
import { CLICK } from './yes.ts';

type Pointed = Extract<Happening, { type: 'pointed' }>;

/** Lines a notch of the wheel scrolls text. */
const LINES = 3;

/** Are reports of the mouse wanted from the terminal? On the stage it is the agent's. */
export function wantsMouse({ looks, ui }: ConsoleState): boolean {
  return looks.mouse && ui.stage === '';
}

export function point(state: ConsoleState, pointed: Pointed): Step {
  // Reports that were on their way when it was turned off.
  if (!wantsMouse(state)) return still(state);
  const { x, y, gesture, at } = pointed;
  const { overlay: over, panes, footer } = layoutOf(state);
  // What is open has the mouse to itself; hints below it stay in reach.
  const open = state.ui.overlay !== null;
  if (open && !(over && contains(over, x, y)) && !contains(footer, x, y)) return still(state);
  const pane = open ? undefined : panes.findLast(p => contains(p.rect, x, y))?.pane;
  if (gesture !== 'click') return wheel(state, pane, pointed, gesture === 'wheel-up' ? -1 : 1);
  const { target } = pointed;
  if (!target) return still(pane ? focusOn(state, pane) : state);
  const step = click(state, target, pane, at);
  if (!step.effects.some(decides)) return step;
  return still(toast(state, 'warn', 'a click never decides: press the key'));
}

/** What would let something run, refuse it, or stage either. */
function decides(effect: Effect): boolean {
  if (effect.do !== 'send') return false;
  const { send } = effect;
  if (send.request === 'stage.add') return send.with.staged.type === 'decision';
  return ['approval.decide', 'grant.issue', 'stage.commit', 'fleet.reload'].includes(send.request);
}

function click(state: ConsoleState, target: Target, pane: Focus | undefined, at: number): Step {
  const run = (id: string, from = state): Step => {
    const command = COMMANDS.find(c => c.id === id);
    return command?.when.holds(from) ? runCommand(from, command, CLICK, false, at) : still(from);
  };
  const { ui } = state;
  const chosen = pane !== undefined && ui.focus === pane;
  const select = (change: Parameters<typeof withUi>[1]): Step =>
    still(withUi(state, { ...change, ...(pane ? { focus: pane } : {}) }));
  switch (target.on) {
    case 'agent':
      return chosen && ui.agent === target.id ? run('agent.open') : select({ agent: target.id });
    case 'request':
      if (chosen && ui.request === target.id) return run('look.action');
      return select(ui.request === target.id ? {} : { request: target.id, scroll: 0 });
    case 'event':
      return chosen && ui.event === target.seq ? run('look.event') : select({ event: target.seq });
    case 'item':
      return select({ item: target.item });
    case 'choice':
      return choose(state, target.index, at);
    case 'command':
      return run(target.id);
    case 'key':
      return press(state, keyInput(target.key), at);
  }
}

/** Goes to a row of what is chosen from; the one that is chosen already is taken. */
function choose(state: ConsoleState, index: number, at: number): Step {
  const { overlay } = state.ui;
  if (overlay?.kind !== 'palette' && overlay?.kind !== 'choose') return still(state);
  if (overlay.index === index) return press(state, keyInput('enter'), at);
  return many(state, index > overlay.index ? 'down' : 'up', Math.abs(index - overlay.index), at);
}

function many(state: ConsoleState, key: string, times: number, at: number): Step {
  let step = still(state);
  for (let n = 0; n < times; n++) step = press(step.state, keyInput(key), at);
  return step;
}

/** Scrolls what is under the pointer; the focus stays where it is. */
function wheel(state: ConsoleState, pane: Focus | undefined, { target, at }: Pointed, by: 1 | -1): Step {
  const { overlay, focus } = state.ui;
  if (overlay?.kind === 'palette' || overlay?.kind === 'choose')
    return many(state, by > 0 ? 'down' : 'up', 1, at);
  if (overlay !== null) return still(scrolls(overlay) ? scrollBy(state, by * LINES) : state);
  const moved = (to: Focus): ConsoleState => withUi(moveBy(focusOn(state, to), by), { focus });
  switch (pane) {
    case undefined:
      return still(state);
    case 'approvals':
      return still(target?.on === 'request' ? moved(pane) : scrollBy(state, by * LINES));
    case 'grid':
      return still(turnPage(state, by));
    case 'screen':
      return past(state, by);
    default:
      return still(moved(pane));
  }
}

/** Back in the agent's screen, and forward again to the present. Whoever looks back has the focus there. */
function past(state: ConsoleState, by: 1 | -1): Step {
  const agent = shownAgent(state);
  if (!agent?.pane) return still(state);
  const there = withUi(state, { focus: 'screen', agent: agent.id });
  if (state.ui.back) return still(scrollBack(there, by * LINES));
  return by < 0 ? lookBack(there, -LINES) : still(state);
}
