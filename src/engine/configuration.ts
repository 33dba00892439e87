/** What a fleet runs by: its file, its policies, and the policy made of them. Read from the files, or as it was kept. */
import { readFile, stat } from 'node:fs/promises';
import type { SupervisedAgent } from '../cells/supervisor/supervised.ts';
import { drivers } from '../drivers/index.ts';
import type { WithPolicies } from '../fleet/changes.ts';
import { FleetFileError, issueText } from '../fleet/issue.ts';
import { keptConfiguration, revisionOf } from '../fleet/kept.ts';
import { type LoadedFleet, loadFleet, shownPath } from '../fleet/load.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { loadPolicy } from '../gate/policy.ts';
import { PolicyError, problemText } from '../gate/policy-source.ts';
import type { Policy, PolicyProblem } from '../gate/types.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Digest } from '../model/ids.ts';

export interface Configuration extends WithPolicies {
  readonly policy: Policy;
  readonly warnings: readonly PolicyProblem[];
  readonly revision: Digest;
}

/** The agents it names, as they are supervised. */
export function supervised({ fleet }: Configuration): readonly SupervisedAgent[] {
  return fleet.agents.map(({ id, config, cwd }) => ({ id, config, driver: drivers[config.driver], cwd }));
}

/** It declares nobody: any name may attach. */
export function isOpen({ fleet }: Configuration): boolean {
  return Object.keys(fleet.config.operators).length === 0;
}

/** A policy longer than this is none. */
const MAX_BYTES = 1 << 20;

/** With the policies as they are on disk. Throws PolicyError, HmsError `policy-unreadable`. */
export async function configurationOf(fleet: LoadedFleet): Promise<Configuration> {
  const policies = await Promise.all(fleet.policies.map(async file => ({ file, text: await textOf(file) })));
  return withPolicy({ fleet, policies });
}

async function withPolicy(given: WithPolicies): Promise<Configuration> {
  const { policy, warnings } = await loadPolicy(given.policies);
  return { ...given, policy, warnings, revision: revisionOf(given) };
}

async function textOf(file: string): Promise<string> {
  const no = (why: string, cause?: unknown) =>
    new HmsError('policy-unreadable', `cannot read the policy ${file}: ${why}`, '', { cause });
  const found = await stat(file).catch((error: unknown) => {
    throw no(wordsOf(error), error);
  });
  if (!found.isFile() || found.size > MAX_BYTES) throw no('it is no regular file of at most 1 MiB');
  return readFile(file, 'utf8');
}

/**
 * What the files say now, or every problem they have, as `file:line:col: …`. A fleet keeps its name while it runs: its
 * sockets and its journal are found by it.
 */
export async function readConfiguration(
  file: string,
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<Configuration | readonly string[]> {
  try {
    const fleet = await loadFleet(file, env);
    if (fleet.config.fleet !== name) return [renamed(file, name, fleet.config.fleet).message];
    return await configurationOf(fleet);
  } catch (error) {
    return problemsOf(error);
  }
}

export function renamed(file: string, from: string, to: string): HmsError {
  const words = `${shownPath(file, process.cwd())} now calls the fleet ${to}, and it runs as ${from}`;
  return new HmsError('renamed', words, 'hms down, then hms up');
}

/** In lines for people. Throws what is no problem of the files. */
export function problemsOf(error: unknown): readonly string[] {
  if (error instanceof FleetFileError) return capped(error.issues.map(issue => issueText(error.file, issue)));
  if (error instanceof PolicyError)
    return capped(error.problems.filter(p => p.severity === 'error').map(problemText));
  if (error instanceof HmsError) return [error.message];
  throw error;
}

/** They go into the journal: a file that is no fleet file at all has thousands. */
const MOST_PROBLEMS = 50;

function capped(problems: readonly string[]): readonly string[] {
  if (problems.length <= MOST_PROBLEMS) return problems;
  return [...problems.slice(0, MOST_PROBLEMS), `and ${problems.length - MOST_PROBLEMS} more`];
}

interface Choice {
  readonly configuration: Configuration;
  /** Why it is not what the file says: its problems. */
  readonly instead: readonly string[];
}

/**
 * What an engine that starts goes by. The file, when a person has just started it or nothing else was agreed to; else
 * what was in force: a file that changed behind an engine's back waits for consent like any other change, and one that
 * is broken keeps nobody down. Throws the file's own problem when nothing was kept.
 *
 * @param agreed the revision that was last in force
 */
export async function chooseConfiguration(
  agreed: string | undefined,
  paths: FleetPaths,
  read: LoadedFleet | HmsError,
  consented: boolean,
  env: NodeJS.ProcessEnv,
): Promise<Choice> {
  const fresh = read instanceof HmsError ? read : await configurationOf(read).catch(asHmsError);
  if (!(fresh instanceof HmsError) && (consented || agreed === undefined || fresh.revision === agreed)) {
    return { configuration: fresh, instead: [] };
  }
  const kept = agreed === undefined ? undefined : await keptConfiguration(paths, agreed, env);
  if (kept) {
    return {
      configuration: await withPolicy(kept),
      instead: fresh instanceof HmsError ? problemsOf(fresh) : [],
    };
  }
  if (fresh instanceof HmsError) throw fresh;
  return { configuration: fresh, instead: [] };
}

function asHmsError(error: unknown): HmsError {
  if (error instanceof HmsError) return error;
  throw error;
}
