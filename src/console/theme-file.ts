/** A theme as people write it, what it becomes, and what is doubtful about it. Loaded when a theme file is read. */
import * as z from 'zod';
import type { Finding } from '../fleet/issue.ts';
import { hintFor } from '../fleet/suggest.ts';
import { oneLine } from '../model/text.ts';
import { apart, contrast, VISIONS } from './colour.ts';
import { type Style, type ThemeLook, type ThemeStyles, TOKENS, type Token } from './theme.ts';

const Colour = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, 'a colour is written "#rrggbb"')
  .transform(hex => hex.toLowerCase());

const StyleFile = z.strictObject({
  fg: Colour.optional(),
  bg: Colour.optional(),
  bold: z.boolean().optional(),
  dim: z.boolean().optional(),
  reverse: z.boolean().optional(),
  underline: z.boolean().optional(),
});

const STYLES = Object.fromEntries(TOKENS.map(token => [token, StyleFile.optional()])) as Record<
  Token,
  z.ZodOptional<typeof StyleFile>
>;

export const ThemeFile = z.strictObject({
  /** A theme that says what this one leaves out. */
  extends: z.string().optional(),
  about: z
    .string()
    .transform(text => oneLine(text, 200))
    .optional(),
  background: z.union([z.enum(['dark', 'light', 'any']), Colour]).optional(),
  'safe-for': z.array(z.enum(VISIONS)).optional(),
  ...STYLES,
});
export type ThemeFile = z.infer<typeof ThemeFile>;

/** What a theme's file becomes. `known` are the themes it may extend. A finding where something is missing. */
export function themeLook(
  file: ThemeFile,
  known: Readonly<Record<string, ThemeLook>>,
): { readonly look?: ThemeLook; readonly findings: readonly Finding[] } {
  const base = file.extends === undefined ? undefined : known[file.extends];
  if (file.extends !== undefined && !base) {
    const reason = `there is no theme ${file.extends}`;
    return { findings: [{ path: ['extends'], reason, hint: hintFor(file.extends, Object.keys(known)) }] };
  }
  const missing = TOKENS.filter(token => !file[token] && !base);
  if (missing.length > 0) {
    const reason = `${missing.join(', ')}: not said how ${missing.length === 1 ? 'it looks' : 'they look'}`;
    return { findings: [{ path: [], reason, hint: 'take the rest from another theme: extends: dark' }] };
  }
  const styles: Partial<Record<Token, Style>> = {};
  for (const token of TOKENS) styles[token] = given(file[token]) ?? base?.styles[token] ?? {};
  const look: ThemeLook = {
    about: file.about ?? (file.extends === undefined ? '' : `${file.extends}, changed`),
    background: file.background ?? base?.background ?? 'any',
    safeFor: file['safe-for'] ?? [],
    styles: styles as ThemeStyles,
  };
  return { look, findings: [] };
}

/** Without the fields that were left out. */
function given(style: z.infer<typeof StyleFile> | undefined): Style | undefined {
  if (!style) return undefined;
  const { fg, bg, bold, dim, reverse, underline } = style;
  return {
    ...(fg === undefined ? {} : { fg }),
    ...(bg === undefined ? {} : { bg }),
    ...(bold === undefined ? {} : { bold }),
    ...(dim === undefined ? {} : { dim }),
    ...(reverse === undefined ? {} : { reverse }),
    ...(underline === undefined ? {} : { underline }),
  };
}

/** Backgrounds a theme must be readable on when it paints none: what terminals of this kind usually have. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  dark: ['#000000', '#1e222a'],
  light: ['#ffffff', '#f6f3ea'],
  any: [],
};

/** Least WCAG contrast: of text, of what only needs to be found (1.4.11). */
export const READABLE = 4.5;
const FINDABLE = 3;
/** No text, or seen beside strokes that say the same. */
const NO_TEXT: readonly Token[] = ['selected', 'cursor', 'frame', 'frame-observe', 'frame-prepare'];

/** Tokens that mean a state, a risk or a side of a change: those that stand beside each other must not look alike. */
const TOLD_APART: readonly (readonly Token[])[] = [
  ['good', 'info', 'warn', 'bad', 'muted'],
  ['risk-low', 'risk-medium', 'risk-high', 'risk-critical'],
  ['added', 'removed', 'muted'],
];
/** Least distance in OKLab that is told apart at a glance, in letters of a terminal's size. */
export const TOLD_FROM = 0.1;

/** The contrast of every text on every background it stands on. */
export function contrasts({ styles, background }: ThemeLook): readonly {
  readonly token: Token;
  readonly on: string;
  readonly ratio: number;
}[] {
  const grounds = [
    ...(USUAL[background] ?? [background]),
    ...(styles.selected.bg ? [styles.selected.bg] : []),
  ];
  return TOKENS.filter(token => !NO_TEXT.includes(token)).flatMap(token => {
    const { fg, bg } = styles[token];
    if (!fg) return [];
    return (bg ? [bg] : grounds).map(on => ({ token, on, ratio: contrast(fg, on) }));
  });
}

/** Pairs that should be told apart, as seen with the eyes this theme says it is for (and with all cones). */
export function distances({ styles, safeFor }: ThemeLook): readonly {
  readonly pair: readonly [Token, Token];
  readonly vision: string;
  readonly distance: number;
}[] {
  // A filled token is seen by its background.
  const colour = (token: Token): string | undefined => styles[token].bg ?? styles[token].fg;
  return [undefined, ...safeFor].flatMap(vision =>
    TOLD_APART.flatMap(tokens =>
      tokens.flatMap((a, i) =>
        tokens.slice(i + 1).flatMap(b => {
          const [x, y] = [colour(a), colour(b)];
          if (!x || !y) return [];
          return [{ pair: [a, b] as const, vision: vision ?? 'any eyes', distance: apart(x, y, vision) }];
        }),
      ),
    ),
  );
}

/** What may be hard to see. Nothing that keeps a theme from being used. */
export function doubts(look: ThemeLook): readonly Finding[] {
  const dim = contrasts(look)
    .filter(({ token, ratio }) => ratio < leastOf(token))
    .map(({ token, on, ratio }) => ({
      path: [token],
      reason: `${ratio.toFixed(1)}:1 on ${on} is hard to read`,
      hint: `${leastOf(token)}:1 is the least`,
    }));
  const alike = distances(look)
    .filter(({ vision, distance }) => distance < TOLD_FROM && vision !== 'any eyes')
    .map(({ pair: [a, b], vision, distance }) => ({
      path: [a],
      reason: `looks like ${b} with ${vision} (${distance.toFixed(2)} apart)`,
      hint: `${TOLD_FROM} is the least`,
    }));
  return [...dim, ...alike];
}

function leastOf(token: Token): number {
  return token === 'faint' || token === 'frame-focus' ? FINDABLE : READABLE;
}
