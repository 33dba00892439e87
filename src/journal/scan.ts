/**
 * Is a stored text RFC 8785 canonical JSON of an event's envelope? Told in one pass without building anything,
 * because `verify` asks it of every event: parsing and writing again would cost four times as much. A property
 * test holds it equal to canonicalize(JSON.parse(text)) === text.
 */
import { MAX_DEPTH } from './canonical.ts';

/** What verify needs of an event. */
export interface Scanned {
  readonly seq: number;
  readonly time: number;
  readonly kind: string;
  readonly prev: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const E = 0x65;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** The fields of the envelope in canonical order: what stands before their value, and what it begins with (0: a digit). */
const ENVELOPE = [
  { name: 'actor', before: '{"actor":', first: OPEN },
  { name: 'data', before: ',"data":', first: OPEN },
  { name: 'kind', before: ',"kind":', first: QUOTE },
  { name: 'prev', before: ',"prev":', first: QUOTE },
  { name: 'seq', before: ',"seq":', first: 0 },
  { name: 'subject', before: ',"subject":', first: QUOTE },
  { name: 'time', before: ',"time":', first: 0 },
] as const;

// Canonical JSON escapes what it must and nothing else, in the shortest form (RFC 8785 §3.2.2.2).
const ESCAPE = /\\(?:["\\bfnrt]|u00(?:0[0-7be-f]|1[0-9a-f]))/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?/y;
/** What makes a text worth a look at every character: an escape, or a character that should have been one. */
const SPECIAL = /[\\\u0000-\u001f]/;
/** Digits of which a number may have any and be exact, its canonical form being just its digits. */
const EXACT = 15;

/** A key with its quotes, by place. */
interface Key {
  readonly from: number;
  readonly to: number;
  readonly escaped: boolean;
}

const NO_KEY: Key = { from: 0, to: 0, escaped: false };

class Scanner {
  readonly text: string;
  at = 0;
  /** Why not; empty while all is well. */
  fault = '';
  /** The string scanned last had an escape in it. */
  escaped = false;

  /** No string in the text can have an escape: the next quote is the end of the string. */
  readonly plain: boolean;

  constructor(text: string) {
    this.text = text;
    this.plain = !SPECIAL.test(text);
  }

  fail(what: string): false {
    if (this.fault === '') this.fault = `${what} at character ${this.at}`;
    return false;
  }

  take(code: number, what: string): boolean {
    if (this.text.charCodeAt(this.at) !== code) return this.fail(what);
    this.at += 1;
    return true;
  }

  /** A string with its quotes. */
  string(): boolean {
    const { text } = this;
    if (!this.take(QUOTE, 'no string')) return false;
    this.escaped = false;
    if (this.plain) {
      const end = text.indexOf('"', this.at);
      if (end < 0) return this.fail('an unfinished string');
      this.at = end + 1;
      return true;
    }
    for (let at = this.at; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.at = at + 1;
        return true;
      }
      if (code === BACKSLASH) {
        this.escaped = true;
        ESCAPE.lastIndex = at;
        if (!ESCAPE.test(text)) {
          this.at = at;
          return this.fail('an escape that is not canonical');
        }
        at = ESCAPE.lastIndex - 1;
      } else if (code < 0x20) {
        this.at = at;
        return this.fail('a control character');
      }
    }
    return this.fail('an unfinished string');
  }

  number(): boolean {
    const { text, at: from } = this;
    const first = text.charCodeAt(from);
    let at = from;
    for (let code = first; code >= ZERO && code <= NINE; code = text.charCodeAt(at)) at += 1;
    const next = text.charCodeAt(at);
    const whole = at > from && at - from <= EXACT && next !== DOT && next !== E;
    if (whole && (first !== ZERO || at - from === 1)) {
      this.at = at;
      return true;
    }
    NUMBER.lastIndex = from;
    if (!NUMBER.test(text)) return this.fail('no value');
    this.at = NUMBER.lastIndex;
    const token = text.slice(from, this.at);
    return String(Number(token)) === token || this.fail('a number that is not canonical');
  }

  word(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return this.fail('no value');
    this.at += word.length;
    return true;
  }

  value(depth: number): boolean {
    const code = this.text.charCodeAt(this.at);
    if (code === QUOTE) return this.string();
    if (code === OPEN) return this.object(depth);
    if (code === OPEN_LIST) return this.list(depth);
    if (code === 0x74) return this.word('true');
    if (code === 0x66) return this.word('false');
    if (code === 0x6e) return this.word('null');
    return this.number();
  }

  list(depth: number): boolean {
    if (depth > MAX_DEPTH) return this.fail('too much nesting');
    this.at += 1;
    if (this.text.charCodeAt(this.at) === CLOSE_LIST) {
      this.at += 1;
      return true;
    }
    while (this.value(depth + 1)) {
      if (this.text.charCodeAt(this.at) !== COMMA) return this.take(CLOSE_LIST, 'an unfinished list');
      this.at += 1;
    }
    return false;
  }

  object(depth: number): boolean {
    if (depth > MAX_DEPTH) return this.fail('too much nesting');
    this.at += 1;
    if (this.text.charCodeAt(this.at) === CLOSE) {
      this.at += 1;
      return true;
    }
    let before = NO_KEY;
    for (;;) {
      const key = this.key();
      if (key === undefined) return false;
      if (before !== NO_KEY && !this.inOrder(before, key)) return this.fail('keys out of order');
      before = key;
      if (!this.value(depth + 1)) return false;
      if (this.text.charCodeAt(this.at) !== COMMA) return this.take(CLOSE, 'an unfinished object');
      this.at += 1;
    }
  }

  /** A key and its colon; where it stands. */
  key(): Key | undefined {
    const from = this.at;
    if (!this.string()) return undefined;
    const key = { from, to: this.at, escaped: this.escaped };
    return this.take(COLON, 'no colon') ? key : undefined;
  }

  /** RFC 8785 §3.2.3: keys ascend by UTF-16 code units, as they read once unescaped. */
  inOrder(a: Key, b: Key): boolean {
    const { text } = this;
    if (a.escaped || b.escaped) return this.unescaped(a) < this.unescaped(b);
    // Most differ in their first few characters: cheaper than cutting both out.
    const length = Math.min(a.to - a.from, b.to - b.from) - 2;
    for (let i = 1; i <= length; i++) {
      const difference = text.charCodeAt(a.from + i) - text.charCodeAt(b.from + i);
      if (difference !== 0) return difference < 0;
    }
    return a.to - a.from < b.to - b.from;
  }

  unescaped({ from, to }: Key): string {
    return String(JSON.parse(this.text.slice(from, to)));
  }
}

/**
 * What verify needs of the stored text of one event (read from UTF-8, so well formed), or, as a string, why it is not the canonical JSON of an
 * event. Looks at form only: whether the data fits its kind is `EventEnvelope`'s business.
 */
export function scan(text: string): Scanned | string {
  const s = new Scanner(text);
  let kind = '';
  let prev = '';
  let seq = -1;
  let time = -1;
  for (const { name, before, first } of ENVELOPE) {
    if (!text.startsWith(before, s.at)) return `no ${name} where it belongs, at character ${s.at}`;
    s.at += before.length;
    const from = s.at;
    if (first !== 0 && text.charCodeAt(from) !== first)
      return `${name} is not of its type, at character ${from}`;
    if (!s.value(1)) return s.fault;
    switch (name) {
      case 'kind':
        kind = text.slice(from + 1, s.at - 1);
        break;
      case 'prev':
        prev = text.slice(from + 1, s.at - 1);
        break;
      case 'seq':
        seq = Number(text.slice(from, s.at));
        break;
      case 'time':
        time = Number(text.slice(from, s.at));
        break;
    }
  }
  if (!s.take(CLOSE, 'more fields than an event has')) return s.fault;
  if (s.at !== text.length) return 'more than one value';
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(time)) return 'seq and time are not whole numbers';
  return { seq, time, kind, prev };
}
