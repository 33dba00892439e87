/** What a folder and a machine offer for a fleet: agents' programs, and what the project starts and tests itself with. */
import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { canRun } from './program.ts';
import { programVersion } from './program-version.ts';
import { inRepository } from './repository.ts';

export interface FoundProgram {
  readonly name: string;
  /** As it says itself, '' when it does not. */
  readonly version: string;
}

export interface Found {
  readonly dir: string;
  /** The folder, or one above it, is a git repository. */
  readonly git: boolean;
  /** AI clients and shells that are installed. */
  readonly clients: readonly FoundProgram[];
  readonly shell: string;
  /** What the project can start: in the order of its files. */
  readonly tasks: readonly Task[];
  /** Things that were there and are of no use, in words. */
  readonly notes: readonly string[];
}

/** Something the project itself can run. */
export interface Task {
  /** Where it was found: `package.json`. */
  readonly from: string;
  readonly name: string;
  /** A list is run as it is, text by sh -c. */
  readonly command: string | readonly string[];
  /** Goes on until it is stopped; else it runs once. */
  readonly lasts: boolean;
}

/** AI clients that work in a terminal, by the name of their program. */
export const CLIENTS = [
  'claude',
  'codex',
  'gemini',
  'opencode',
  'aider',
  'cursor-agent',
  'qwen',
  'goose',
  'amp',
];

/** Longer files are not project files we could read. */
const MOST_BYTES = 1 << 20;
/** Of one file. */
const MOST_TASKS = 6;

export async function lookAround(dir: string, env: NodeJS.ProcessEnv): Promise<Found> {
  const has = (program: string): boolean => canRun(program, dir, env['PATH'] ?? '');
  const notes: string[] = [];
  const [clients, git, ...tasks] = await Promise.all([
    installed(CLIENTS, env),
    inRepository(dir),
    scripts(dir, has, notes),
    procfile(dir),
    make(dir, has, notes),
    cargo(dir, has, notes),
    compose(dir, has, notes),
  ]);
  return { dir, git, clients, shell: env['SHELL'] || '/bin/sh', tasks: tasks.flat(), notes };
}

/** Which of these programs there are, with their versions. Asked all at once. */
export async function installed(
  names: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly FoundProgram[]> {
  const there = names.filter(name => canRun(name, '/', env['PATH'] ?? ''));
  return Promise.all(there.map(async name => ({ name, version: await programVersion(name, env) })));
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The text of a file of the folder; undefined when there is none, or none that we would read. */
async function textOf(dir: string, ...names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    // Without blocking, so that a pipe of that name does not keep us.
    const file = await open(join(dir, name), constants.O_RDONLY | constants.O_NONBLOCK).catch(
      () => undefined,
    );
    if (!file) continue;
    try {
      const found = await file.stat();
      if (found.isFile() && found.size <= MOST_BYTES) return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  }
  return undefined;
}

const Package = z.object({ scripts: z.record(z.string(), z.unknown()).default({}) });

/** What goes on by itself, by its name: `dev`, `dev:web`, `test:watch`. `start` counts where there is no `dev`. */
const SERVES = /^(dev|serve|watch|start|worker|storybook)([:._-].*)?$|[:._-](watch|dev)$/;
const TESTS = /^(test|check|lint|typecheck)$/;

async function scripts(
  dir: string,
  has: (program: string) => boolean,
  notes: string[],
): Promise<readonly Task[]> {
  const text = await textOf(dir, 'package.json');
  if (text === undefined) return [];
  const names = Object.entries(parsed(text)).flatMap(([name, run]) =>
    typeof run === 'string' ? [name] : [],
  );
  const manager = await packageManager(dir);
  const serving = names.filter(name => SERVES.test(name));
  const wanted = serving.some(name => /^dev/.test(name))
    ? serving.filter(name => !/^start/.test(name))
    : serving;
  const tests = names.filter(name => TESTS.test(name) && !names.includes(`${name}:watch`));
  const tasks = [
    ...wanted.map(name => ({ name, lasts: true })),
    ...tests.map(name => ({ name, lasts: false })),
  ];
  if (tasks.length > 0 && !has(manager))
    notes.push(`package.json has scripts, but ${manager} is not installed`);
  return tasks
    .slice(0, MOST_TASKS)
    .map(({ name, lasts }) => ({ from: 'package.json', name, command: [manager, 'run', name], lasts }));
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return Package.safeParse(JSON.parse(text)).data?.scripts ?? {};
  } catch {
    return {};
  }
}

async function packageManager(dir: string): Promise<string> {
  const locks = [
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
    ['bun.lock', 'bun'],
    ['bun.lockb', 'bun'],
  ] as const;
  for (const [lock, manager] of locks) {
    if (await isThere(join(dir, lock))) return manager;
  }
  return 'npm';
}

async function procfile(dir: string): Promise<readonly Task[]> {
  const text = (await textOf(dir, 'Procfile.dev', 'Procfile')) ?? '';
  const entries = [...text.matchAll(/^([A-Za-z0-9_-]+):[ \t]*(\S[^\n\r]*)$/gm)];
  return entries
    .slice(0, MOST_TASKS)
    .map(([, name = '', command = '']) => ({ from: 'Procfile', name, command, lasts: true }));
}

async function make(
  dir: string,
  has: (program: string) => boolean,
  notes: string[],
): Promise<readonly Task[]> {
  const text = await textOf(dir, 'GNUmakefile', 'makefile', 'Makefile');
  if (text === undefined) return [];
  const targets = [...text.matchAll(/^([A-Za-z0-9_.-]+)[ \t]*:(?![:=])/gm)].map(([, name = '']) => name);
  const useful = [...new Set(targets)].filter(
    name => /^run$/.test(name) || SERVES.test(name) || TESTS.test(name),
  );
  if (useful.length > 0 && !has('make')) {
    notes.push('there is a Makefile, but make is not installed');
    return [];
  }
  return useful
    .slice(0, MOST_TASKS)
    .map(name => ({ from: 'Makefile', name, command: ['make', name], lasts: !TESTS.test(name) }));
}

async function cargo(
  dir: string,
  has: (program: string) => boolean,
  notes: string[],
): Promise<readonly Task[]> {
  if ((await textOf(dir, 'Cargo.toml')) === undefined) return [];
  const from = 'Cargo.toml';
  if (!has('cargo')) {
    notes.push('there is a Cargo.toml, but cargo is not installed');
    return [];
  }
  return has('cargo-watch')
    ? [{ from, name: 'cargo-watch', command: ['cargo', 'watch', '-x', 'check', '-x', 'test'], lasts: true }]
    : [{ from, name: 'cargo-test', command: ['cargo', 'test'], lasts: false }];
}

async function compose(
  dir: string,
  has: (program: string) => boolean,
  notes: string[],
): Promise<readonly Task[]> {
  const text = await textOf(dir, 'compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml');
  if (text === undefined) return [];
  const from = 'compose file';
  if (!has('docker')) {
    notes.push('there is a compose file, but docker is not installed');
    return [];
  }
  return isMap(text) ? [{ from, name: 'compose', command: ['docker', 'compose', 'up'], lasts: true }] : [];
}

function isMap(text: string): boolean {
  try {
    const value: unknown = parse(text, { maxAliasCount: 100 });
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
