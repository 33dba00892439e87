/** Semantic colours. A pane names a meaning; a theme says how it looks; `depth.ts` fits it to the terminal. */

/** The colours people are told apart by. */
const OPERATORS = [
  'operator-1',
  'operator-2',
  'operator-3',
  'operator-4',
  'operator-5',
  'operator-6',
] as const;

export const TOKENS = [
  'text',
  'strong',
  'muted',
  'faint',
  'accent',
  'selected',
  'good',
  'info',
  'warn',
  'bad',
  'added',
  'removed',
  'code',
  'key',
  'cursor',
  'risk-low',
  'risk-medium',
  'risk-high',
  'risk-critical',
  'frame',
  'frame-observe',
  'frame-prepare',
  'frame-focus',
  'mode-observe',
  'mode-prepare',
  'mode-watch',
  'mode-collaborate',
  ...OPERATORS,
] as const;
export type Token = (typeof TOKENS)[number];

interface Style {
  /** #rrggbb */
  readonly fg?: string;
  readonly bg?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly reverse?: boolean;
  readonly underline?: boolean;
}

export type ThemeStyles = Readonly<Record<Token, Style>>;

/** SGR parameters of every token, ready to be joined: `1;38;2;97;175;239`. */
export type Theme = Readonly<Record<Token, string>>;

export function compile(styles: ThemeStyles): Theme {
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

/** An operator's colour: the same everywhere and always, from the name alone (FNV-1a). */
export function operatorToken(name: string): Token {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return OPERATORS[hash % OPERATORS.length] ?? 'operator-1';
}
