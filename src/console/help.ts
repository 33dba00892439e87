/** What the `?` page lists: what works here and now, and why the rest does not. */

import type { Command } from './commands/command.ts';
import { GROUPS } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import { type Step, still } from './effects.ts';
import { keyWords } from './key-names.ts';
import { effective } from './keymap.ts';
import type { Input } from './keys.ts';
import { newLine, press as pressLine } from './line.ts';
import { type ConsoleState, type Overlay, withUi } from './state.ts';

export interface HelpEntry {
  readonly id: string;
  readonly title: string;
  readonly keys: readonly string[];
  readonly help: string;
  readonly where: string;
  /** Why it does not work just now; undefined when it does. */
  readonly why: string | undefined;
  /** The built-in keys, where this person has others. */
  readonly builtIn: readonly string[] | undefined;
}

interface HelpSection {
  readonly title: string;
  readonly groups: readonly { readonly group: string; readonly entries: readonly HelpEntry[] }[];
}

/** Of the numbered agents only the first is listed, for all of them, unless a person changed one. */
const NUMBERED = /^agent\.[1-9]$/;

/** Two sections, each by group; only what contains all words of `find`. */
export function helpSections(state: ConsoleState, find: string): readonly HelpSection[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const plain = !Object.keys(state.keymap).some(id => NUMBERED.test(id));
  const entries = effective(state)
    .filter(c => !plain || !NUMBERED.test(c.id) || c.id === 'agent.1')
    .map(c => ({ group: c.group, entry: entryOf(state, c, plain && c.id === 'agent.1') }))
    .filter(({ group, entry }) => {
      const text = [
        group,
        entry.id,
        entry.title,
        entry.help,
        entry.where,
        entry.why,
        ...entry.keys.map(keyWords),
      ];
      const hay = text.join(' ').toLowerCase();
      return words.every(word => hay.includes(word));
    });
  const section = (title: string, works: boolean): HelpSection => ({
    title,
    groups: GROUPS.flatMap(group => {
      const own = entries.filter(e => e.group === group && (e.entry.why === undefined) === works);
      return own.length > 0 ? [{ group, entries: own.map(e => e.entry) }] : [];
    }),
  });
  return [section('Works here and now', true), section('Does not work just now', false)].filter(
    s => s.groups.length > 0,
  );
}

function entryOf(state: ConsoleState, command: Command, numbered: boolean): HelpEntry {
  const changed = Object.hasOwn(state.keymap, command.id);
  const here = command.when.holds(state);
  return {
    id: command.id,
    title: numbered ? 'agents' : command.title,
    keys: numbered ? ['1 … 9'] : command.keys,
    help: numbered ? 'Show the first to the ninth agent.' : command.help,
    where: command.when.words,
    why: here ? command.disabledReason(state) : `works in: ${command.when.words}`,
    builtIn: changed ? (COMMANDS.find(c => c.id === command.id)?.keys ?? []) : undefined,
  };
}

type Key = Extract<Input, { type: 'key' }>;

/** A key on the `?` page that is about what it lists; undefined for all others. */
export function inHelp(
  state: ConsoleState,
  overlay: Extract<Overlay, { kind: 'help' }>,
  { key, text }: Key,
): Step | undefined {
  const open = (change: Partial<typeof overlay>): Step =>
    still(withUi(state, { overlay: { ...overlay, scroll: 0, ...change } }));
  if (!overlay.finding) {
    if (key === 'esc' && overlay.find.text !== '') return open({ find: newLine() });
    const filter = effective(state).find(c => c.id === 'look.filter');
    return key === '/' || filter?.keys.includes(key) ? open({ finding: true }) : undefined;
  }
  if (key === 'enter') return open({ finding: false });
  if (key === 'esc' || key === 'ctrl-c') return open({ finding: false, find: newLine() });
  const find = pressLine(overlay.find, key, text);
  return find ? open({ find }) : undefined;
}
