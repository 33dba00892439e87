/**
 * Secrets are painted over before anything is written: tokens of well-known forms, values of named variables, and what
 * the fleet file calls a secret. Colours inside a secret do not hide it. What is painted over keeps its width, so that
 * screens keep their shape.
 *
 * Not found: a secret that a program wraps over two lines by itself, one that is typed slower than HOLD_MS a key, and
 * forms nobody has told us of.
 */

import type { RecordingSettings } from '../protocol/messages.ts';

/** How long the end of the output may be held back because a secret could go on in what comes next, ms. */
export const HOLD_MS = 100;
/** How much of it, bytes: no known token is longer, but for keys in PEM. */
const WINDOW = 4096;
const PEM_WINDOW = 16_384;

const PEM = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*-----|$)/;

/** Forms that hardly anything else has. Sources: the providers' own documentation of their prefixes. */
const KNOWN: readonly RegExp[] = [
  PEM,
  // GitHub, GitLab, npm, PyPI, Hugging Face, Docker Hub
  /\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{40,255}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}|hf_[A-Za-z0-9]{30,}|dckr_pat_[\w-]{20,})/,
  // Anthropic, OpenAI, Google, Groq
  /\b(?:sk-[A-Za-z0-9_-]{20,}|AIza[\w-]{35}|gsk_[A-Za-z0-9]{40,})/,
  // AWS key ids, and secret keys where they are named
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  new RegExp(
    String.raw`(?<=${anyCase('aws_secret_access_key')}["']?\s{0,3}[:=]\s{0,3}["']?)[A-Za-z0-9/+]{40}`,
  ),
  // Slack, Stripe
  /\b(?:xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{20,}|[rs]k_live_[A-Za-z0-9]{20,})/,
  // JSON web tokens
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  // The tokens agents of hms-tui carry
  /\b[a-z][a-z0-9-]*\.\d{1,9}\.[\w-]{43}(?![\w-])/,
  // user:password@ in an address, and bearer tokens in a header
  /(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,64}:)[^\s/@]{3,}(?=@)/,
  new RegExp(
    String.raw`(?<=\b${anyCase('authorization: ')}(?:${['bearer', 'basic', 'token'].map(anyCase).join('|')}) )[\w.~+/=-]{8,}`,
  ),
];

/**
 * One of these stands in every one of the above: most output is let through after one quick look. It looks for
 * characters that are rare, and only from there back and on: three times as fast as the words themselves.
 */
const HINT = new RegExp(
  `[-_.:@AJN](?:${[
    '(?<=gh[pousr]_|github_pat_|npm_|hf_|dckr_|[rs]k[-_]|glpat-|pypi-|xox[a-s]-|xapp-|eyJ|-----BEGIN)',
    '(?<=A)(?:Iza|[KS]IA)',
    '(?<=aws_)secret|(?<=AWS_)SECRET',
    '(?<=uthorization:|AUTHORIZATION:) ',
    String.raw`(?<=:\/\/[^\s/:@]*:[^\s/@]*@)`,
    String.raw`(?<=\.\d{1,9}\.)[\w-]{43}`,
  ].join('|')})`,
);

/** Escape sequences (ECMA-48): CSI, OSC and other strings, and the short ones. */
export const ESCAPES =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[PX^_][^\u001b]*\u001b\\|[ -/]*[0-~])/g;

/** A line that may go on with a secret, and how much of it is looked at, bytes. */
const NAMED = /authorization:|aws_secret_access_key/i;
const NAMED_WINDOW = 512;

/** Values shorter than this would paint over ordinary words and are passed over. */
const SHORTEST = 6;

export class Redactor {
  readonly #known: RegExp | undefined;
  /** Named values and the fleet file's own. */
  readonly #given: RegExp | undefined;
  readonly #values: readonly Buffer[];
  readonly #hasKnown: boolean;
  /** How many places have been painted over. */
  count = 0;

  constructor({ known, patterns, values }: RecordingSettings['secrets']) {
    const long = [...new Set(values)]
      .filter(value => value.length >= SHORTEST)
      .sort((a, b) => b.length - a.length);
    this.#known = known ? anyOf(KNOWN.map(({ source }) => source)) : undefined;
    this.#given = anyOf([...long.map(literally), ...patterns]);
    this.#values = long.map(value => Buffer.from(value));
    this.#hasKnown = known;
  }

  /** How many of these bytes may be let go now: what is behind them could be the beginning of a secret. */
  safe(bytes: Buffer): number {
    if (!this.#known && !this.#given) return bytes.length;
    let safe = lastBreak(bytes);
    if (this.#hasKnown) {
      safe = Math.min(safe, namedOnLastLine(bytes));
      const from = Math.max(0, bytes.length - PEM_WINDOW);
      const end = bytes.subarray(from);
      const begin = end.lastIndexOf('-----BEGIN');
      if (begin >= 0 && end.indexOf('-----END', begin) < 0) safe = Math.min(safe, from + begin);
    }
    for (const value of this.#values) safe = Math.min(safe, bytes.length - overlap(bytes, value));
    return this.#outside(bytes, safe);
  }

  /** The cut itself must not go through a value with spaces in it. */
  #outside(bytes: Buffer, cut: number): number {
    for (const value of this.#values) {
      const from = Math.max(0, cut - value.length + 1);
      const at = bytes.subarray(from, cut + value.length - 1).lastIndexOf(value);
      if (at >= 0) return this.#outside(bytes, from + at);
    }
    return cut;
  }

  /** The text with every secret in it painted over. */
  clean(text: string): string {
    const plain = text.includes('\u001b') ? text.replace(ESCAPES, '') : text;
    const patterns = [this.#known && HINT.test(plain) ? this.#known : undefined, this.#given];
    const places = patterns.flatMap(pattern => (pattern ? [...plain.matchAll(pattern)] : []));
    const secrets = places
      .filter(match => match[0] !== '')
      .map(m => [m.index, m.index + m[0].length] as const);
    if (secrets.length === 0) return text;
    this.count += secrets.length;
    return paint(text, secrets);
  }
}

/** Paints over ranges of the text as it is without its escape sequences, in the text with them. */
function paint(text: string, secrets: readonly (readonly [from: number, to: number])[]): string {
  const hidden = (at: number): boolean => secrets.some(([from, to]) => at >= from && at < to);
  let out = '';
  let from = 0;
  let seen = 0;
  const take = (piece: string): void => {
    for (const char of piece) {
      // Line breaks stay, everything else becomes a star.
      out += hidden(seen) && char !== '\r' && char !== '\n' ? '*' : char;
      seen += char.length;
    }
  };
  for (const sequence of text.matchAll(ESCAPES)) {
    take(text.slice(from, sequence.index));
    out += sequence[0];
    from = sequence.index + sequence[0].length;
  }
  take(text.slice(from));
  return out;
}

function anyOf(sources: readonly string[]): RegExp | undefined {
  return sources.length > 0 ? new RegExp(sources.map(s => `(?:${s})`).join('|'), 'gu') : undefined;
}

/** A word in capitals, small letters or both. Not by `(?i:…)`, with which V8 13.6 passes over some that are there. */
function anyCase(word: string): string {
  return word.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Behind the last space or line break of the last WINDOW bytes: no token of a known form holds one. */
function lastBreak(bytes: Buffer): number {
  const least = Math.max(0, bytes.length - WINDOW);
  for (let at = bytes.length; at > least; at -= 1) {
    const byte = bytes[at - 1];
    if (byte === 0x0a || byte === 0x20 || byte === 0x0d || byte === 0x09) return at;
  }
  return least;
}

/** Where the last line begins if it names a secret that is still to come: a space may stand between the two. */
function namedOnLastLine(bytes: Buffer): number {
  const from = Math.max(bytes.lastIndexOf(10) + 1, bytes.length - NAMED_WINDOW);
  return NAMED.test(bytes.toString('latin1', from)) ? from : bytes.length;
}

/** Length of the longest end of `bytes` that `value` begins with, but not all of it. */
function overlap(bytes: Buffer, value: Buffer): number {
  for (let n = Math.min(value.length - 1, bytes.length); n > 0; n -= 1) {
    if (bytes[bytes.length - n] === value[0] && bytes.subarray(bytes.length - n).equals(value.subarray(0, n)))
      return n;
  }
  return 0;
}
