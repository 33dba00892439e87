/**
 * Words to arguments, as far as they can be foreseen: braces, tilde and the few variables everybody has (Bash
 * manual 3.5.1–3.5.3). Wildcards stay as they are; what is only known at run time is marked, never guessed.
 */
import type { Piece, Script, Word } from './syntax.ts';
import { scriptsOf } from './words.ts';

/** One argument as a program would get it. */
export interface Arg {
  /** Its text; what is not known stands in it as written: `$NAME`, `$(…)`. */
  readonly text: string;
  readonly known: boolean;
  /** It has live wildcards, so it may become several arguments. */
  readonly glob: boolean;
  /** Commands whose output becomes part of it. */
  readonly from: readonly Script[];
}

/** Values that variables might have, by name. */
export type Values = ReadonlyMap<string, string>;
export const NO_VALUES: Values = new Map();

interface Atom {
  readonly text: string;
  /** Unquoted literal text: the only place for braces, wildcards and tildes. */
  readonly live: boolean;
  readonly known: boolean;
  /** This ~ stands for the home directory though it is not live: it came with $HOME. */
  readonly home?: boolean;
}

/** More words than this, or more braces in one, are not followed. */
const MAX_WORDS = 64;
const MAX_BRACES = 32;
/** Leaves a trace of quotes around nothing. */
const QUOTED: Atom = { text: '', live: false, known: true };
const OPEN: Atom = { text: '$…', live: false, known: false };

export function plainArg(text: string): Arg {
  return { text, known: true, glob: false, from: [] };
}

/** The arguments a word becomes: usually one, more with braces, none for an empty unquoted value. */
export function expandWord(word: Word, home: string, values: Values): readonly Arg[] {
  const from = scriptsOf(word);
  const words = splitFields(word, home, values).flatMap(expandBraces);
  // What comes to nothing is no argument, unless quotes say that it is an empty one.
  return words.filter(atoms => atoms.length > 0).map(atoms => toArg(atoms, home, from));
}

/** Pieces to atoms; an unquoted value with blanks in it makes several words. */
function splitFields(word: Word, home: string, values: Values): Atom[][] {
  const fields: Atom[][] = [[]];
  const push = (...atoms: readonly Atom[]): void => {
    fields.at(-1)?.push(...atoms);
  };
  for (const piece of word) {
    const value = piece.is === 'variable' && piece.plain ? variableOf(piece.name, home, values) : undefined;
    if (piece.quoted) push(QUOTED);
    if (piece.is === 'pipe') push(...atomsOf('/dev/fd/63', false));
    else if (piece.is === 'text') push(...atomsOf(piece.text, !piece.quoted));
    else if (value === undefined) push({ ...OPEN, text: sourceOf(piece) });
    else if (piece.quoted) push(...valueAtoms(value, false));
    else {
      const [first = '', ...rest] = value.split(/[ \t\n]+/);
      push(...valueAtoms(first, true));
      for (const field of rest) fields.push(valueAtoms(field, true));
    }
  }
  return fields;
}

function variableOf(name: string, home: string, values: Values): string | undefined {
  return values.get(name) ?? (name === 'HOME' ? home : name === 'PWD' ? '.' : undefined);
}

function atomsOf(text: string, live: boolean): Atom[] {
  return Array.from(text, char => ({ text: char, live, known: true }));
}

/** A value's braces and tildes mean nothing any more; its wildcards do when it is not quoted. */
function valueAtoms(value: string, wild: boolean): Atom[] {
  return Array.from(value, (char, at) => ({
    text: char,
    live: wild && /[*?[]/.test(char),
    known: true,
    home: at === 0 && char === '~',
  }));
}

function sourceOf(piece: Piece): string {
  switch (piece.is) {
    case 'variable':
      return piece.plain ? `$${piece.name}` : `\${${piece.name}…}`;
    case 'number':
      return '$((…))';
    default:
      return '$(…)';
  }
}

function toArg(atoms: readonly Atom[], home: string, from: readonly Script[]): Arg {
  const text = atoms.map(atom => atom.text).join('');
  return {
    text: tilde(atoms, text, home),
    known: atoms.every(atom => atom.known),
    glob: isGlob(atoms),
    from,
  };
}

/** `[` alone is the test command, not a wildcard: a set has something in it and an end. */
function isGlob(atoms: readonly Atom[]): boolean {
  const text = liveText(atoms);
  // Not by one expression for a set: it would look for its end from each of many brackets.
  return (
    /[*?]/.test(text) ||
    text
      .split(']')
      .slice(0, -1)
      .some(part => /\[./s.test(part))
  );
}

function looksBraced(text: string): boolean {
  const inner = text.slice(text.indexOf('{') + 1, Math.max(0, text.lastIndexOf('}')));
  return text.includes('{') && /,|\.\./.test(inner);
}

function liveText(atoms: readonly Atom[]): string {
  return atoms.map(atom => (atom.live ? atom.text : ' ')).join('');
}

function tilde(atoms: readonly Atom[], text: string, home: string): string {
  const first = atoms.find(atom => atom.text !== '');
  if (first?.text !== '~' || first.home) return text;
  // A quoted ~ is a file of that name.
  if (!first.live) return `./${text}`;
  if (/^~(?:\/|$)/.test(text)) return home + text.slice(1);
  if (/^~\+(?:\/|$)/.test(text)) return `.${text.slice(2)}`;
  return text;
}

function expandBraces(atoms: readonly Atom[]): readonly (readonly Atom[])[] {
  const open = atoms.reduce((count, atom) => count + (isLive(atom, '{') ? 1 : 0), 0);
  if (open === 0) return [atoms];
  const budget = { words: open > MAX_BRACES ? -1 : MAX_WORDS };
  if (budget.words < 0) return [[OPEN, ...atoms]];
  const words = bracesOf(atoms, budget);
  if (budget.words < 0) return [[OPEN, ...atoms]];
  // Bash has ways of its own with {},a} and {..{a,b}}: what still looks like braces is not known.
  return words.map(each => (looksBraced(liveText(each)) ? [OPEN, ...each] : each));
}

function bracesOf(atoms: readonly Atom[], budget: { words: number }): readonly (readonly Atom[])[] {
  for (let start = 0; start < atoms.length; start++) {
    if (!isLive(atoms[start], '{')) continue;
    const found = alternatives(atoms, start);
    if (!found) continue;
    const head = atoms.slice(0, start);
    const words: (readonly Atom[])[] = [];
    const tails = bracesOf(atoms.slice(found.end + 1), budget);
    for (const middle of found.options) {
      for (const inner of bracesOf(middle, budget)) {
        for (const tail of tails) {
          if (--budget.words < 0) return words;
          words.push([...head, ...inner, ...tail]);
        }
      }
    }
    return words;
  }
  return [atoms];
}

function isLive(atom: Atom | undefined, char: string): boolean {
  return atom?.live === true && atom.text === char;
}

/** `{a,b}` or `{1..3}` that starts here; undefined when the brace is plain text. */
function alternatives(
  atoms: readonly Atom[],
  start: number,
): { end: number; options: (readonly Atom[])[] } | undefined {
  const options: (readonly Atom[])[] = [];
  let from = start + 1;
  for (let at = start + 1, depth = 0; at < atoms.length; at++) {
    const atom = atoms[at];
    if (isLive(atom, '{')) depth++;
    else if (isLive(atom, '}') && depth-- === 0) {
      const last = atoms.slice(from, at);
      if (options.length > 0) return { end: at, options: [...options, last] };
      const range = rangeOf(last);
      return range && { end: at, options: range };
    } else if (isLive(atom, ',') && depth === 0) {
      options.push(atoms.slice(from, at));
      from = at + 1;
    }
  }
  return undefined;
}

/** `1..9`, `a..z`; a range too long to list is left open. */
function rangeOf(atoms: readonly Atom[]): (readonly Atom[])[] | undefined {
  const [, first, last] =
    /^(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])(?:\.\.-?\d+)?$/.exec(atoms.map(a => a.text).join('')) ??
    [];
  if (first === undefined || last === undefined || !atoms.every(atom => atom.live)) return undefined;
  const numbers = /\d$/.test(first) && /\d$/.test(last);
  const [a, b] = numbers ? [Number(first), Number(last)] : [first.charCodeAt(0), last.charCodeAt(0)];
  if (Math.abs(a - b) >= MAX_WORDS) return [[OPEN]];
  const low = Math.min(a, b);
  const each = Array.from({ length: Math.abs(a - b) + 1 }, (_, i) => low + i);
  return each.map(n => atomsOf(numbers ? String(n) : String.fromCharCode(n), true));
}
