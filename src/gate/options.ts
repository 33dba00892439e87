/** A program's arguments told apart: options, their values, operands (POSIX XBD 12.2, and GNU long options). */
import type { Arg } from './shell/expand.ts';

export interface OptionShape {
  /** One-letter options that take a value: `-o FILE`, `-oFILE`. */
  readonly takes?: string;
  /** Long options that take a value as their own argument: `--output FILE`. */
  readonly long?: readonly string[];
  /** Words after one dash are long options: find, terraform, java. */
  readonly oneDash?: boolean;
  /** Everything from the first operand on belongs to it: wrappers, sub-commands. */
  readonly stop?: boolean;
}

export class Options {
  readonly operands: readonly Arg[];
  /** Something that is only known at run time could be an option. */
  readonly unclear: boolean;
  readonly #set = new Map<string, Arg[]>();
  readonly #attached: Arg[] = [];

  constructor(args: readonly Arg[], shape: OptionShape = {}) {
    const operands: Arg[] = [];
    let unclear = false;
    let only = false;
    for (let at = 0; at < args.length; at++) {
      const arg = args[at];
      if (!arg) break;
      const isOption = !only && /^-./.test(arg.text);
      if (!only && !arg.known && /^[-$]/.test(arg.text)) unclear = true;
      if (!only && arg.text === '--') {
        only = true;
      } else if (isOption) {
        if (this.#option(arg, args[at + 1], shape)) at++;
      } else {
        operands.push(arg);
        only ||= shape.stop === true;
      }
    }
    this.operands = operands;
    this.unclear = unclear;
  }

  /** Any of these options? GNU long options may be cut short: `--rec` is `--recursive`. */
  has(...names: readonly string[]): boolean {
    return names.some(name => this.#find(name).length > 0);
  }

  /** This option, spelled out: for options that make a call harmless. */
  exact(name: string): boolean {
    return this.#set.has(`--${name}`);
  }

  /** Values attached to long options that look like paths: `--contents=/etc/passwd`. */
  get attachedPaths(): readonly Arg[] {
    return this.#attached.filter(arg => /^[./~]/.test(arg.text));
  }

  /** The values given to any of these options. */
  values(...names: readonly string[]): readonly Arg[] {
    return names.flatMap(name => this.#find(name));
  }

  #find(name: string): readonly Arg[] {
    if (name.length === 1) return this.#set.get(name) ?? [];
    return [...this.#set].flatMap(([key, values]) =>
      key.length > 1 && name.startsWith(key.slice(2)) ? values : [],
    );
  }

  #put(name: string, value: Arg): void {
    // Long names keep their dashes, so that -r and --r stay apart.
    this.#set.set(name, [...(this.#set.get(name) ?? []), value]);
  }

  /** True when the next argument was its value. */
  #option(arg: Arg, next: Arg | undefined, shape: OptionShape): boolean {
    const { text } = arg;
    if (text.startsWith('--') || shape.oneDash) {
      const body = text.replace(/^--?/, '');
      const equals = body.indexOf('=');
      const name = equals < 0 ? body : body.slice(0, equals);
      const takes = shape.long?.some(
        long => long === name || (name.length > 2 && !shape.oneDash && long.startsWith(name)),
      );
      const own = equals >= 0 ? { ...arg, text: body.slice(equals + 1) } : undefined;
      if (own) this.#attached.push(own);
      this.#put(
        shape.oneDash && name.length === 1 ? name : `--${name}`,
        own ?? (takes && next ? next : { ...arg, text: '' }),
      );
      return own === undefined && takes === true && next !== undefined;
    }
    for (let at = 1; at < text.length; at++) {
      const letter = text[at] ?? '';
      if (!shape.takes?.includes(letter)) {
        this.#put(letter, { ...arg, text: '' });
        continue;
      }
      const rest = text.slice(at + 1);
      this.#put(letter, rest !== '' || !next ? { ...arg, text: rest } : next);
      return rest === '' && next !== undefined;
    }
    return false;
  }
}
