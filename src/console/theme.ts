/** Semantic colours. A pane names a meaning; a theme says how it looks; `depth.ts` fits it to the terminal. */

import type { Vision } from './colour.ts';

/** Every token and what it stands for: a meaning, never a place on the screen. */
export const MEANINGS = {
  text: 'what is read',
  strong: 'names and titles',
  muted: 'what explains',
  faint: 'what is there to be found, not read: clock times, numbers, rules',
  accent: 'what is selected, typed or under way',
  selected: 'the row under the cursor: its background',
  good: 'as it should be',
  info: 'worth knowing, nothing to do',
  warn: 'somebody should look',
  bad: 'it went wrong',
  added: 'what a change adds',
  removed: 'what a change takes away',
  code: 'commands, files, what agents asked for',
  key: 'a key to press',
  cursor: 'the cursor in a line that is typed',
  'risk-low': 'a request of LOW risk',
  'risk-medium': 'a request of MEDIUM risk',
  'risk-high': 'a request of HIGH risk',
  'risk-critical': 'a request of CRITICAL risk',
  frame: 'frames',
  'frame-observe': 'frames in observe mode',
  'frame-prepare': 'frames in prepare mode',
  'frame-focus': 'the frame with the focus',
  'mode-observe': 'the badge of observe mode',
  'mode-prepare': 'the badge of prepare mode',
  'mode-watch': 'the badge of watch mode',
  'mode-collaborate': 'the badge of collaborate mode',
  'operator-1': 'people are told apart by these six',
  'operator-2': 'a person',
  'operator-3': 'a person',
  'operator-4': 'a person',
  'operator-5': 'a person',
  'operator-6': 'a person',
} as const;
export type Token = keyof typeof MEANINGS;

function isToken(word: string): word is Token {
  return Object.hasOwn(MEANINGS, word);
}

export const TOKENS: readonly Token[] = Object.keys(MEANINGS).filter(isToken);

export interface Style {
  /** #rrggbb */
  readonly fg?: string;
  readonly bg?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly reverse?: boolean;
  readonly underline?: boolean;
}

export type ThemeStyles = Readonly<Record<Token, Style>>;

/** One theme, whole. */
export interface ThemeLook {
  readonly about: string;
  /** `dark` or `light`: the terminal's own, which must be like that; `any`; or the one that is painted, #rrggbb. */
  readonly background: string;
  /** Kinds of colour vision for which states and risks stay apart by colour alone. */
  readonly safeFor: readonly Vision[];
  readonly styles: ThemeStyles;
}

/** SGR parameters of every token, ready to be joined: `1;38;2;97;175;239`. */
export type Theme = Readonly<Record<Token, string>>;

export function compile({ styles }: ThemeLook): Theme {
  const theme: Partial<Record<Token, string>> = {};
  for (const token of TOKENS) theme[token] = sgr(styles[token]);
  return theme as Theme;
}

function sgr({ fg, bg, bold, dim, reverse, underline }: Style): string {
  return [
    bold ? '1' : '',
    dim ? '2' : '',
    underline ? '4' : '',
    reverse ? '7' : '',
    fg ? `38;2;${rgb(fg)}` : '',
    bg ? `48;2;${rgb(bg)}` : '',
  ]
    .filter(p => p !== '')
    .join(';');
}

function rgb(hex: string): string {
  const n = Number.parseInt(hex.slice(1), 16);
  return `${n >> 16};${(n >> 8) & 255};${n & 255}`;
}

const OPERATORS = TOKENS.filter(token => token.startsWith('operator-'));

/** An operator's colour: the same everywhere and always, from the name alone (FNV-1a). */
export function operatorToken(name: string): Token {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return OPERATORS[hash % OPERATORS.length] ?? 'operator-1';
}
