/** The changed fleet file and agents' worktrees in the console: what opens, which keys count there, what comes back. */
import type { Event } from '../model/event.ts';
import { AgentId } from '../model/ids.ts';
import { changeWords } from '../model/summary.ts';
import { neutralise, oneLine } from '../model/text.ts';
import { type Send, type Step, sending, still } from './effects.ts';
import { keyFor } from './keymap.ts';
import type { Input } from './keys.ts';
import { type ConsoleState, type Overlay, toast, withUi } from './state.ts';
import { mayNot } from './views.ts';

type Key = Extract<Input, { type: 'key' }>;
type Of<K extends Overlay['kind']> = Extract<Overlay, { kind: K }>;

const PASTED = 'several keys at once look like a paste: nothing was done';

/** Agrees to exactly what is shown: a file that has changed since is shown anew instead. */
export function inChange(state: ConsoleState, overlay: Of<'change'>, { key, burst }: Key): Step {
  const closed = withUi(state, { overlay: null, toasts: [] });
  if (key === 'esc' || key === 'q') return still(closed);
  const { proposal } = state.fleet.config;
  if (key !== 'y' || proposal?.is !== 'proposed') return still(state);
  if (burst) return still(toast(state, 'warn', PASTED));
  const refused = mayNot(state, 'operate');
  if (refused) return still(toast(state, 'warn', refused));
  const { revision } = proposal;
  if (revision !== overlay.revision) {
    const again = withUi(state, { overlay: { ...overlay, revision, scroll: 0 } });
    return still(toast(again, 'warn', 'the fleet file has changed again: this is the new difference'));
  }
  return sending(closed, { request: 'fleet.reload', with: { revision } });
}

/** Asks the gate: what it makes of it waits in the queue, and is decided there like everything else. */
export function inWorktree(state: ConsoleState, overlay: Of<'worktree'>, { key, burst }: Key): Step {
  const closed = withUi(state, { overlay: null, toasts: [] });
  if (key === 'esc' || key === 'q' || key === 'enter') return still(closed);
  const what = key === 'M' ? 'merge' : key === 'X' ? 'drop' : undefined;
  if (!what) return still(state);
  if (burst) return still(toast(state, 'warn', PASTED));
  const refused = mayNot(state, 'operate');
  if (refused) return still(toast(state, 'warn', refused));
  return sending(closed, {
    request: 'worktree.propose',
    with: { agent: AgentId.parse(overlay.agent), do: what },
  });
}

/** What the engine answered to `worktree.diff` and `worktree.propose`. */
export function answeredWork(state: ConsoleState, send: Send, result: unknown): ConsoleState {
  const { overlay } = state.ui;
  if (send.request === 'worktree.propose') {
    const { request } = { request: '', ...(typeof result === 'object' ? result : {}) };
    const there = withUi(state, { focus: 'approvals', request: String(request), scroll: 0 });
    return toast(there, 'good', `it waits in the queue: ${send.with.do} ${send.with.agent}’s work`);
  }
  if (send.request !== 'worktree.diff' || overlay?.kind !== 'worktree' || overlay.agent !== send.with.agent)
    return state;
  const { text, cut, command } = asDiff(result);
  const lines = neutralise(text).replace(/\n$/, '').split('\n');
  const more = cut ? [`… it is longer than this; all of it: ${oneLine(command, 300)}`] : [];
  return withUi(state, { overlay: { ...overlay, lines: text === '' ? [] : [...lines, ...more] } });
}

function asDiff(result: unknown): { readonly text: string; readonly cut: boolean; readonly command: string } {
  const { text, cut, command } = {
    text: '',
    cut: false,
    command: '',
    ...(typeof result === 'object' ? result : {}),
  };
  return { text: String(text), cut: Boolean(cut), command: String(command) };
}

/** Says that the fleet file has changed, whoever is looking at what. */
export function toldOfChange(state: ConsoleState, fresh: readonly Event[]): ConsoleState {
  const event = fresh.findLast(e => e.kind === 'config.proposed' || e.kind === 'config.refused');
  if (event?.kind === 'config.proposed')
    return toast(
      state,
      'info',
      `the fleet file has changed: ${changeWords(event.data.change)}; ${keyFor(state, 'fleet.reload')} shows it`,
    );
  if (event?.kind === 'config.refused')
    return toast(
      state,
      'bad',
      `the fleet file cannot be used: ${oneLine(event.data.problems[0] ?? '', 200)}; ${keyFor(state, 'fleet.reload')} shows it`,
    );
  return state;
}
