import type { Source } from './source.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  E: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** Reads the rest of `$'…'` (Bash manual, ANSI-C Quoting); the opening quote is consumed already. */
export function readAnsiC(source: Source): string {
  let text = '';
  for (;;) {
    const char = source.raw();
    if (char === "'") return text;
    text += char === '\\' ? readEscape(source) : char;
  }
}

function readEscape(source: Source): string {
  const char = source.raw();
  const simple = SIMPLE[char];
  if (simple !== undefined) return simple;
  if (/[0-7]/.test(char)) {
    source.pos--;
    return byte(source, digits(source, /[0-7]/, 3), 8);
  }
  if (char === 'x') return byte(source, digits(source, /[0-9a-fA-F]/, 2), 16);
  if (char === 'u' || char === 'U') return point(source, digits(source, /[0-9a-fA-F]/, char === 'u' ? 4 : 8));
  // \cX and whatever a later shell may add: rare enough to be no plain text to us.
  return source.fail(`the escape \\${char} is not one we read`);
}

function digits(source: Source, set: RegExp, most: number): string {
  let found = '';
  while (found.length < most && set.test(source.text[source.pos] ?? '')) found += source.raw();
  if (found === '') source.fail('an escape lacks its digits');
  return found;
}

/** Bytes above 127 make up UTF-8 sequences across escapes; we do not claim to know what they spell. */
function byte(source: Source, text: string, base: number): string {
  const value = Number.parseInt(text, base) & 0xff;
  if (value === 0 || value > 0x7f) source.fail('an escape makes a byte that is not ASCII');
  return String.fromCharCode(value);
}

function point(source: Source, text: string): string {
  const value = Number.parseInt(text, 16);
  if (value === 0 || value > 0x10ffff) source.fail('an escape makes no character');
  return String.fromCodePoint(value);
}
