/** Choosing a theme or a layout: what is under the cursor is shown at once, Enter keeps it, Esc goes back. */
import { type Step, still } from './effects.ts';
import { offered } from './looks.ts';
import { type ConsoleState, type Overlay, toast, withUi } from './state.ts';

type What = 'theme' | 'layout';
type Chooser = Extract<Overlay, { kind: 'choose' }>;

function showing(state: ConsoleState, what: What, name: string): ConsoleState {
  return { ...state, looks: { ...state.looks, [what]: name } };
}

export function openChooser(state: ConsoleState, what: What): ConsoleState {
  const before = state.looks[what];
  const index = Math.max(0, offered(state.looks, what).indexOf(before));
  return withUi(state, { overlay: { kind: 'choose', what, index, before } });
}

const BY: Readonly<Record<string, number>> = { tab: 1, 'shift-tab': -1, end: Infinity };

/** @param scroll how far this key scrolls a page, for this person */
export function inChooser(
  state: ConsoleState,
  { what, index, before }: Chooser,
  key: string,
  scroll: number | undefined,
): Step {
  const names = offered(state.looks, what);
  const by = BY[key] ?? scroll;
  if (by !== undefined) {
    const next = Math.max(0, Math.min(names.length - 1, index + by));
    const overlay = { kind: 'choose', what, index: next, before } as const;
    return still(withUi(showing(state, what, names[next] ?? before), { overlay }));
  }
  if (key === 'enter') return choose(state, what, names[index] ?? before);
  if (key !== 'esc' && key !== 'q' && key !== 'ctrl-c') return still(state);
  return still(withUi(showing(state, what, before), { overlay: null }));
}

/** Shows it and keeps it for this person. */
export function choose(state: ConsoleState, what: What, name: string): Step {
  if (!offered(state.looks, what).includes(name))
    return still(toast(state, 'warn', `there is no ${what} ${name}`));
  const shown = withUi(showing(state, what, name), { overlay: null });
  const choice = what === 'theme' ? { theme: name } : { layout: name };
  return { state: shown, effects: [{ do: 'remember', choice }] };
}
