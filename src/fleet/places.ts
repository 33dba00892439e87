/** Whether the folders, files and programs a fleet file names are there. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AgentConfig } from '../model/fleet.ts';
import type { Finding } from './issue.ts';
import { canRun } from './program.ts';
import { inRepository } from './repository.ts';

export interface Surroundings {
  /** Folder of the fleet file. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Relative to the fleet file; `~/` is the home folder. */
export function absolute(path: string, { dir, env }: Surroundings): string {
  const home = env['HOME'];
  if (home && (path === '~' || path.startsWith('~/'))) return resolve(home, path.slice(2));
  return resolve(dir, path);
}

export async function missingFolder(
  id: string,
  agent: AgentConfig,
  around: Surroundings,
): Promise<readonly Finding[]> {
  const path = ['agents', id, 'cwd'];
  const folder = absolute(agent.cwd, around);
  const there = await lookAt(folder);
  if (there === 'folder') return [];
  if (there === 'file') return [{ path, reason: `${folder} is a file, not a folder`, hint: '' }];
  return [
    {
      path,
      reason: `there is no folder ${folder}`,
      hint: 'make it, or correct the path; it is relative to the fleet file',
    },
  ];
}

export async function missingPolicy(
  at: number,
  policy: string,
  around: Surroundings,
): Promise<readonly Finding[]> {
  const path = ['policies', at];
  const file = absolute(policy, around);
  const there = await lookAt(file);
  if (there === 'folder')
    return [{ path, reason: `${file} is a folder, not a file`, hint: 'name each .cedar file' }];
  if (there === 'nothing') {
    return [{ path, reason: `there is no file ${file}`, hint: 'it is relative to the fleet file' }];
  }
  if (await readable(file)) return [];
  return [{ path, reason: `${file} may not be read`, hint: 'change its permissions' }];
}

/** A program that is not installed is a warning: it may come while the fleet runs, and other agents can work. */
export function missingProgram(id: string, agent: AgentConfig, around: Surroundings): readonly Finding[] {
  const given = agent.command ?? (agent.driver === 'claude' ? ['claude'] : []);
  // A string is a shell's to read, and `exec`, `cd` or a variable would all look like missing programs.
  const program = typeof given === 'string' ? undefined : given[0];
  const searched = agent.env['PATH'] ?? around.env['PATH'] ?? '';
  if (!program || canRun(program, absolute(agent.cwd, around), searched)) return [];
  const path = agent.command === undefined ? ['agents', id] : ['agents', id, 'command'];
  return [{ path, atKey: true, reason: `there is no program "${program}"`, hint: hintForProgram(program) }];
}

/** What a worktree of its own takes is a warning too: the repository may come before the agent is started. */
export async function missingRepository(
  id: string,
  agent: AgentConfig,
  around: Surroundings,
): Promise<readonly Finding[]> {
  if (agent.worktree === false) return [];
  const path = ['agents', id, 'worktree'];
  const folder = absolute(agent.cwd, around);
  if (!canRun('git', folder, around.env['PATH'] ?? '')) {
    return [
      { path, atKey: true, reason: 'a worktree needs git, and it is not installed', hint: 'install git' },
    ];
  }
  if (await inRepository(folder)) return [];
  const hint = 'git init there and commit, or take this line out';
  return [{ path, atKey: true, reason: `${folder} is in no git repository`, hint }];
}

function hintForProgram(program: string): string {
  if (program === 'claude') return 'install it: npm install -g @anthropic-ai/claude-code';
  return /\s/.test(program)
    ? 'write each argument by itself: [npm, test]'
    : 'install it, or give its full path';
}

async function readable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function lookAt(path: string): Promise<'file' | 'folder' | 'nothing'> {
  return stat(path).then(
    found => (found.isDirectory() ? 'folder' : 'file'),
    () => 'nothing' as const,
  );
}
