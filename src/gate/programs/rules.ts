/** The shapes most programs share, so that the tables read as tables. */
import type { Call, Rule } from '../call.ts';
import type { ClassName } from '../classes.ts';
import { type OptionShape, Options } from '../options.ts';
import type { Arg } from '../shell/expand.ts';

export type Table = Readonly<Record<string, Rule>>;

/** One rule for several programs. */
export function each(names: string, rule: Rule): Table {
  return Object.fromEntries(names.split(' ').map(name => [name, rule]));
}

/** Whatever its arguments, it only tells something. */
export const tells: Rule = call => call.add('read');

/** Always of these classes; its operands are named but are no paths. */
export function always(...classes: readonly ClassName[]): Rule {
  return call => {
    call.add(...classes);
    call.names(...new Options(call.args).operands);
  };
}

interface ReadShape extends OptionShape {
  /** Options whose value is a file it writes. */
  readonly output?: readonly string[];
  /** Options that make it run another program. */
  readonly runs?: readonly string[];
  /** Options whose value is another file it reads. */
  readonly input?: readonly string[];
  /** How many operands come before the files: the pattern of grep. */
  readonly skip?: number;
  /** With one of these options there is no such operand. */
  readonly noSkip?: readonly string[];
}

/** Reads the files it is given. */
export function readsFiles(shape: ReadShape = {}): Rule {
  return call => {
    const harmless = !shape.output && !shape.runs;
    const options = harmless ? new Options(call.args, shape) : call.options(shape);
    call.add('read');
    const skip = shape.noSkip && options.has(...shape.noSkip) ? 0 : (shape.skip ?? 0);
    call.reads(...options.operands.slice(skip), ...options.values(...(shape.input ?? [])));
    call.writes(...options.values(...(shape.output ?? [])));
    call.reads(...options.attachedPaths);
    if (shape.runs && options.has(...shape.runs)) call.add('inline-code');
  };
}

/** Writes the files it is given. */
export function writesFiles(shape: OptionShape & { readonly skip?: number } = {}): Rule {
  return call => {
    const files = call.options(shape).operands.slice(shape.skip ?? 0);
    if (files.length === 0) call.add('read');
    call.writes(...files);
  };
}

export type SubRule = readonly ClassName[] | ((call: Call, args: readonly Arg[]) => void);

/**
 * A program whose first operand says what it does. `other` is for sub-commands the table does not name; a
 * sub-command that is only known at run time is opaque.
 */
export function subcommands(
  table: Readonly<Record<string, SubRule>>,
  other: SubRule,
  shape: OptionShape & { before?: (call: Call, options: Options) => void; depth?: number } = {},
): Rule {
  return call => {
    const options = call.options({ ...shape, stop: true });
    shape.before?.(call, options);
    const [sub, ...args] = options.operands;
    if (!sub) {
      call.add('read');
      return;
    }
    if (!sub.known || options.operands.slice(0, shape.depth ?? 1).some(arg => !arg.known)) call.add('opaque');
    call.sub = nameOf(options.operands, table);
    const rule = Object.hasOwn(table, call.sub) ? table[call.sub] : undefined;
    apply(rule ?? other, call, args);
  };
}

/** `compute instances delete` when the table knows such a path, else the first word. */
function nameOf(operands: readonly Arg[], table: Readonly<Record<string, SubRule>>): string {
  const words = operands.slice(0, 3).map(arg => arg.text);
  for (let count = words.length; count > 1; count--) {
    const name = words.slice(0, count).join(' ');
    if (Object.hasOwn(table, name)) return name;
  }
  return words[0] ?? '';
}

export function apply(rule: SubRule, call: Call, args: readonly Arg[]): void {
  if (typeof rule === 'function') rule(call, args);
  else call.add(...rule);
}

export function last<T>(items: readonly T[]): readonly T[] {
  return items.slice(-1);
}
