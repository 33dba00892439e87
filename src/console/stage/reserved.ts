/** The one key of a stage that is never typed into the agent: which bytes a terminal sends for it. */

export interface ReservedKey {
  /** As the keymap names it: `ctrl-\`. */
  readonly key: string;
  /** What it is when it is sent to the agent after all, and what most terminals send. */
  readonly byte: number;
  /** What terminals with a keyboard protocol send (CSI u of kitty and fixterms, xterm's modifyOtherKeys). */
  readonly sequences: readonly string[];
}

/** Ctrl with these is Tab, Enter, Escape and Backspace: nobody could do without them. */
const NEEDED = new Set(['i', 'j', 'm', '[', 'h']);

/** The reserved key of that name; undefined when a stage cannot do with it: only Ctrl and one character will do. */
export function reservedKey(key: string): ReservedKey | undefined {
  const char = /^ctrl-([a-z[\]\\^_])$/.exec(key)?.[1];
  if (char === undefined || NEEDED.has(char)) return undefined;
  const code = char.charCodeAt(0);
  return { key, byte: code & 0x1f, sequences: [`\x1b[${code};5u`, `\x1b[27;5;${code}~`] };
}
