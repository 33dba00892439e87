import { ShellSyntaxError } from './syntax.ts';

/** How deep substitutions and groups may nest before we no longer claim to understand. */
const MAX_DEPTH = 60;
/** Some texts are read twice, as arithmetic and as commands; nested, that doubles each time. Reads per character. */
const MAX_READS = 12;

/** The text being read. Outside single quotes a backslash before a line end joins lines, wherever it stands. */
export class Source {
  readonly text: string;
  pos = 0;
  /** Here-documents announced and not yet read, in all lists that are open. */
  awaited = 0;
  #depth: number;
  readonly #reads: { left: number };

  /** `within` is the source this text was cut from: they share depth and patience. */
  constructor(text: string, within?: Source) {
    this.text = text;
    this.#depth = within?.depth ?? 0;
    this.#reads = within ? within.#reads : { left: MAX_READS * text.length + 10_000 };
    const nul = text.indexOf('\0');
    if (nul >= 0) throw new ShellSyntaxError('a command cannot hold a NUL', nul);
  }

  get depth(): number {
    return this.#depth;
  }

  /** The next character after joined lines, '' at the end. */
  peek(): string {
    while (this.text[this.pos] === '\\' && this.text[this.pos + 1] === '\n') this.pos += 2;
    return this.text[this.pos] ?? '';
  }

  /** The next character as it stands, consumed. */
  raw(): string {
    const char = this.text[this.pos];
    if (char === undefined) this.fail('it ends too early');
    if (--this.#reads.left < 0) this.fail('it takes too long to read');
    this.pos++;
    return char;
  }

  next(): string {
    this.peek();
    return this.raw();
  }

  /** A text cut from this one, read on its own. */
  inner(text: string): Source {
    return new Source(text, this);
  }

  /** Do these characters come next? Nothing is consumed. */
  ahead(expected: string): boolean {
    const start = this.pos;
    const found = this.take(expected);
    this.pos = start;
    return found;
  }

  /** Consumes these characters if they come next. */
  take(expected: string): boolean {
    const start = this.pos;
    for (const char of expected) {
      if (this.peek() !== char) {
        this.pos = start;
        return false;
      }
      this.pos++;
    }
    return true;
  }

  expect(expected: string): void {
    if (!this.take(expected)) this.fail(`${expected} is missing`);
  }

  skipBlanks(): void {
    for (let c = this.peek(); c === ' ' || c === '\t'; c = this.peek()) this.pos++;
  }

  fail(message: string): never {
    throw new ShellSyntaxError(message, this.pos);
  }

  /** What `inner` reads; when that is no syntax, undefined, and the source is where it was. */
  attempt<T>(inner: () => T): T | undefined {
    const start = this.pos;
    try {
      return inner();
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      this.pos = start;
      return undefined;
    }
  }

  /** Runs `inner` one level deeper. */
  nested<T>(inner: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.fail('it nests too deeply');
    try {
      return inner();
    } finally {
      this.#depth--;
    }
  }
}
