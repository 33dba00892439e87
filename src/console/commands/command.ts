/**
 * One command: the single source of what a key does, what the footer hints, what `?` lists, what the palette offers and
 * what docs/reference/keys.md says.
 */
import { type Step, still } from '../effects.ts';
import type { ConsoleState } from '../state.ts';

/** Where a command is offered, in words and as a test. */
export interface When {
  readonly words: string;
  holds(state: ConsoleState): boolean;
}

interface Context {
  readonly state: ConsoleState;
  readonly at: number;
  /** The key as pressed, or `:id` from the palette. */
  readonly key: string;
}

/** In the order people read them. */
export const GROUPS = ['Decide', 'Agents', 'Look', 'Modes', 'Prepare', 'Move', 'Console'] as const;
type Group = (typeof GROUPS)[number];

export interface Command {
  /** Stable: what keymaps and the palette name it by. */
  readonly id: string;
  readonly group: Group;
  /** A word or two, for the footer and the palette. */
  readonly title: string;
  /** One sentence for `?` and the docs. */
  readonly help: string;
  /** Keys, each a key name or a sequence such as `m w`. */
  readonly keys: readonly string[];
  readonly when: When;
  /** `none` changes nothing outside this console; `acts` changes something; `decides` lets something run or refuses it. */
  readonly danger: 'none' | 'acts' | 'decides';
  /** Offered in the footer; lower comes first. */
  readonly hint?: number;
  /** Why it cannot be used just now, in words, or undefined. */
  disabledReason(state: ConsoleState): string | undefined;
  run(context: Context): Step;
}

/** Everywhere but in an agent that is being typed into. */
export const ANYWHERE: When = { words: 'anywhere', holds: () => true };
export const IN_PANES: When = { words: 'in the panes', holds: s => s.ui.stage === '' };
export const IN_AGENTS: When = {
  words: 'agents pane',
  holds: s => s.ui.stage === '' && s.ui.focus === 'agents',
};
export const IN_APPROVALS: When = {
  words: 'approvals pane',
  holds: s => s.ui.stage === '' && s.ui.focus === 'approvals',
};
export const IN_TIMELINE: When = {
  words: 'timeline',
  holds: s => s.ui.stage === '' && s.ui.focus === 'timeline',
};
/** In the screen pane, live or not. */
export const IN_SCREEN: When = {
  words: 'screen pane',
  holds: s => s.ui.stage === '' && s.ui.focus === 'screen',
};
export const LOOKING_BACK: When = {
  words: 'screen pane, looking back',
  holds: s => IN_SCREEN.holds(s) && s.ui.back !== null,
};
/** What goes on lists of rows: not the grid, nor a screen one looks back in. */
export const IN_LISTS: When = {
  words: 'lists',
  holds: s => s.ui.stage === '' && s.ui.focus !== 'grid' && s.ui.back === null,
};
export const IN_TRAY: When = { words: 'tray', holds: s => s.ui.stage === '' && s.ui.focus === 'tray' };
export const IN_STAGE: When = { words: 'an agent on the whole screen', holds: s => s.ui.stage !== '' };

export const enabled = (): undefined => undefined;

/** Makes the commands that only move what is selected: all alike but for where they go. */
export function mover(group: string, when: When) {
  return (
    id: string,
    title: string,
    help: string,
    keys: readonly string[],
    to: (state: ConsoleState) => ConsoleState,
  ): Command => ({
    id: `${group}.${id}`,
    group: 'Move',
    title,
    help,
    keys,
    when,
    danger: 'none',
    disabledReason: enabled,
    run: ({ state }) => still(to(state)),
  });
}
