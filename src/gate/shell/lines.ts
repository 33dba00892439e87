/** What hangs on lines: comments, and here-documents, whose bodies begin at the line end after their redirect. */
import type { Source } from './source.ts';
import { bareOf, literalOf, type Redirect, type Word } from './syntax.ts';
import { type ListReader, readBody, readWord } from './words.ts';

const OPERATORS = ['<<<', '<<-', '<<', '<>', '<&', '<', '>>', '>&', '>|', '>', '&>>', '&>'] as const;
const DESCRIPTOR = /^(?:\d+|\{[A-Za-z_]\w*\})(?=[<>])/;
/** An odd number of backslashes at the end. */
const JOINED = /(?<!\\)(?:\\\\)*\\$/;

interface Awaited {
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly tabs: boolean;
  put(body: Word): void;
}

export class Lines {
  readonly #source: Source;
  readonly #lists: ListReader;
  readonly #awaited: Awaited[] = [];

  constructor(source: Source, lists: ListReader) {
    this.#source = source;
    this.#lists = lists;
  }

  /** Skips blank lines and comments. */
  skip(): void {
    const source = this.#source;
    for (;;) {
      source.skipBlanks();
      const char = source.peek();
      if (char === '#') this.comment();
      else if (char === '\n') this.newline();
      else return;
    }
  }

  comment(): void {
    const end = this.#source.text.indexOf('\n', this.#source.pos);
    this.#source.pos = end < 0 ? this.#source.text.length : end;
  }

  newline(): void {
    const source = this.#source;
    source.next();
    // Shells differ on whether this line end starts the here-document of a list further out.
    if (source.awaited > this.#awaited.length)
      source.fail('a line end before the body of an outer here-document');
    source.awaited -= this.#awaited.length;
    for (const awaited of this.#awaited.splice(0)) this.#readBody(awaited);
  }

  /** Fails when a here-document was announced and never came. */
  end(): void {
    if (this.#awaited.length > 0) this.#source.fail('a here-document has no body');
  }

  redirect(): Redirect | undefined {
    const source = this.#source;
    const start = source.pos;
    source.peek();
    const [descriptor = ''] = DESCRIPTOR.exec(source.text.slice(source.pos, source.pos + 80)) ?? [];
    source.pos += descriptor.length;
    const isPipe = source.ahead('<(') || source.ahead('>(');
    const op = isPipe ? undefined : OPERATORS.find(candidate => source.take(candidate));
    if (!op) {
      source.pos = start;
      return undefined;
    }
    source.skipBlanks();
    const word = readWord(source, this.#lists) ?? source.fail('a redirect leads nowhere');
    return op === '<<' || op === '<<-' ? this.#announce(word, op === '<<-') : { op, word };
  }

  #announce(word: Word, tabs: boolean): Redirect {
    const delimiter = literalOf(word) ?? this.#source.fail('a here-document needs a plain delimiter');
    const redirect: { op: string; word: Word } = { op: '<<', word: [] };
    this.#source.awaited++;
    this.#awaited.push({
      delimiter,
      quoted: bareOf(word) === undefined,
      tabs,
      put: body => {
        redirect.word = body;
      },
    });
    return redirect;
  }

  #readBody({ delimiter, quoted, tabs, put }: Awaited): void {
    const source = this.#source;
    const lines: string[] = [];
    for (;;) {
      if (source.pos >= source.text.length) source.fail(`the here-document's ${delimiter} is missing`);
      const end = source.text.indexOf('\n', source.pos);
      const raw = source.text.slice(source.pos, end < 0 ? undefined : end);
      source.pos = end < 0 ? source.text.length : end + 1;
      const line = tabs ? raw.replace(/^\t+/, '') : raw;
      if (line === delimiter) break;
      // A joined line could hide the delimiter from one shell and not from another.
      if (!quoted && JOINED.test(line)) source.fail('a here-document joins lines');
      lines.push(`${line}\n`);
    }
    const text = lines.join('');
    put(quoted ? [{ is: 'text', text, quoted: true }] : readBody(source.inner(text), this.#lists));
  }
}
