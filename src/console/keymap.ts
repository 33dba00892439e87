/** Which keys do what: the one table of commands, as changed by a person's keys.yaml. Pure. */
import type { Finding } from '../fleet/issue.ts';
import { hintFor } from '../fleet/suggest.ts';
import type { Command } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import { offered } from './contexts.ts';
import { keyName, keyWords, readKey } from './key-names.ts';
import { reservedKey } from './stage/reserved.ts';

/** Keys of commands, by id, where they differ from the built-in ones. */
export type Keymap = Readonly<Record<string, readonly string[]>>;

/** These do what they always did, whatever a keymap says: the way out, and everything stopped at once. */
const FIXED: readonly string[] = ['ctrl-c', 'f12'];

/** The command whose first Ctrl key is never sent to an agent on stage. */
const BACK = 'agent.back';

function keysOf(command: Command, keymap: Keymap): readonly string[] {
  return Object.hasOwn(keymap, command.id) ? (keymap[command.id] ?? []) : command.keys;
}

interface WithKeymap {
  readonly keymap: Keymap;
}

/** The commands with the keys they have for this person. */
export function effective(
  { keymap }: WithKeymap,
  commands: readonly Command[] = COMMANDS,
): readonly Command[] {
  return Object.keys(keymap).length === 0
    ? commands
    : commands.map(c => (Object.hasOwn(keymap, c.id) ? { ...c, keys: keysOf(c, keymap) } : c));
}

/** The first key of a command as people read it; its name in the palette when it has none. */
export function keyFor({ keymap }: WithKeymap, id: string): string {
  const command = COMMANDS.find(c => c.id === id);
  const [first] = command ? keysOf(command, keymap) : [];
  return first === undefined ? `:${id}` : keyWords(first);
}

/** The same, of its keys the shortest: for where there is little room. */
export function shortKeyFor(state: WithKeymap, id: string): string {
  const command = COMMANDS.find(c => c.id === id);
  const names = command ? keysOf(command, state.keymap).map(keyWords) : [];
  return names.length === 0 ? keyFor(state, id) : names.reduce((a, b) => (b.length < a.length ? b : a));
}

/** The key that is never typed into an agent. */
export function reservedOf({ keymap }: WithKeymap): string {
  const back = COMMANDS.find(c => c.id === BACK);
  return (back ? keysOf(back, keymap) : []).find(key => reservedKey(key) !== undefined) ?? 'ctrl-\\';
}

/** Two commands that the same keys could mean. */
interface Clash {
  readonly ids: readonly [string, string];
  /** What both want; of a sequence and its beginning, the beginning. */
  readonly key: string;
  /** One's key begins the other's sequence. */
  readonly prefix: boolean;
}

/**
 * Every clash of a keymap where both commands may be offered, but those pairs the built-in table has on purpose (on the
 * stage, `q` leaves the agent's screen before it means anything else).
 */
export function clashes(keymap: Keymap, commands: readonly Command[] = COMMANDS): readonly Clash[] {
  const meant = new Set(meeting({}, commands).map(pairOf));
  return meeting(keymap, commands).filter(clash => !meant.has(pairOf(clash)));
}

function pairOf({ ids: [a, b] }: Clash): string {
  return `${a} ${b}`;
}

function meeting(keymap: Keymap, commands: readonly Command[]): readonly Clash[] {
  const found = new Map<string, Clash>();
  for (const together of offered(commands)) {
    const bound = together.flatMap(c => keysOf(c, keymap).map(key => ({ id: c.id, key })));
    for (const a of bound) {
      for (const b of bound) {
        const prefix = b.key.startsWith(`${a.key} `);
        if (a.id === b.id ? !prefix : !prefix && (a.key !== b.key || a.id > b.id)) continue;
        const clash: Clash = { ids: [a.id, b.id], key: a.key, prefix };
        found.set(`${pairOf(clash)} ${a.key} ${prefix}`, clash);
      }
    }
  }
  return [...found.values()];
}

/**
 * What a person wrote, as a keymap and what is wrong with it. What is wrong keeps its built-in keys, so that a slip never
 * takes anything away; of two that clash, the later one in the file.
 */
export function readKeymap(
  written: Readonly<Record<string, unknown>>,
  commands: readonly Command[] = COMMANDS,
): { readonly keymap: Keymap; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const read = new Map<string, readonly string[]>();
  for (const [id, value] of Object.entries(written)) {
    const command = commands.find(c => c.id === id);
    if (!command) {
      const ids = commands.map(c => c.id);
      const hint = hintFor(id, ids).startsWith('did') ? hintFor(id, ids) : 'hms keys lists them';
      findings.push({ path: [id], atKey: true, reason: 'there is no such command', hint });
      continue;
    }
    const { keys, problems } = readKeys(command, value);
    findings.push(...problems);
    if (problems.length === 0) read.set(id, keys);
  }
  // Each round takes back at least one entry, and the built-in keys do not clash.
  for (let left = read.size; left >= 0; left--) {
    const [clash] = clashes(Object.fromEntries(read), commands);
    if (!clash) break;
    const id = [...read.keys()].findLast(name => clash.ids.includes(name));
    if (id === undefined) break;
    read.delete(id);
    findings.push(clashFinding(id, clash, commands));
  }
  return { keymap: Object.fromEntries(read), findings };
}

function clashFinding(
  id: string,
  { ids: [a, b], key, prefix }: Clash,
  commands: readonly Command[],
): Finding {
  const other = commands.find(c => c.id === (id === a ? b : a));
  const where = other ? ` (${other.when.words})` : '';
  const whose = a === b ? 'its own' : `${other?.id}’s${where}`;
  const reason = prefix
    ? id === a
      ? `${keyWords(key)} begins a sequence of keys, ${whose}`
      : `its sequence begins with ${keyWords(key)}, which is ${whose}`
    : `${keyWords(key)} is ${whose}, and both can be meant at the same time`;
  return {
    path: [id],
    reason,
    hint: other && other.id !== id ? `give ${other.id} another key too, or unbind it: []` : '',
  };
}

function readKeys(
  command: Command,
  value: unknown,
): { readonly keys: readonly string[]; readonly problems: readonly Finding[] } {
  const list: readonly unknown[] = value === null ? [] : Array.isArray(value) ? value : [value];
  const problems: Finding[] = [];
  const keys: string[] = [];
  for (const [i, item] of list.entries()) {
    const path = Array.isArray(value) ? [command.id, i] : [command.id];
    const text =
      typeof item === 'number' && Number.isInteger(item) && item >= 0 && item <= 9 ? String(item) : item;
    if (typeof text !== 'string') {
      problems.push({ path, reason: 'expected a key or a list of keys', hint: 'put it in quotes' });
      continue;
    }
    const found = readKey(text);
    if (!('key' in found)) problems.push({ path, ...found });
    else {
      const fixed = found.key.split(' ').find(step => FIXED.includes(step) && !command.keys.includes(step));
      if (fixed)
        problems.push({ path, reason: `${keyName(fixed)} cannot be given away`, hint: 'take another key' });
      else if (!keys.includes(found.key)) keys.push(found.key);
    }
  }
  if (command.id === BACK && problems.length === 0 && !keys.some(key => reservedKey(key) !== undefined)) {
    const hint = 'name one first: ctrl-\\, ctrl-], ctrl-g';
    problems.push({
      path: [BACK],
      reason: 'one Ctrl key must lead back from an agent that is typed into',
      hint,
    });
  }
  const kept = FIXED.filter(key => command.keys.includes(key));
  return { keys: [...keys, ...kept.filter(key => !keys.includes(key))], problems };
}
