/** A first fleet file from what was found: a draft for a person to read, which the check accepts as it is. Pure. */
import { basename } from 'node:path';
import { OperatorId } from '../model/ids.ts';
import { neutralise, oneLine } from '../model/text.ts';
import type { Found, FoundProgram, Task } from './found.ts';

interface DraftOptions {
  /** The account's name. */
  readonly owner: string;
  /** Where editors find the JSON Schema: a path or an address. */
  readonly schema: string;
}

const LONGEST_NAME = 32;

/** The text of `hms.yaml`. */
export function draftFleet(found: Found, { owner, schema }: DraftOptions): string {
  const names = new Names();
  const agents = [
    ...found.clients.map(client => clientAgent(client, names, found.git, found.clients.length > 1)),
    ...found.tasks.map(task => taskAgent(task, names)),
  ];
  if (agents.length === 0) agents.push(shellAgent(found.shell, names));
  return `${[
    `# yaml-language-server: $schema=${schema.replace(/[\r\n]/g, '')}`,
    '#',
    '# Written by hms-tui init from what it found here; it is yours to change.',
    '#   hms config check    says what is wrong with it          hms        starts it and opens the console',
    '#   hms reload          shows and applies what you changed  hms down   ends it',
    ...found.notes.map(note => `# Not used: ${oneLine(note, 100)}.`),
    'version: 1',
    `fleet: ${slug(basename(found.dir), 'fleet')}`,
    '',
    'agents:',
    agents.join('\n\n'),
    '',
    ...(found.clients.length === 0 ? clientHint : []),
    ...people(owner),
    '# A request that nobody answers ends as expired, never as approved.',
    'approvals: { ttl: 10m }',
    '',
    '# Without policies: reading passes, the ruinous is forbidden, everything else waits for one person.',
    '# policies: [policy.cedar]     # hms policy show prints the default to start from',
  ].join('\n')}\n`;
}

const clientHint = [
  '  # No AI client was found (claude, codex, gemini, opencode, …). With Claude Code installed:',
  '  # coder:',
  '  #   driver: claude            # held through its own hooks; your settings stay untouched',
  '  #   prompt: Fix the failing tests.',
  '',
];

/** Several at work in one folder overwrite each other: in a repository each gets a tree of its own. */
function worktreeLine(git: boolean, several: boolean): readonly string[] {
  if (!git) return [];
  const about = '# works on a branch and in a folder of its own: hms worktree';
  return [several ? `    worktree: true              ${about}` : `    # worktree: true            ${about}`];
}

function clientAgent({ name, version }: FoundProgram, names: Names, git: boolean, several: boolean): string {
  const id = names.take(name, 'agent');
  const about = version === '' ? '' : `   # ${comment(version)}`;
  if (name === 'claude') {
    return [
      `  ${id}:${about}`,
      '    driver: claude              # its tool calls are held through its own hooks',
      '    # prompt: Fix the failing tests.',
      '    gate: ask                   # ask: people decide; observe: only written down; off: no gate',
      '    restart: on-failure         # comes back with its conversation when it crashes',
      ...worktreeLine(git, several),
    ].join('\n');
  }
  return [
    `  ${id}:${about}`,
    `    command: [${scalar(name)}]`,
    '    gate: ask                   # held only where it asks by itself: hms gate run -- COMMAND',
    '    restart: on-failure',
    ...worktreeLine(git, several),
  ].join('\n');
}

function taskAgent({ from, name, command, lasts }: Task, names: Names): string {
  const words = typeof command === 'string' ? scalar(command) : `[${command.map(scalar).join(', ')}]`;
  const id = names.take(name, 'task');
  const restart = lasts
    ? '    restart: { when: always, max: 5, within: 1m }   # then a person is asked'
    : `    restart: never              # runs once; again: hms agent restart ${id}`;
  return [
    `  ${id}:`,
    `    title: ${scalar(oneLine(`${name} of ${from}`, 60))}`,
    `    command: ${words}`,
    restart,
  ].join('\n');
}

function shellAgent(shell: string, names: Names): string {
  return [
    `  ${names.take('shell', 'shell')}:`,
    '    title: a shell to work in',
    `    command: [${scalar(shell)}]`,
    '    restart: always',
  ].join('\n');
}

function people(owner: string): readonly string[] {
  if (!OperatorId.safeParse(owner).success) {
    return [
      `# Your account's name (${comment(owner)}) cannot be an operator's: you are the lead without an entry.`,
      '',
    ];
  }
  return [
    '# Who may attach. viewer: looks; operator: decides and types; lead: may also override a forbid.',
    'operators:',
    `  ${scalar(owner)}: lead`,
    '',
  ];
}

/** Names of agents: each once, whatever they are made from. */
class Names {
  readonly #taken = new Set<string>();

  take(text: string, otherwise: string): string {
    const name = slug(text, otherwise);
    for (let n = 1; ; n += 1) {
      const ending = n === 1 ? '' : `-${n}`;
      const candidate = `${name.slice(0, LONGEST_NAME - ending.length)}${ending}`;
      if (this.#taken.has(candidate)) continue;
      this.#taken.add(candidate);
      return candidate;
    }
  }
}

/** A name of a-z, 0-9 and - that starts with a letter, from any text. Words of YAML's own are no names. */
export function slug(text: string, otherwise: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, LONGEST_NAME)
    .replace(/-+$/, '');
  if (plain === '') return otherwise;
  return RESERVED.test(plain) ? `${plain}-1` : plain;
}

const RESERVED = /^(y|n|yes|no|on|off|true|false|null)$/i;

/** Text as YAML takes it back unchanged: bare where nothing can be mistaken, else in double quotes. */
function scalar(text: string): string {
  if (/^[A-Za-z_./][A-Za-z0-9_./@+-]*$/.test(text) && !RESERVED.test(text) && text !== '.') return text;
  // JSON's quotes are YAML's; what could hide in the file or end a line there is written out.
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff\ufff9-\ufffb]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function comment(text: string): string {
  return neutralise(oneLine(text, 80)).replace(/\n/g, ' ');
}
