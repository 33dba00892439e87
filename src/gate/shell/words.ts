/**
 * Words: quoting and expansions (POSIX.1-2024 XCU 2.2, 2.6; Bash manual 3.1.2, 3.5). What a shell might read in
 * more than one way is an error here, never a guess.
 */
import { readAnsiC } from './ansi-c.ts';
import type { Source } from './source.ts';
import type { Piece, Script, Word } from './syntax.ts';

/** Reads a list up to `close` (consumed); the grammar, given from above so that words need not know it. */
export interface ListReader {
  until(source: Source, close: ')'): Script;
  whole(source: Source): Script;
}

/** bare: unquoted text. quoted: in double quotes. body: a here-document. braces: in `${…}`. */
type Mode = 'bare' | 'quoted' | 'body' | 'braces';

const BREAKS = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')', '']);
const SPECIAL = /^[@*#?$!-]/;

class Pieces {
  readonly list: Piece[] = [];

  text(text: string, quoted: boolean): void {
    const last = this.list.at(-1);
    if (last?.is === 'text' && last.quoted === quoted)
      this.list[this.list.length - 1] = { ...last, text: last.text + text };
    else this.list.push({ is: 'text', text, quoted });
  }

  add(...pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      if (piece.is === 'text') this.text(piece.text, piece.quoted);
      else this.list.push(piece);
    }
  }
}

/** Reads one word from where a token may begin; undefined when none does, as before a comment. */
export function readWord(source: Source, lists: ListReader): Word | undefined {
  const pieces = new Pieces();
  let found = false;
  if (source.peek() === '#') return undefined;
  for (;;) {
    const char = source.peek();
    if ((char === '<' || char === '>') && source.ahead(`${char}(`)) {
      source.take(`${char}(`);
      pieces.add({ is: 'pipe', script: source.nested(() => lists.until(source, ')')), quoted: false });
    } else if (BREAKS.has(char)) {
      return found ? pieces.list : undefined;
    } else {
      pieces.add(...readPiece(source, lists, 'bare', false));
    }
    found = true;
  }
}

/** Reads a here-document's body: the whole text, with expansions unless its delimiter was quoted. */
export function readBody(source: Source, lists: ListReader): Word {
  const pieces = new Pieces();
  while (source.peek() !== '') pieces.add(...readPiece(source, lists, 'body', true));
  return pieces.list;
}

/** Reads up to a character that ends this mode; the character is consumed. */
function readUntil(
  source: Source,
  lists: ListReader,
  mode: Mode,
  close: string,
  quoted: boolean,
): readonly Piece[] {
  const pieces = new Pieces();
  while (source.peek() !== close) {
    if (source.peek() === '') source.fail(`${close} is missing`);
    pieces.add(...readPiece(source, lists, mode, quoted));
  }
  source.raw();
  return pieces.list;
}

function readPiece(source: Source, lists: ListReader, mode: Mode, quoted: boolean): readonly Piece[] {
  const char = source.next();
  switch (char) {
    case '\\':
      return [{ is: 'text', text: readBackslash(source, mode, quoted), quoted: true }];
    case "'":
      if (mode === 'quoted' || mode === 'body') return [{ is: 'text', text: char, quoted: true }];
      // Shells differ on single quotes in "${x…}".
      if (quoted) source.fail('a single quote in a quoted expansion');
      return [{ is: 'text', text: readSingle(source), quoted: true }];
    case '"':
      if (mode === 'body') return [{ is: 'text', text: char, quoted: true }];
      return readDouble(source, lists);
    case '$':
      return readDollar(source, lists, mode, quoted);
    case '`':
      return [{ is: 'output', script: readBackquotes(source, lists, mode), quoted }];
    case '{':
    case '<':
    case '>':
      if (mode === 'braces') source.fail(`${char} in an expansion`);
      return [{ is: 'text', text: char, quoted }];
    default:
      return [{ is: 'text', text: char, quoted }];
  }
}

function readSingle(source: Source): string {
  const end = source.text.indexOf("'", source.pos);
  if (end < 0) source.fail("' is missing");
  const text = source.text.slice(source.pos, end);
  source.pos = end + 1;
  return text;
}

function readDouble(source: Source, lists: ListReader): readonly Piece[] {
  const pieces = source.nested(() => readUntil(source, lists, 'quoted', '"', true));
  // "" is an empty word, not no word.
  return pieces.length > 0 ? pieces : [{ is: 'text', text: '', quoted: true }];
}

function readBackslash(source: Source, mode: Mode, quoted: boolean): string {
  const char = source.raw();
  const special = mode === 'body' ? '$`\\' : '$`"\\';
  const kept = mode === 'body' || mode === 'quoted' || quoted;
  if (mode === 'braces' && quoted && char === '}') return char;
  return !kept || special.includes(char) ? char : `\\${char}`;
}

function readDollar(source: Source, lists: ListReader, mode: Mode, quoted: boolean): readonly Piece[] {
  const outside = !quoted && (mode === 'bare' || mode === 'braces');
  if (outside && source.take("'")) return [{ is: 'text', text: readAnsiC(source), quoted: true }];
  if (outside && source.take('"')) return readDouble(source, lists);
  if (source.ahead('((')) {
    const scripts = source.attempt(() => readSum(source, lists));
    if (scripts) return [{ is: 'number', scripts, quoted }];
  }
  if (source.take('('))
    return [{ is: 'output', script: source.nested(() => lists.until(source, ')')), quoted }];
  if (source.take('{')) return [source.nested(() => readBraces(source, lists, quoted))];
  if (source.ahead('[')) source.fail('$[…] is no longer part of the language');
  const name = readName(source);
  // zsh: $~x, $=x, $^x, $+x.
  if (name === '' && /^[~^=+]+[A-Za-z_{(]/.test(source.text.slice(source.pos, source.pos + 8))) {
    source.fail('an expansion only zsh knows');
  }
  if (name === '') return [{ is: 'text', text: '$', quoted }];
  return [{ is: 'variable', name, plain: true, quoted, scripts: [] }];
}

/** A name, one digit or one special parameter; '' when none comes next. */
function readName(source: Source): string {
  let name = '';
  if (/[A-Za-z_]/.test(source.peek())) while (/[A-Za-z0-9_]/.test(source.peek())) name += source.next();
  if (name === '' && /[0-9]/.test(source.peek())) return source.next();
  if (name === '' && SPECIAL.test(source.peek())) return source.next();
  return name;
}

function readBraces(source: Source, lists: ListReader, quoted: boolean): Piece {
  const scripts: Script[] = [];
  let plain = true;
  if (source.take('!') || (source.ahead('#') && !source.ahead('#}') && source.take('#'))) plain = false;
  let name = readName(source);
  while (/^[0-9]+$/.test(name) && /[0-9]/.test(source.peek())) name += source.next();
  if (name === '') source.fail('an expansion without a name');
  if (source.take('[')) {
    plain = false;
    scripts.push(...scriptsOf(readUntil(source, lists, 'braces', ']', quoted)));
  }
  if (source.take('}')) return { is: 'variable', name, plain, quoted, scripts };
  // ${x@P} runs what it expands; ${ cmd;} and ${|cmd;} run it outright.
  if (!':-+?=#%/^,'.includes(source.peek())) source.fail('an expansion with an operator we do not read');
  scripts.push(...scriptsOf(readUntil(source, lists, 'braces', '}', quoted)));
  return { is: 'variable', name, plain: false, quoted, scripts };
}

function readBackquotes(source: Source, lists: ListReader, mode: Mode): Script {
  let text = '';
  for (;;) {
    const char = source.raw();
    if (char === '`') break;
    if (char !== '\\') {
      text += char;
      continue;
    }
    const next = source.raw();
    text += '$`\\'.includes(next) || (next === '"' && mode === 'quoted') ? next : `\\${next}`;
  }
  if (source.awaited > 0 && text.includes('\n'))
    source.fail('a line end in backquotes before a here-document');
  return source.nested(() => lists.whole(source.inner(text)));
}

/** `((…))`, as a command or after a `$`: the scripts in it. Fails on what is no arithmetic, such as a group in a group. */
export function readSum(source: Source, lists: ListReader): readonly Script[] {
  source.expect('((');
  return source.nested(() => readArithmetic(source, lists));
}

/** The scripts in an arithmetic expression, read up to its `))`. Fails on what is none. */
export function readArithmetic(source: Source, lists: ListReader): readonly Script[] {
  const scripts: Script[] = [];
  // The last characters before this one, without blanks.
  let before = '';
  let blank = false;
  for (let open = 0; ; ) {
    const char = source.peek();
    // `$((rm -rf x))` and `$((rm -rf /))` are no sums, and some shell may run them.
    if (blank && /[\w$`#]/.test(char) && /[\w$`#)\]]$/.test(before)) source.fail('two operands side by side');
    if (char === ')' && !/(?:[\w$`#)\]]|\+\+|--)$/.test(before)) source.fail('an operand is missing');
    if (char === '(') open++;
    if (char === ')' && open-- === 0) {
      source.expect('))');
      return scripts;
    }
    if (!/[\w\s+\-*/%<>=!&|^~?:,()[\]$#`]/.test(char)) source.fail('not an arithmetic expression');
    blank = /\s/.test(char);
    if (!blank) before = (before + char).slice(-2);
    if (char === '$' || char === '`') scripts.push(...scriptsOf(readPiece(source, lists, 'quoted', true)));
    else source.next();
  }
}

/** Every list that runs while a word is expanded. */
export function scriptsOf(word: Word): readonly Script[] {
  return word.flatMap(piece => {
    if (piece.is === 'text') return [];
    return piece.is === 'output' || piece.is === 'pipe' ? [piece.script] : piece.scripts;
  });
}
