/** Commands that change the mode: one key, then which. */

import { type Mode, modesOf } from '../../model/mode.ts';
import { type Step, sending, still } from '../effects.ts';
import { type ConsoleState, withUi } from '../state.ts';
import { modeOf, roleOf, tray } from '../views.ts';
import { ANYWHERE, type Command } from './command.ts';

const ABOUT: Readonly<Record<Mode, string>> = {
  observe: 'look only',
  prepare: 'stage messages and decisions in the tray',
  watch: 'decide what waits',
  collaborate: 'decide, and type into agents',
};

/** Asks the engine for the mode; the wish is kept for after a reconnect. */
export function switchTo(state: ConsoleState, mode: Mode): Step {
  if (state.link.is !== 'up') return still({ ...state, wanted: mode });
  return sending({ ...state, wanted: mode }, { request: 'mode.set', with: { mode } });
}

function toMode(mode: Mode, letter: string): Command {
  return {
    id: `mode.${mode}`,
    group: 'Modes',
    title: mode,
    help: `Switch to ${mode} mode: ${ABOUT[mode]}.`,
    keys: [`m ${letter}`],
    when: ANYWHERE,
    // It decides nothing, and fast fingers (or a slow line) bring both keys at once.
    danger: 'none',
    // One hint for the four: they share their first key.
    ...(mode === 'observe' ? { hint: 8 } : {}),
    disabledReason: state =>
      modesOf(roleOf(state)).includes(mode) ? undefined : `a ${roleOf(state)} cannot enter ${mode} mode`,
    run: ({ state }) => {
      const items = tray(state).map(t => t.item);
      if (modeOf(state) === mode) return still(state);
      if (modeOf(state) !== 'prepare' || items.length === 0) return switchTo(state, mode);
      return still(withUi(state, { overlay: { kind: 'leave', to: mode, items } }));
    },
  };
}

export const MODES: readonly Command[] = [
  toMode('observe', 'o'),
  toMode('prepare', 'p'),
  toMode('watch', 'w'),
  toMode('collaborate', 'c'),
];
