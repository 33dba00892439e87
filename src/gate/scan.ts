/**
 * Goes through a script and reads every command in it, whether or not it would be reached: what could run counts.
 * Pure and bounded: the number of commands and the depth of scripts within scripts have an end, and what lies
 * beyond it is opaque.
 */
import { Call, type Part, type Runner } from './call.ts';
import type { ClassName } from './classes.ts';
import { hijacks } from './environment.ts';
import { resolvePath } from './paths.ts';
import { PROGRAMS } from './programs/index.ts';
import { enter, type Input, NOTHING, type Scene, usesGuesses } from './scene.ts';
import { type Arg, expandWord, NO_VALUES, plainArg, type Values } from './shell/expand.ts';
import { parseShell } from './shell/parse.ts';
import {
  type Assignment,
  bareOf,
  type Command,
  type CompoundCommand,
  literalOf,
  type Pipeline,
  type Redirect,
  type Script,
  ShellSyntaxError,
  type SimpleCommand,
} from './shell/syntax.ts';
import { commandsOf, wordsOf } from './shell/walk.ts';
import { scriptsOf } from './shell/words.ts';

/** Longer texts are not read: UTF-16 units. */
const MAX_TEXT = 32_768;
const MAX_COMMANDS = 400;
const MAX_PATHS = 2000;
/** Attempts to find the lines before a syntax error. */
const MAX_CUTS = 8;
/** Arguments of one command. */
const MAX_ARGS = 1000;
const MAX_DEPTH = 12;
/** Stands for arguments too many to read. */
const REST: Arg = { text: '$…', known: false, glob: false, from: [] };
const STANDARD =
  /^\/(?:usr\/(?:local\/)?|opt\/homebrew\/|opt\/local\/|snap\/|run\/current-system\/sw\/)?s?bin\/([^/]+)$/;
/** Their output is what came over the network. */
const FETCHERS =
  /(?:^|\/)(?:curl|wget2?|aria2c|nc|ncat|netcat|socat|ssh|scp|sftp|ftp|lftp|http|https|xh|lynx|gh|aws|gsutil|fetch)$/;
/** A name and the bracket after it. Looked for from the beginning of a word only, or long words would take for ever. */
const SUBSCRIPT = /(?<!\w)\d*[A-Za-z_]\w*\[/;
/** What may stand before a program's name. */
const ROUGH_PREFIX = /^(?:[A-Za-z_]\w*=.*|if|then|else|elif|do|while|until|!|time|\$)$/;
/** They hand on what they are fed, so text known at the start of a pipe is known after them. */
const PASSES = new Set(['cat', 'tee', 'sudo', 'nohup', 'command', 'stdbuf', 'unbuffer', 'pv', 'sponge']);

export class Scanner implements Runner {
  readonly parts: Part[] = [];
  readonly fetched = new Set<string>();
  readonly #seen = new Set<Script>();
  #commands = 0;
  #paths = 0;
  #depth = 0;

  /** Text that a shell would run. */
  text(text: string, scene: Scene, input: Input = NOTHING): void {
    this.#deeper(() => {
      const script = text.length > MAX_TEXT ? undefined : tryParse(text);
      if (script) this.script(script, enter(scene, script), input);
      else this.#roughly(text.slice(0, MAX_TEXT), scene);
    });
  }

  /** A command given as its arguments, with no shell in between. What is cut off counts as not known, never as not there. */
  argv(argv: readonly Arg[], scene: Scene): void {
    const short = argv
      .slice(0, MAX_ARGS)
      .map(arg =>
        arg.text.length > MAX_TEXT ? { ...arg, text: arg.text.slice(0, MAX_TEXT), known: false } : arg,
      );
    this.command(argv.length > MAX_ARGS ? [...short, REST] : short, scene);
  }

  script(script: Script, scene: Scene, input: Input): void {
    if (this.#seen.has(script)) return;
    this.#seen.add(script);
    this.#deeper(() => {
      for (const pipeline of script) {
        // The command too many has said that the rest is not read.
        if (this.#commands > MAX_COMMANDS) return;
        this.#pipeline(pipeline, scene, input);
      }
    });
  }

  /** One command with its arguments, as a program would be started. */
  command(argv: readonly Arg[], scene: Scene, input: Input = NOTHING): void {
    const [head, ...args] = argv;
    if (!head) return;
    if (++this.#commands > MAX_COMMANDS) {
      if (this.#commands === MAX_COMMANDS + 1) this.#push('…', 'opaque');
      return;
    }
    this.#deeper(() => {
      if (head.known && !head.glob && head.text !== '') this.#known(head, args, scene, input);
      else this.#unknown(head, args, scene, input);
    });
  }

  spend(): boolean {
    return ++this.#paths <= MAX_PATHS;
  }

  fetches(script: Script): boolean {
    for (const { command } of commandsOf(script)) {
      const words = command.is === 'simple' ? command.words : [];
      if (words.some(word => FETCHERS.test(literalOf(word) ?? ''))) return true;
    }
    return false;
  }

  #deeper(inner: () => void): void {
    if (this.#depth >= MAX_DEPTH) {
      this.#push('…', 'opaque');
      return;
    }
    this.#depth++;
    inner();
    this.#depth--;
  }

  #push(program: string, ...classes: readonly ClassName[]): void {
    this.parts.push({ program, sub: '', classes: new Set(classes), targets: [], inside: false });
  }

  #known(head: Arg, args: readonly Arg[], scene: Scene, input: Input): void {
    const { text } = head;
    const standard = STANDARD.exec(text)?.[1] ?? (text.includes('/') ? undefined : text);
    const name = standard ?? text.slice(text.lastIndexOf('/') + 1);
    const rule = PROGRAMS.get(name) ?? PROGRAMS.get(name.toLowerCase());
    const call = new Call(standard ?? text, args, scene, input, this);
    if (standard === undefined) call.executes(head);
    // On a file system that ignores case, RM is rm; on another it is nothing we know.
    if (!rule || !PROGRAMS.has(name)) call.add('program');
    if (rule) rule(call);
    else mentionsPaths(call);
    this.parts.push(call.part);
  }

  /** The program's name is only known when it runs. Perhaps it is nothing at all, or a wrapper: then the rest counts. */
  #unknown(head: Arg, args: readonly Arg[], scene: Scene, input: Input): void {
    this.#push(
      head.text || '""',
      'program',
      'opaque',
      ...(head.from.some(from => this.fetches(from)) ? (['remote-code'] as const) : []),
    );
    const [next] = args;
    if (next?.known && PROGRAMS.has(next.text)) this.command(args, scene, input);
  }

  #pipeline(pipeline: Pipeline, scene: Scene, first: Input): void {
    let input = first;
    for (const command of pipeline) {
      if (this.#commands > MAX_COMMANDS) return;
      const before = this.parts.length;
      this.#command(command, scene, input);
      input = this.#output(command, scene, input, this.parts.slice(before));
    }
  }

  #command(command: Command, scene: Scene, fed: Input): void {
    for (const word of wordsOf(command)) {
      for (const script of scriptsOf(word)) this.script(script, scene, NOTHING);
    }
    // Arithmetic runs what it finds in a subscript, in a quoted text and in a variable too: test -v 'a[$(rm x)]'.
    const texts = wordsOf(command).flatMap(word =>
      word.map(piece => (piece.is === 'text' ? piece.text : '')),
    );
    if (texts.some(runsInSubscript)) this.#push('…', 'opaque');
    const input = this.#redirects(command.redirects, scene, fed);
    if (command.is === 'simple') this.#simple(command, scene, input);
    else this.#compound(command, scene, input);
  }

  #simple(command: SimpleCommand, scene: Scene, input: Input): void {
    for (const assignment of command.assignments) this.#assignment(assignment, scene);
    const tries = usesGuesses(command.words, scene.guesses) ? [NO_VALUES, ...scene.guesses] : [NO_VALUES];
    for (const values of tries) this.command(expandAll(command, scene, values), scene, input);
  }

  #assignment({ name, values }: Assignment, scene: Scene): void {
    const [value] = values.flatMap(word => expandWord(word, scene.home, NO_VALUES));
    if (hijacks(name, value?.known ? value.text : undefined)) this.#push('', 'hijack');
  }

  #compound(command: CompoundCommand, scene: Scene, input: Input): void {
    if (command.kind === 'function' && callsItself(command)) this.#push(command.name, 'fork-bomb');
    for (const body of command.bodies) this.script(body, scene, input);
  }

  /** What the redirects touch, and what they put on the standard input. */
  #redirects(redirects: readonly Redirect[], scene: Scene, fed: Input): Input {
    let input = fed;
    const call = new Call('', [], scene, NOTHING, this);
    for (const { op, word } of redirects) {
      if (/^[<>]&$/.test(op) && /^(?:\d+-?|-)$/.test(literalOf(word) ?? '')) continue;
      if (op === '<<' || op === '<<<') {
        const text = literalOf(word);
        const fetched = scriptsOf(word).some(script => this.fetches(script));
        input = fetched ? { is: 'fetched' } : text === undefined ? { is: 'piped' } : { is: 'text', text };
        continue;
      }
      const throughPipe = word.length === 1 && word[0]?.is === 'pipe';
      if (throughPipe) {
        if (op === '<')
          input = { is: scriptsOf(word).some(script => this.fetches(script)) ? 'fetched' : 'piped' };
        continue;
      }
      for (const file of expandWord(word, scene.home, NO_VALUES)) {
        if (/^\/dev\/(?:tcp|udp)\//.test(file.text)) {
          call.add('network', 'upload');
          call.names(file);
          if (op.startsWith('<')) input = { is: 'fetched' };
        } else if (op === '<') {
          call.reads(file);
          input = { is: 'piped' };
        } else if (fed.is === 'fetched') call.downloads(file);
        else call.writes(file);
      }
    }
    if (call.part.classes.size > 0) this.parts.push(call.part);
    return input;
  }

  /** What the next command in the pipe finds on its input. */
  #output(command: Command, scene: Scene, input: Input, parts: readonly Part[]): Input {
    if (
      input.is === 'fetched' ||
      parts.some(part => part.classes.has('network') || part.classes.has('remote'))
    ) {
      for (const { op, word } of command.redirects) {
        const to = op.includes('>') ? literalOf(word) : undefined;
        if (to !== undefined)
          for (const cwd of scene.cwds) this.fetched.add(resolvePath(to, cwd, scene.home));
      }
      return { is: 'fetched' };
    }
    if (command.is !== 'simple') return { is: 'piped' };
    if (parts.length > 0 && parts.every(part => lists(part, input))) return { is: 'names' };
    const args = expandAll(command, scene, scene.guesses[0] ?? NO_VALUES);
    const [head, ...rest] = args;
    const name = head?.text.replace(/^.*\//, '') ?? '';
    if (name === 'echo' || name === 'printf') return said(name, rest);
    const own = command.redirects.some(({ op }) => op.startsWith('<<'))
      ? this.#redirects(command.redirects, scene, input)
      : input;
    return PASSES.has(name) &&
      own.is === 'text' &&
      rest.every(arg => arg.text.startsWith('-') || name !== 'cat')
      ? own
      : { is: 'piped' };
  }

  /** A text that is no program we can parse, read word by word: enough to see great harm, and opaque. */
  #roughly(text: string, scene: Scene): void {
    const from = this.parts.length;
    // A shell runs the lines before the one it cannot read.
    const start = linesThatParse(text);
    if (start) this.script(start, enter(scene, start), NOTHING);
    const bare = text.replace(/\\\n/g, '').replace(/["'\\]/g, '');
    let fetched = false;
    for (const [, line = '', end = ''] of bare.matchAll(/([^;&|\n()`{}\0]*)([;&|\n()`{}\0]|$)/g)) {
      if (this.#commands > MAX_COMMANDS) break;
      const words = line
        .split(/[\s<>]+/)
        .filter(Boolean)
        .slice(0, 200);
      const at = words.findIndex(word => !ROUGH_PREFIX.test(word));
      const args = words.slice(Math.max(0, at)).map(word => roughArg(word, scene.home));
      if (at >= 0 && args.length > 0) this.command(args, scene, { is: fetched ? 'fetched' : 'piped' });
      fetched = end === '|' && (fetched || words.some(word => FETCHERS.test(word)));
    }
    if (this.parts.length === from) this.#push('…', 'program');
    for (let at = from; at < this.parts.length; at++) {
      const part = this.parts[at];
      if (part) this.parts[at] = { ...part, classes: new Set([...part.classes, 'opaque']) };
    }
  }
}

/** Is a substitution written in a subscript? */
function runsInSubscript(text: string): boolean {
  return text.split(']').some(part => {
    const substitution = Math.max(part.lastIndexOf('$('), part.lastIndexOf('`'));
    return SUBSCRIPT.test(part.slice(0, Math.max(0, substitution)));
  });
}

/** The longest run of lines from the start that is a program, as far as a few attempts show. */
function linesThatParse(text: string): Script | undefined {
  let end = text.length;
  for (let tries = 0; tries < MAX_CUTS; tries++) {
    end = text.lastIndexOf('\n', end - 1);
    if (end <= 0) return undefined;
    const script = tryParse(text.slice(0, end));
    if (script) return script;
  }
  return tryParse(text.slice(0, text.indexOf('\n')));
}

function tryParse(text: string): Script | undefined {
  try {
    return parseShell(text);
  } catch (error) {
    // A RangeError is a stack that ran out: as unreadable as bad syntax.
    if (error instanceof ShellSyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function expandAll(command: SimpleCommand, scene: Scene, values: Values): readonly Arg[] {
  const args: Arg[] = [];
  for (const word of command.words) {
    args.push(...expandWord(word, scene.home, values));
    if (args.length > MAX_ARGS) return [...args.slice(0, MAX_ARGS), REST];
  }
  return args;
}

function roughArg(word: string, home: string): Arg {
  const text = word.replace(/^~(?=\/|$)|\$\{?HOME\}?/, home);
  return { ...plainArg(text), known: !text.includes('$'), glob: /[*?[]/.test(text) };
}

/** It prints names of files in the working directory, none of which it looked for as a secret, or picks among such. */
function lists({ program, sub, classes, inside }: Part, input: Input): boolean {
  const lister = /^(?:g?find|fd|fdfind|ls)$/.test(program) || (program === 'git' && sub === 'ls-files');
  const picker = input.is === 'names' && /^(?:sort|uniq|head|tail)$/.test(program);
  return (lister || picker) && inside && classes.size === 1 && classes.has('read');
}

/** What echo and printf would print, when all of it is known. */
function said(name: string, args: readonly Arg[]): Input {
  const words = args.filter((arg, at) => !(name === 'echo' && at === 0 && /^-[neE]+$/.test(arg.text)));
  if (!words.every(arg => arg.known && !arg.glob)) return { is: 'piped' };
  const [format = '', ...values] = words.map(arg => arg.text);
  const text =
    name === 'echo' ? [format, ...values].join(' ') : format.replace(/%[sbq]/g, () => values.shift() ?? '');
  return {
    is: 'text',
    text: `${text.replaceAll('\\n', '\n').replaceAll('\\t', '\t')}\n${values.join('\n')}`,
  };
}

/** An argument of a program we do not know: a path it could do anything with. */
function mentionsPaths(call: Call): void {
  for (const arg of call.args) {
    const value = /^-/.test(arg.text) ? arg.text.replace(/^[^=]*=?/, '') : arg.text;
    if (/^[./~]|\/|^\.?env$/.test(value) && !/^[a-z][a-z0-9+.-]*:\/\//i.test(value))
      call.reads({ ...arg, text: value });
    else if (/:\/\//.test(value)) call.names({ ...arg, text: value });
  }
}

/** `:(){ :|:& };:`: a function that starts itself more than once each time it runs. */
function callsItself(command: CompoundCommand): boolean {
  let calls = 0;
  for (const body of command.bodies) {
    for (const { command: inner } of commandsOf(body)) {
      if (inner.is === 'simple' && inner.words[0] && bareOf(inner.words[0]) === command.name) calls++;
    }
  }
  return calls > 1;
}
