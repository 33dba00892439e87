/** One program call being read: a rule of the tables says what it does by calling these methods. */
import { type ClassName, reachesOut } from './classes.ts';
import { type OptionShape, Options } from './options.ts';
import { couldBeSecret, isInside, isSink, isWhole, placesOf, resolvePath } from './paths.ts';
import type { Input, Scene } from './scene.ts';
import type { Arg } from './shell/expand.ts';
import type { Script } from './shell/syntax.ts';

/** What one program call amounts to. */
export interface Part {
  /** `git`, or a path when the program is not one of the system's. */
  readonly program: string;
  /** `push` of `git push`, '' for programs without. */
  readonly sub: string;
  readonly classes: ReadonlySet<ClassName>;
  /** Absolute paths, hosts, URLs, names. */
  readonly targets: readonly string[];
  /** Every target is a path inside the agent's working directory, and no class reaches beyond it. */
  readonly inside: boolean;
}

export type Rule = (call: Call) => void;
type Purpose = 'read' | 'write' | 'delete' | 'wipe';

/** What a rule may start in turn. Given by the scanner. */
export interface Runner {
  /** Another command: what a wrapper wraps. */
  command(argv: readonly Arg[], scene: Scene, input: Input): void;
  /** Text that a shell reads. */
  text(text: string, scene: Scene, input: Input): void;
  /** Does this command's output come over the network? */
  fetches(script: Script): boolean;
  /** False when so many paths have been looked at that the rest is left unread. */
  spend(): boolean;
  /** Files written by something that came over the network. */
  readonly fetched: Set<string>;
}

export class Call {
  readonly program: string;
  readonly args: readonly Arg[];
  readonly scene: Scene;
  readonly input: Input;
  readonly runner: Runner;
  readonly #classes = new Set<ClassName>();
  readonly #targets = new Set<string>();
  #inside = true;
  sub = '';

  constructor(program: string, args: readonly Arg[], scene: Scene, input: Input, runner: Runner) {
    this.program = program;
    this.args = args;
    this.scene = scene;
    this.input = input;
    this.runner = runner;
  }

  get part(): Part {
    const { program, sub } = this;
    const inside = this.#inside && !reachesOut(this.#classes);
    return { program, sub, classes: this.#classes, targets: [...this.#targets], inside };
  }

  options(shape: OptionShape = {}): Options {
    const options = new Options(this.args, shape);
    if (options.unclear) this.add('unclear');
    return options;
  }

  add(...classes: readonly ClassName[]): void {
    for (const name of classes) this.#classes.add(name);
  }

  /** Something named that is no path: a host, a process, a package. */
  names(...args: readonly Arg[]): void {
    for (const arg of args) {
      this.#targets.add(arg.text);
      this.#inside = false;
      if (!arg.known) this.add('unclear');
    }
  }

  reads(...args: readonly Arg[]): void {
    for (const arg of args) this.#touch(arg, 'read');
  }

  writes(...args: readonly Arg[]): void {
    for (const arg of args) this.#touch(arg, 'write');
  }

  deletes(args: readonly Arg[], recursive: boolean): void {
    for (const arg of args) this.#touch(arg, recursive ? 'wipe' : 'delete');
  }

  /** A change to everything below these paths that is no deletion: chmod -R, mv. */
  overhauls(...args: readonly Arg[]): void {
    for (const arg of args) {
      this.#touch(arg, 'write');
      if (this.#resolve(arg).some(path => isWhole(path, arg.glob))) this.add('ruinous');
    }
  }

  /** Runs a file as code. */
  executes(file: Arg): void {
    this.add('code');
    this.#touch(file, 'read');
    // The output of a command, run unseen.
    if (file.from.length > 0) this.add('opaque');
    if (file.from.some(script => this.runner.fetches(script))) this.add('remote-code');
    if (this.#resolve(file).some(path => this.runner.fetched.has(path))) this.add('remote-code');
  }

  /** Writes a file whose content came over the network. */
  downloads(file: Arg): void {
    this.#touch(file, 'write');
    for (const path of this.#resolve(file)) this.runner.fetched.add(path);
  }

  run(argv: readonly Arg[], scene: Scene = this.scene, input: Input = this.input): void {
    if (argv.length > 0) this.runner.command(argv, scene, input);
  }

  /** A script given as one argument: `sh -c TEXT`. */
  runText(arg: Arg, scene: Scene = this.scene): void {
    if (arg.from.some(script => this.runner.fetches(script))) this.add('remote-code');
    if (!arg.known) this.add('opaque');
    this.runner.text(arg.text, scene, this.input);
  }

  #resolve(arg: Arg): string[] {
    return this.scene.cwds.map(cwd => resolvePath(arg.text, cwd, this.scene.home));
  }

  #touch(arg: Arg, purpose: Purpose): void {
    if (arg.text === '' || arg.text === '-') return;
    if (!this.runner.spend()) {
      this.add('opaque');
      return;
    }
    const relative = !/^[/~]/.test(arg.text);
    if (!arg.known || (relative && this.scene.lost)) {
      this.add('unclear');
      this.#inside = false;
    }
    // Nothing known at its beginning: it could be anywhere.
    if (!arg.known && /^[$<>]/.test(arg.text)) {
      this.add(purpose === 'wipe' ? 'recursive-delete' : purpose);
      this.#targets.add(arg.text);
      return;
    }
    for (const path of this.#resolve(arg)) this.#place(path, arg, purpose);
  }

  #place(path: string, arg: Arg, purpose: Purpose): void {
    if (isSink(path)) return;
    const places = placesOf(path);
    const inside = isInside(path, this.scene.base);
    this.#targets.add(path);
    if (!inside) this.#inside = false;
    const secret = places.has('secrets') || (arg.glob && couldBeSecret(path));
    if (secret) this.add('secrets');
    if (purpose === 'read') {
      this.add('read');
      return;
    }
    this.add(purpose === 'wipe' ? 'recursive-delete' : purpose);
    if (places.has('device')) this.add('raw-device');
    if (places.has('system')) this.add('system-path');
    if (places.has('agent-settings')) this.add('agent-settings');
    if (places.has('ci')) this.add('ci');
    if (places.has('persistence'))
      this.add(purpose !== 'write' && /\/\.git(?:\/|$)/.test(path) ? 'git-history' : 'persistence');
    if (!inside && !places.has('temp')) this.add('outside');
    if (purpose === 'wipe' && isWhole(path, arg.glob)) this.add('ruinous');
  }
}
