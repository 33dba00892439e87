/**
 * How many columns a character takes, as tmux and the console count: emoji take two, what joins to the character
 * before it takes none. (The terminal emulator's own table is that of Unicode 6.)
 */
import type { IUnicodeVersionProvider } from '@xterm/headless';
import stringWidth from 'string-width';

const ZWJ = 0x200d;
const VS16 = 0xfe0f;

// What the emulator keeps of the character before, packed as its unicode service packs it:
// bit 0: joins the cell before; bits 1–2: width; the rest: ours.
const KIND = 3;
const PLAIN = 0;
/** The last one was a zero-width joiner: the next character belongs to the same cell. */
const JOINING = 1;
/** A character that an emoji selector or modifier can follow. */
const EMOJI = 2;
/** Half a flag. */
const FLAG = 3;

function pack(kind: number, width: number, joins: boolean): number {
  return (kind << KIND) | (width << 1) | (joins ? 1 : 0);
}

const widths = new Map<number, 0 | 1 | 2>();

/** Columns of a single code point. */
function codePointWidth(code: number): 0 | 1 | 2 {
  if (code < 0x300) return code === 0xad ? 0 : 1;
  // A flag is two of these, one column each.
  if (isFlagHalf(code)) return 1;
  const known = widths.get(code);
  if (known !== undefined) return known;
  const measured = stringWidth(String.fromCodePoint(code));
  const width = measured <= 0 ? 0 : measured === 1 ? 1 : 2;
  widths.set(code, width);
  return width;
}

export const columns: IUnicodeVersionProvider = {
  version: 'hms',
  wcwidth: codePointWidth,
  charProperties(code, preceding) {
    const before = (preceding >> 1) & 3;
    const kind = preceding >> KIND;
    const width = codePointWidth(code);
    if (before > 0) {
      if (code === ZWJ) return pack(JOINING, before, true);
      if (kind === JOINING) return pack(EMOJI, Math.max(before, width), true);
      if (code === VS16) return pack(EMOJI, kind === EMOJI ? 2 : before, true);
      if (kind === EMOJI && /\p{Emoji_Modifier}/u.test(String.fromCodePoint(code)))
        return pack(EMOJI, 2, true);
      if (width === 0) return pack(kind, before, true);
      if (kind === FLAG && isFlagHalf(code)) return pack(PLAIN, 2, true);
    }
    if (isFlagHalf(code)) return pack(FLAG, width, false);
    return pack(
      code > 0xa8 && /\p{Extended_Pictographic}/u.test(String.fromCodePoint(code)) ? EMOJI : PLAIN,
      width,
      false,
    );
  },
};

function isFlagHalf(code: number): boolean {
  return code >= 0x1f1e6 && code <= 0x1f1ff;
}
