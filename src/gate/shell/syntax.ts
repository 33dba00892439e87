/** The shell's syntax as far as the gate must know it: what would run, with which words, reading and writing what. */

/** A piece of a word. `quoted` pieces are not split, not globbed and carry no syntax. */
export type Piece =
  | { readonly is: 'text'; readonly text: string; readonly quoted: boolean }
  /** `$name` and `${name}`; `plain` is false for `${name…}` with an operator, whose value cannot be foreseen. */
  | {
      readonly is: 'variable';
      readonly name: string;
      readonly plain: boolean;
      readonly quoted: boolean;
      readonly scripts: readonly Script[];
    }
  /** `$(…)` and backquotes. */
  | { readonly is: 'output'; readonly script: Script; readonly quoted: boolean }
  /** `<(…)` and `>(…)`: a file name that leads to another command. */
  | { readonly is: 'pipe'; readonly script: Script; readonly quoted: boolean }
  /** `$((…))`: a number. */
  | { readonly is: 'number'; readonly scripts: readonly Script[]; readonly quoted: boolean };

export type Word = readonly Piece[];

export interface Assignment {
  readonly name: string;
  /** One word, or the elements of an array. */
  readonly values: readonly Word[];
}

export interface Redirect {
  /** `<`, `>`, `>>`, `>|`, `<>`, `<&`, `>&`, `&>`, `&>>`, `<<<`, `<<` (here-document: `word` is its body). */
  readonly op: string;
  readonly word: Word;
}

export interface SimpleCommand {
  readonly is: 'simple';
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
}

/** if, while, until, for, select, case, { }, ( ), (( )), [[ ]], coproc and function definitions. */
export interface CompoundCommand {
  readonly is: 'compound';
  readonly kind: 'group' | 'branch' | 'loop' | 'function' | 'test';
  /** Every list in it, in order. Whether one runs is not asked: it could. */
  readonly bodies: readonly Script[];
  /** Words evaluated on the way: `for` lists, `case` subjects and patterns, operands of tests. */
  readonly words: readonly Word[];
  /** A `for` variable, or the function's name; '' otherwise. */
  readonly name: string;
  readonly redirects: readonly Redirect[];
}

export type Command = SimpleCommand | CompoundCommand;
export type Pipeline = readonly Command[];
/** Pipelines joined by ; & && || or line ends. How they are joined does not matter to what could run. */
export type Script = readonly Pipeline[];

/** The text is not a shell program we are sure about. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError';
  /** Offset in UTF-16 units. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** The word's text when no part of it is open, else undefined. */
export function literalOf(word: Word): string | undefined {
  let text = '';
  for (const piece of word) {
    if (piece.is !== 'text') return undefined;
    text += piece.text;
  }
  return text;
}

/** The word's text when it is written without any quoting: only then can it be a reserved word. */
export function bareOf(word: Word): string | undefined {
  return word.every(piece => piece.is === 'text' && !piece.quoted) ? literalOf(word) : undefined;
}
