/** What shells are told about the command line, from the table of commands itself. */
import type { Argument, Command, Option } from 'commander';
import { KINDS } from '../model/event.ts';

/** What may stand somewhere: one of these words, what `hms complete-values` says, a file, a folder, or anything. */
export type Values =
  | { readonly is: 'one'; readonly of: readonly string[] }
  | { readonly is: 'ask'; readonly what: Asked }
  | { readonly is: 'file' | 'dir' | 'any' };

/** What is only known when somebody asks. */
export const ASKED = [
  'fleets',
  'agents',
  'requests',
  'recordings',
  'themes',
  'named-themes',
  'layouts',
  'worktrees',
  'addresses',
  'experiments',
  'targets',
  'cells',
  'breakers',
] as const;
export type Asked = (typeof ASKED)[number];

export interface Place {
  /** `audit tail`; '' for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly {
    readonly flag: string;
    /** Undefined when the option takes no value. */
    readonly values: Values | undefined;
    readonly about: string;
  }[];
  /** What stands where; the last one may be repeated. */
  readonly args: readonly { readonly values: Values; readonly more: boolean }[];
}

/** A place for each command, parents first. */
export function places(command: Command, path = ''): readonly Place[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter(c => c.name() !== 'help');
  const place: Place = {
    path,
    commands: commands.map(c => ({ name: c.name(), about: firstLine(help.subcommandDescription(c)) })),
    options: help
      .visibleOptions(command)
      .flatMap(option =>
        [option.long, option.short].flatMap(flag =>
          flag ? [{ flag, values: valuesOf(option, path), about: firstLine(option.description) }] : [],
        ),
      ),
    args: command.registeredArguments.map(a => ({ values: valuesFor(a, a.name(), path), more: a.variadic })),
  };
  return [place, ...commands.flatMap(c => places(c, path === '' ? c.name() : `${path} ${c.name()}`))];
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function valuesOf(option: Option, path: string): Values | undefined {
  if (!option.required && !option.optional) return undefined;
  const [, word = ''] = /[<[]([\w-]+)/.exec(option.flags) ?? [];
  return valuesFor(option, word === 'name' ? option.name() : word, path);
}

const NAMED: Readonly<Record<string, Asked>> = {
  fleet: 'fleets',
  agent: 'agents',
  agents: 'agents',
  to: 'agents',
  request: 'requests',
  requests: 'requests',
  recording: 'recordings',
  theme: 'themes',
  layout: 'layouts',
  experiment: 'experiments',
  target: 'targets',
  cell: 'cells',
  breaker: 'breakers',
};
/** What `name` names in these commands. */
const NAMES: Readonly<Record<string, Asked>> = {
  themes: 'named-themes',
  layouts: 'layouts',
  record: 'recordings',
};
/** Where one word names less, or more, than elsewhere. */
const HERE: Readonly<Record<string, Asked>> = {
  'worktree diff agent': 'worktrees',
  'worktree merge agent': 'worktrees',
  'worktree drop agent': 'worktrees',
  'message send to': 'addresses',
};

function valuesFor(
  { argChoices }: Pick<Argument | Option, 'argChoices'>,
  word: string,
  path: string,
): Values {
  if (argChoices) return { is: 'one', of: argChoices };
  if (word === 'kinds')
    return { is: 'one', of: [...new Set(KINDS.map(k => k.split('.')[0] ?? '')), ...KINDS] };
  const what =
    HERE[`${path} ${word}`] ?? NAMED[word] ?? (word === 'name' ? NAMES[path.split(' ')[0] ?? ''] : undefined);
  if (what) return { is: 'ask', what };
  if (/^(?:file|files|path)$/.test(word)) return { is: 'file' };
  return { is: word === 'folder' ? 'dir' : 'any' };
}

/** In one word: `one:a b`, `ask:fleets`, `file`, `dir`, `any`; `-` for an option that takes none. */
export function valuesWord(values: Values | undefined): string {
  if (values === undefined) return '-';
  return values.is === 'one'
    ? `one:${values.of.join(' ')}`
    : values.is === 'ask'
      ? `ask:${values.what}`
      : values.is;
}

/**
 * A place in lines of fields between tabs, the form all three shells read: `c NAME ABOUT`, `o FLAG VALUES ABOUT`,
 * `a VALUES`, and `m VALUES` for an argument that may be repeated.
 */
export function placeLines({ commands, options, args }: Place): readonly string[] {
  return [
    ...commands.map(c => ['c', c.name, c.about]),
    ...options.map(o => ['o', o.flag, valuesWord(o.values), o.about]),
    ...args.map(a => [a.more ? 'm' : 'a', valuesWord(a.values)]),
  ].map(fields => fields.map(field => field.replace(/[\t\n]/g, ' ')).join('\t'));
}
