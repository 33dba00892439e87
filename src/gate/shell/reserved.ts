/** Words with a meaning of their own where a command may begin (POSIX.1-2024 XCU 2.4, and Bash's). */
import type { CompoundCommand, Script, Word } from './syntax.ts';

export const OPENERS = [
  'if',
  'while',
  'until',
  'for',
  'select',
  'case',
  'function',
  '{',
  '[[',
  'coproc',
] as const;
export const CLOSERS = new Set(['then', 'do', 'done', 'fi', 'elif', 'else', 'esac', '}']);
export const RESERVED = new Set<string>([...OPENERS, ...CLOSERS, 'in', '!', 'time', ']]']);
export const DECLARES = new Set(['declare', 'typeset', 'local', 'export', 'readonly']);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)(?:\[[A-Za-z0-9_]*\])?\+?=/;

export function compound(
  kind: CompoundCommand['kind'],
  bodies: readonly Script[],
  words: readonly Word[] = [],
  name = '',
): CompoundCommand {
  return { is: 'compound', kind, bodies, words, name, redirects: [] };
}

/** `name=` or `name[1]+=` at the start of a word, and the rest of it; undefined when it sets nothing. */
export function assignmentStart(
  word: Word,
  fail: (message: string) => never,
): { readonly name: string; readonly value: Word } | undefined {
  const [first, ...rest] = word;
  if (first?.is !== 'text' || first.quoted) return undefined;
  const [prefix, name] = ASSIGNMENT.exec(first.text) ?? [];
  // Bash reads a subscript across blanks and line ends.
  if (prefix === undefined && /^[A-Za-z_]\w*\[/.test(first.text)) fail('a subscript we do not read');
  if (prefix === undefined || name === undefined) return undefined;
  return { name, value: [{ ...first, text: first.text.slice(prefix.length) }, ...rest] };
}
