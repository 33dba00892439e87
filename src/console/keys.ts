/**
 * From terminal bytes to keys. Pure: what is not complete yet is carried in the decoder. Sequences after ECMA-48
 * and xterm's ctlseqs; bracketed paste is DECSET 2004.
 */

/**
 * One key as the keymap names it (`a`, `G`, `enter`, `esc`, `shift-tab`, `ctrl-d`, `f1`), or a paste. A key in a
 * `burst` came with others in one read, as pastes do and fingers don't.
 */
export type Input =
  | { readonly type: 'key'; readonly key: string; readonly text: string; readonly burst: boolean }
  | { readonly type: 'paste'; readonly text: string; readonly bracketed: boolean };

/** A key as if it was pressed on its own. */
export function keyInput(key: string): Extract<Input, { type: 'key' }> {
  return { type: 'key', key, text: [...key].length === 1 ? key : '', burst: false };
}

/** The left button went down, or the wheel turned one notch. Columns and rows count from 0. */
export interface Pointed {
  readonly type: 'mouse';
  readonly gesture: 'click' | 'wheel-up' | 'wheel-down';
  readonly x: number;
  readonly y: number;
}

export interface Decoder {
  /** An escape sequence that is not complete. */
  readonly pending: string;
  /** What came since the start of a bracketed paste, or null outside one. */
  readonly pasting: string | null;
  /** The beginning of a sequence that was given up: the rest of a mouse report that comes late is still no keys. */
  readonly late: string;
}

export const NEW_DECODER: Decoder = { pending: '', pasting: null, late: '' };

export const PASTE_START = '\x1b[200~';
export const PASTE_END = '\x1b[201~';

/** Characters of a paste that are kept. */
const MAX_PASTE = 65_536;

/** More printable keys than this in one read are a paste, brackets or not. */
const MAX_BURST = 8;

const CSI_LETTER: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  Z: 'shift-tab',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};
const CSI_NUMBER: Readonly<Record<string, string>> = {
  '1': 'home',
  '2': 'insert',
  '3': 'delete',
  '4': 'end',
  '5': 'pageup',
  '6': 'pagedown',
  '7': 'home',
  '8': 'end',
  '11': 'f1',
  '12': 'f2',
  '13': 'f3',
  '14': 'f4',
  '15': 'f5',
  '17': 'f6',
  '18': 'f7',
  '19': 'f8',
  '20': 'f9',
  '21': 'f10',
  '23': 'f11',
  '24': 'f12',
};
const CONTROL: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'ctrl-j',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x00': 'ctrl-space',
  '\x1c': 'ctrl-\\',
  '\x1d': 'ctrl-]',
  '\x1e': 'ctrl-^',
  '\x1f': 'ctrl-_',
};

/** Names of keys that come as sequences, so that Ctrl, Alt and Shift can be told with them. */
export const NAMED_KEYS: ReadonlySet<string> = new Set(
  [...Object.values(CSI_LETTER), ...Object.values(CSI_NUMBER)].filter(name => name !== 'shift-tab'),
);
/** Names of keys that come as one character. */
export const PLAIN_NAMES: ReadonlySet<string> = new Set(['enter', 'esc', 'tab', 'backspace', 'space']);

const CSI = /^\x1b\[([0-?]*)([ -/]*)([@-~])/;
/** OSC, DCS and their like: strings a terminal sends, ended by BEL or ST. */
const STRING = /^\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)/;
const STRING_PART = /^\x1b[\]PX^_][^\x07\x1b]*\x1b?$/;
const CSI_PART = /^\x1b\[[0-?]*[ -/]*$/;
/** A mouse report of the kind that is asked for: DECSET 1006. */
const MOUSE = /^<(\d{1,3});(\d{1,5});(\d{1,5})$/;
const MOUSE_BEGUN = /^\x1b\[<\d/;
/** One of the old kind, from terminals that know no other: three characters after the M that are no keys. */
const OLD_MOUSE = /^\x1b\[M[\s\S]{3}/;
const OLD_MOUSE_PART = /^\x1b\[M[\s\S]{0,2}$/;

interface Token {
  readonly key: string;
  readonly text: string;
  readonly length: number;
  readonly mouse?: Pointed | undefined;
  /** A report of the window's focus (DECSET 1004): never a key. */
  readonly focused?: boolean;
}

interface Decoded {
  readonly decoder: Decoder;
  readonly inputs: readonly Input[];
  /** What the mouse did. Apart from the keys: a report is never one, and makes no burst of one beside it. */
  readonly pointed: readonly Pointed[];
  /** The window has got the focus, or lost it. */
  readonly focused?: boolean | undefined;
}

/** The keys in `chunk`, after what was pending. A lone ESC at the end stays pending: see `flush`. */
export function decode(decoder: Decoder, chunk: string): Decoded {
  const late = decoder.late !== '' && MOUSE_BEGUN.test(decoder.late + chunk);
  let rest = late ? decoder.late + chunk : decoder.pending + chunk;
  let pasting = decoder.pasting;
  const tokens: (Token | { readonly paste: string })[] = [];
  while (rest !== '') {
    if (pasting !== null) {
      const all: string = pasting + rest;
      const end = all.indexOf(PASTE_END);
      if (end < 0)
        return done(
          tokens,
          '',
          all.length > MAX_PASTE * 2 ? all.slice(0, MAX_PASTE) + all.slice(-PASTE_END.length) : all,
        );
      tokens.push({ paste: all.slice(0, end).slice(0, MAX_PASTE) });
      rest = all.slice(end + PASTE_END.length);
      pasting = null;
      continue;
    }
    if (rest.startsWith(PASTE_START)) {
      rest = rest.slice(PASTE_START.length);
      pasting = '';
      continue;
    }
    const token = next(rest);
    if (token === undefined) return done(tokens, rest, null);
    rest = rest.slice(token.length);
    if (token.key !== '' || token.mouse || token.focused !== undefined) tokens.push(token);
  }
  return done(tokens, '', pasting);
}

/** How long to wait for the rest of what is pending, ms: fingers begin no longer sequence, slow lines cut them. */
export function patience({ pending }: Decoder): number {
  return pending.length > 2 ? 1000 : 25;
}

/** Nothing followed an ESC for a while: it was the Escape key. */
export function flush(decoder: Decoder): { readonly decoder: Decoder; readonly inputs: readonly Input[] } {
  if (decoder.pending === '') return { decoder, inputs: [] };
  const inputs: readonly Input[] =
    decoder.pending === '\x1b' ? [{ type: 'key', key: 'esc', text: '', burst: false }] : [];
  return { decoder: { ...decoder, pending: '', late: decoder.pending }, inputs };
}

function done(
  found: readonly (Token | { readonly paste: string })[],
  pending: string,
  pasting: string | null,
): Decoded {
  const decoder = { pending, pasting, late: '' };
  const pointed = found.flatMap(t => ('mouse' in t && t.mouse ? [t.mouse] : []));
  const focused = found.flatMap(t => ('focused' in t && t.focused !== undefined ? [t.focused] : [])).at(-1);
  const tokens = found.filter(t => 'paste' in t || t.key !== '');
  const printable = tokens.filter(t => 'key' in t && t.text !== '').length;
  if (printable > MAX_BURST) {
    const text = tokens
      .map(t => ('paste' in t ? t.paste : t.key === 'enter' || t.key === 'ctrl-j' ? '\n' : t.text))
      .join('');
    return { decoder, inputs: [{ type: 'paste', text, bracketed: false }], pointed, focused };
  }
  const burst = tokens.length > 1;
  const inputs = tokens.map(
    (t): Input =>
      'paste' in t
        ? { type: 'paste', text: t.paste, bracketed: true }
        : { type: 'key', key: t.key, text: t.text, burst },
  );
  return { decoder, inputs, pointed, focused };
}

function next(rest: string): Token | undefined {
  const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  if (char !== '\x1b') return { ...plain(char), length: char.length };
  if (rest === '\x1b' || rest === '\x1bO') return undefined;
  if (CSI_PART.test(rest) || STRING_PART.test(rest) || OLD_MOUSE_PART.test(rest)) return undefined;
  if (OLD_MOUSE.test(rest)) return { key: '', text: '', length: 6 };
  const string = STRING.exec(rest);
  if (string) return { key: '', text: '', length: string[0].length };
  const csi = CSI.exec(rest);
  if (csi) {
    const [{ length }, parameters = '', , final = ''] = csi;
    const report = MOUSE.exec(parameters);
    if (report) return { key: '', text: '', length, mouse: final === 'M' ? pointedBy(report) : undefined };
    if (parameters === '' && (final === 'I' || final === 'O'))
      return { key: '', text: '', length, focused: final === 'I' };
    return { key: csiKey(parameters, final), text: '', length };
  }
  // A broken sequence is swallowed up to the byte that broke it.
  if (rest[1] === '[') return { key: '', text: '', length: 2 };
  if (rest[1] === 'O') return { key: CSI_LETTER[rest[2] ?? ''] ?? '', text: '', length: 3 };
  if (rest[1] === '\x1b') return { key: 'esc', text: '', length: 1 };
  const second = String.fromCodePoint(rest.codePointAt(1) ?? 0);
  return { key: `alt-${plain(second).key}`, text: '', length: 1 + second.length };
}

/** Other buttons, the wheel sideways, and moves mean nothing here. With Shift held the terminal keeps it to itself. */
function pointedBy([, button, column, row]: RegExpExecArray): Pointed | undefined {
  const gesture = ({ 0: 'click', 64: 'wheel-up', 65: 'wheel-down' } as const)[Number(button) & ~0b11000];
  const [x, y] = [Number(column) - 1, Number(row) - 1];
  return gesture && x >= 0 && y >= 0 ? { type: 'mouse', gesture, x, y } : undefined;
}

function plain(char: string): { readonly key: string; readonly text: string } {
  const named = CONTROL[char];
  if (named) return { key: named, text: '' };
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return { key: `ctrl-${String.fromCharCode(code + 0x60)}`, text: '' };
  if (code >= 0x80 && code < 0xa0) return { key: '', text: '' };
  return { key: char === ' ' ? 'space' : char, text: char };
}

function csiKey(parameters: string, final: string): string {
  const [first = '', modifier = '1'] = parameters.split(';');
  // With other numbers than a key's, a letter is a report of the terminal: `CSI 12;40R` says where the cursor is.
  const letter = first === '' || first === '1' ? CSI_LETTER[final] : undefined;
  const key = final === '~' ? CSI_NUMBER[first] : letter;
  if (key === undefined) return '';
  const bits = Number.parseInt(modifier, 10) - 1;
  if (!(bits > 0)) return key;
  return `${bits & 4 ? 'ctrl-' : ''}${bits & 2 ? 'alt-' : ''}${bits & 1 ? 'shift-' : ''}${key}`;
}
