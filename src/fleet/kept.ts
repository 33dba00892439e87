/**
 * The last good configuration, kept whole in the state folder under its revision, so that a fleet file that is broken
 * while an engine starts again does not keep the engine down.
 */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { errnoOf, HmsError } from '../model/errors.ts';
import type { Digest } from '../model/ids.ts';
import { digestOf } from './bytes.ts';
import type { PolicyText, WithPolicies } from './changes.ts';
import { checkFleet } from './check.ts';
import { shownPath } from './load.ts';
import type { FleetPaths } from './paths.ts';
import { writeWhole } from './whole-file.ts';

const Kept = z.object({
  file: z.string().min(1),
  text: z.string(),
  policies: z.array(z.object({ file: z.string(), text: z.string() })),
});

/** How many older ones stay: what an operator may want to look at again. */
const OLDER_KEPT = 20;

/** Names a configuration: SHA-256 over the texts of the fleet file and of its policies. */
export function revisionOf({ fleet, policies }: WithPolicies): Digest {
  return digestOf(
    JSON.stringify([digestOf(fleet.text), policies.map(({ file, text }) => [file, digestOf(text)])]),
  );
}

const folder = (paths: FleetPaths): string => join(paths.state, 'config');
const place = (paths: FleetPaths, revision: string): string => join(folder(paths), `${revision}.json`);

/** Whole or not at all, 0600. It must be there before the journal says that it is in force. */
export async function keepConfiguration(paths: FleetPaths, configuration: WithPolicies): Promise<void> {
  const { fleet, policies } = configuration;
  await mkdir(folder(paths), { recursive: true, mode: 0o700 });
  const path = place(paths, revisionOf(configuration));
  if (await readKept(path)) return;
  await writeWhole(path, JSON.stringify({ file: fleet.file, text: fleet.text, policies }));
  await forgetOlder(paths);
}

/** By name they have no order: what was written first goes first. */
async function forgetOlder(paths: FleetPaths): Promise<void> {
  const names = await readdir(folder(paths));
  const dated = await Promise.all(
    names.map(async name => {
      const path = join(folder(paths), name);
      return {
        path,
        at: await stat(path).then(
          found => found.mtimeMs,
          () => 0,
        ),
      };
    }),
  );
  const older = dated.toSorted((a, b) => b.at - a.at).slice(OLDER_KEPT);
  await Promise.all(older.map(({ path }) => rm(path, { force: true })));
}

/**
 * The configuration of that revision, undefined when it was not kept. Folders it names are not looked for: an agent
 * whose folder is gone says so itself. Throws HmsError `kept-changed` when its bytes are not those of the revision.
 */
export async function keptConfiguration(
  paths: FleetPaths,
  revision: string,
  env: NodeJS.ProcessEnv,
): Promise<WithPolicies | undefined> {
  const kept = await readKept(place(paths, revision));
  if (!kept) return undefined;
  const { file, text } = kept;
  const policies: readonly PolicyText[] = kept.policies;
  const source = { file, text, digest: digestOf(text) };
  const fleet = await checkFleet(source, shownPath(file, process.cwd()), env, { places: false });
  const configuration = { fleet, policies };
  if (revisionOf(configuration) === revision) return configuration;
  throw new HmsError(
    'kept-changed',
    `the kept configuration ${place(paths, revision)} is not what it was`,
    'remove it',
  );
}

async function readKept(path: string): Promise<z.infer<typeof Kept> | undefined> {
  try {
    return Kept.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
