/**
 * The situations commands tell apart by their `when`: states that differ in nothing else. Whoever gives a command a
 * `when` that looks at something new adds it here; a test finds commands that work in none of these.
 */
import type { Command } from './commands/command.ts';
import type { LookBack } from './look-back.ts';
import { type ConsoleState, FOCUSABLE, initialState, withUi } from './state.ts';

export function contexts(): readonly ConsoleState[] {
  const blank = initialState({ now: 0, cols: 160, rows: 44 });
  const stages = FOCUSABLE.flatMap(focus => ['', 'an-agent'].map(stage => withUi(blank, { focus, stage })));
  return stages.flatMap(state => {
    const { focus } = state.ui;
    if (focus === 'screen') return [state, withUi(state, { back: BACK })];
    if (focus === 'timeline') return [state, withUi(state, { bottom: 'lanes' })];
    return [state];
  });
}

const BACK: LookBack = { pane: '%1', lines: [], at: 0, top: 0, mark: null, query: '', hit: -1, move: 0 };

/** For each situation, the commands that are offered in it. */
export function offered(commands: readonly Command[]): readonly (readonly Command[])[] {
  return contexts().map(state => commands.filter(c => c.when.holds(state)));
}
