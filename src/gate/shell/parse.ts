/**
 * The shell grammar (POSIX.1-2024 XCU 2.10, with Bash's compound commands), read strictly: a text that is not
 * surely a program throws ShellSyntaxError, and the gate then treats it as opaque.
 *
 * Two ready-made parsers were tried first. sh-syntax 0.7.0 gives positions of commands but no words.
 * tree-sitter-bash 0.25.1 is made for editors and forgives: without an error node it reads `b\⏎c` as two words
 * and sees no substitution in the body of `<<-`, which is where one could hide.
 */
import { Lines } from './lines.ts';
import { assignmentStart, CLOSERS, compound, DECLARES, OPENERS, RESERVED } from './reserved.ts';
import { Source } from './source.ts';
import {
  type Assignment,
  bareOf,
  type Command,
  type CompoundCommand,
  literalOf,
  type Pipeline,
  type Redirect,
  type Script,
  type SimpleCommand,
  type Word,
} from './syntax.ts';
import { type ListReader, readArithmetic, readSum, readWord } from './words.ts';

/** Parses a whole program. Throws ShellSyntaxError. */
export function parseShell(text: string): Script {
  return lists.whole(new Source(text));
}

const lists: ListReader = {
  whole(source) {
    const grammar = new Grammar(source);
    const script = grammar.list();
    if (source.peek() !== '') source.fail(`${source.peek()} is not expected here`);
    grammar.end();
    return script;
  },
  until(source, close) {
    const grammar = new Grammar(source);
    const script = grammar.list();
    source.expect(close);
    grammar.end();
    return script;
  },
};

class Grammar {
  readonly #source: Source;
  readonly #lines: Lines;

  constructor(source: Source) {
    this.#source = source;
    this.#lines = new Lines(source, lists);
  }

  end(): void {
    this.#lines.end();
  }

  /** Pipelines up to something that cannot start one; that is left for the caller. */
  list(): Script {
    const source = this.#source;
    const pipelines: Pipeline[] = [];
    for (;;) {
      this.#lines.skip();
      if (this.#atEnd()) return pipelines;
      pipelines.push(this.#pipeline());
      source.skipBlanks();
      if (source.peek() === '#') this.#lines.comment();
      if (source.ahead(';;') || source.ahead(';&')) return pipelines;
      if (source.take('&&') || source.take('||')) {
        this.#lines.skip();
        if (this.#atEnd()) source.fail('a command is missing after && or ||');
        continue;
      }
      if (source.peek() === '\n') continue;
      if (!source.take(';') && !source.take('&')) return pipelines;
    }
  }

  /** A list that may not be empty. */
  #some(): Script {
    const script = this.list();
    return script.length > 0 ? script : this.#source.fail('a command is missing');
  }

  #atEnd(): boolean {
    const char = this.#source.peek();
    return char === '' || char === ')' || this.#source.ahead(';;') || CLOSERS.has(this.#reserved());
  }

  #pipeline(): Pipeline {
    const source = this.#source;
    for (let word = this.#reserved(); word === '!' || word === 'time'; word = this.#reserved()) {
      this.#word(word);
      source.skipBlanks();
      if (word === 'time' && /^-p[ \t]/.test(source.text.slice(source.pos, source.pos + 3))) source.pos += 2;
      source.skipBlanks();
    }
    const commands: Command[] = [];
    do {
      if (commands.length > 0) this.#lines.skip();
      commands.push(this.#command());
      source.skipBlanks();
    } while (!source.ahead('||') && (source.take('|&') || source.take('|')));
    return commands;
  }

  #command(): Command {
    return this.#source.nested(() => this.#compound() ?? this.#simple());
  }

  #compound(): CompoundCommand | undefined {
    const source = this.#source;
    if (source.ahead('((')) {
      const scripts = source.attempt(() => readSum(source, lists));
      if (scripts) return this.#redirected(compound('test', scripts));
    }
    if (source.take('(')) {
      const body = this.#some();
      source.expect(')');
      return this.#redirected(compound('group', [body]));
    }
    const opener = this.#reserved();
    const found = OPENERS.find(word => word === opener);
    if (!found) return undefined;
    this.#word(found);
    return this.#redirected(this.#opened(found));
  }

  #opened(opener: (typeof OPENERS)[number]): CompoundCommand {
    switch (opener) {
      case '{': {
        const body = this.#some();
        this.#closing('}');
        return compound('group', [body]);
      }
      case 'if':
        return this.#if();
      case 'while':
      case 'until': {
        const condition = this.#some();
        return compound('loop', [condition, this.#do()]);
      }
      case 'for':
      case 'select':
        return this.#for();
      case 'case':
        return this.#case();
      case '[[':
        return this.#test();
      case 'function': {
        const name = this.#name();
        this.#source.skipBlanks();
        if (this.#source.take('(')) this.#closeParen();
        return this.#functionBody(name);
      }
      case 'coproc': {
        this.#source.skipBlanks();
        return compound('group', [[[this.#command()]]]);
      }
    }
  }

  #if(): CompoundCommand {
    const bodies = [this.#some()];
    this.#closing('then');
    bodies.push(this.#some());
    for (;;) {
      const word = this.#reserved();
      this.#word(word);
      if (word === 'fi') return compound('branch', bodies);
      if (word === 'elif') {
        bodies.push(this.#some());
        this.#closing('then');
      } else if (word !== 'else') {
        this.#source.fail('fi is missing');
      }
      bodies.push(this.#some());
    }
  }

  #do(): Script {
    this.#closing('do');
    const body = this.#some();
    this.#closing('done');
    return body;
  }

  #for(): CompoundCommand {
    const source = this.#source;
    source.skipBlanks();
    if (source.take('((')) {
      const scripts = this.#forHeader();
      return compound('loop', [...scripts, this.#do()]);
    }
    const name = this.#name();
    this.#lines.skip();
    const words: Word[] = [];
    if (this.#reserved() === 'in') {
      this.#word('in');
      words.push(...this.#words());
    }
    source.skipBlanks();
    source.take(';');
    return compound('loop', [this.#do()], words, name);
  }

  /** `for ((a; b; c))`: each part is arithmetic. */
  #forHeader(): Script[] {
    const source = this.#source;
    const start = source.pos;
    const end = source.text.indexOf('))', start);
    const header = source.text.slice(start, end);
    // Semicolons stand between parts; with them gone the rest must be arithmetic.
    if (end < 0 || header.split(';').length !== 3) source.fail('not a for header');
    const inner = source.inner(
      `${header
        .split(';')
        .map(each => each.trim() || '0')
        .join(',')}))`,
    );
    const scripts = readArithmetic(inner, lists);
    if (inner.peek() !== '') source.fail('not a for header');
    source.pos = end + 2;
    source.skipBlanks();
    source.take(';');
    return [...scripts];
  }

  #case(): CompoundCommand {
    const source = this.#source;
    source.skipBlanks();
    const words = [this.#needWord()];
    this.#lines.skip();
    this.#word('in');
    const bodies: Script[] = [];
    for (;;) {
      this.#lines.skip();
      if (this.#reserved() === 'esac') break;
      source.take('(');
      do {
        source.skipBlanks();
        words.push(this.#needWord());
        source.skipBlanks();
      } while (source.take('|'));
      source.expect(')');
      bodies.push(this.list());
      this.#lines.skip();
      if (source.take(';;&') || source.take(';;') || source.take(';&')) continue;
      if (this.#reserved() !== 'esac') source.fail(';; or esac is missing');
    }
    this.#word('esac');
    return compound('branch', bodies, words);
  }

  /** `[[ … ]]` runs nothing but the substitutions in its words. */
  #test(): CompoundCommand {
    const source = this.#source;
    const words: Word[] = [];
    for (;;) {
      source.skipBlanks();
      const char = source.peek();
      if (char === '\n') this.#lines.newline();
      else if (char === '' || char === ';') source.fail(']] is missing');
      else if ('<>()|&'.includes(char) && !source.ahead('<(') && !source.ahead('>(')) source.next();
      else {
        const word = this.#needWord();
        if (bareOf(word) === ']]') return compound('test', [], words);
        words.push(word);
      }
    }
  }

  #functionBody(name: string): CompoundCommand {
    this.#lines.skip();
    const body = this.#source.nested(() => this.#compound());
    if (!body) this.#source.fail('a function has no body');
    return compound('function', [[[body]]], [], name);
  }

  #redirected(command: CompoundCommand): CompoundCommand {
    const redirects: Redirect[] = [];
    for (;;) {
      this.#source.skipBlanks();
      const redirect = this.#lines.redirect();
      if (!redirect) return { ...command, redirects };
      redirects.push(redirect);
    }
  }

  #simple(): Command {
    const source = this.#source;
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      source.skipBlanks();
      const redirect = this.#lines.redirect();
      if (redirect) {
        redirects.push(redirect);
        continue;
      }
      const word = readWord(source, lists);
      if (!word) break;
      const assignment = this.#assignment(word, words);
      if (assignment) assignments.push(assignment);
      if (assignment && words.length === 0) continue;
      if (words.length === 0 && RESERVED.has(bareOf(word) ?? ''))
        source.fail(`${bareOf(word)} is not expected here`);
      words.push(word);
      source.skipBlanks();
      if (source.peek() === '(') return this.#function(words, assignments, redirects);
    }
    if (words.length + assignments.length + redirects.length === 0) {
      source.fail(source.peek() === '' ? 'a command is missing' : `${source.peek()} is not expected here`);
    }
    return { is: 'simple', assignments, words, redirects } satisfies SimpleCommand;
  }

  #function(
    words: readonly Word[],
    assignments: readonly Assignment[],
    redirects: readonly Redirect[],
  ): Command {
    const name = words.length === 1 && words[0] ? literalOf(words[0]) : undefined;
    if (name === undefined || assignments.length + redirects.length > 0)
      this.#source.fail('( is not expected here');
    this.#source.take('(');
    this.#closeParen();
    return this.#functionBody(name);
  }

  /** A word that sets a variable: before the command, or an argument of `declare` and its like. */
  #assignment(word: Word, before: readonly Word[]): Assignment | undefined {
    const source = this.#source;
    const declares = before[0] !== undefined && DECLARES.has(bareOf(before[0]) ?? '');
    if (before.length > 0 && !declares) return undefined;
    const start = assignmentStart(word, message => source.fail(message));
    if (!start) return undefined;
    if (literalOf(start.value) !== '' || !source.take('('))
      return { name: start.name, values: [start.value] };
    const values = this.#words(true);
    source.expect(')');
    return { name: start.name, values };
  }

  #words(acrossLines = false): Word[] {
    const words: Word[] = [];
    for (;;) {
      if (acrossLines) this.#lines.skip();
      this.#source.skipBlanks();
      const word = readWord(this.#source, lists);
      if (!word) return words;
      words.push(word);
    }
  }

  #needWord(): Word {
    return readWord(this.#source, lists) ?? this.#source.fail('a word is missing');
  }

  #name(): string {
    this.#source.skipBlanks();
    return bareOf(this.#needWord()) ?? this.#source.fail('a name is missing');
  }

  #closeParen(): void {
    this.#source.skipBlanks();
    this.#source.expect(')');
  }

  /** The reserved word that comes next, '' for none. Not consumed. */
  #reserved(): string {
    const source = this.#source;
    source.peek();
    const [word = ''] =
      /^(?:[a-z]+|[!{}]|\[\[)(?=[\s;&|()<>]|$)/.exec(source.text.slice(source.pos, source.pos + 16)) ?? [];
    return RESERVED.has(word) ? word : '';
  }

  #word(word: string): void {
    if (word === '' || this.#reserved() !== word)
      this.#source.fail(`${word || 'a reserved word'} is missing`);
    this.#source.pos += word.length;
  }

  #closing(word: string): void {
    this.#lines.skip();
    this.#word(word);
  }
}
