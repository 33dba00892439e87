/** `hms init`: writes a first fleet file from what is installed and what is in the folder. */
import { lstat, realpath, rename, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import type { Found } from '../fleet/found.ts';
import { errnoOf, HmsError } from '../model/errors.ts';
import { neutralise, plural } from '../model/text.ts';
import { asked, canAsk } from './ask.ts';
import { refuseAgents } from './operator-link.ts';
import { print, say } from './output.ts';

interface Options {
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

const NAME = 'hms.yaml';

export function initCommand(hms: string): Command {
  return new Command('init')
    .description('write a first hms.yaml from what is installed and what is in this folder')
    .option('--force', 'write over the fleet file that is there')
    .option('-y, --yes', 'write without asking')
    .option('--dry-run', 'print it, write nothing')
    .action((options: Options) => init(process.cwd(), hms, options));
}

async function init(dir: string, hms: string, options: Options): Promise<void> {
  refuseAgents();
  const there = await present(dir);
  if (there && !options.force && !options.dryRun) {
    throw new HmsError(
      'exists',
      `there is a ${there} here already`,
      '--force writes over it, --dry-run only shows',
    );
  }
  const [{ lookAround }, { draftFleet }] = await Promise.all([
    import('../fleet/found.ts'),
    import('../fleet/draft.ts'),
  ]);
  const found = await lookAround(dir, process.env);
  for (const line of findings(found)) say(line);
  const text = draftFleet(found, { owner: userInfo().username, schema: await schemaPlace(dir, hms) });
  await accepted(join(dir, NAME), text);
  print(text.trimEnd());
  if (options.dryRun) return;
  if (!options.yes && !(await agreed(there))) {
    process.exitCode = 1;
    return say('Nothing was written. With --yes it is, without a question.');
  }
  await write(join(dir, there ?? NAME), text, options.force ?? false);
  say(`Wrote ${there ?? NAME}. Next: hms config check, then hms to start it and open the console.`);
}

/** Without a terminal nobody can be asked: a new file harms nobody, one that is there is not written over. */
async function agreed(there: string | undefined): Promise<boolean> {
  if (there) return asked(`Write it over ${there}? [y/N] `, false);
  return !canAsk() || asked(`Write ${NAME}? [Y/n] `, true);
}

async function present(dir: string): Promise<string | undefined> {
  for (const name of [NAME, 'hms.yml']) {
    const found = await lstat(join(dir, name)).catch(() => undefined);
    if (found) return name;
  }
  return undefined;
}

function findings({ dir, git, clients, tasks, notes }: Found): readonly string[] {
  return [
    `${neutralise(dir)}${git ? ', a git repository' : ''}`,
    ...clients.map(({ name, version }) => `  ✓ ${name}${version ? ` (${version})` : ''}`),
    ...tasks.map(({ from, name }) => `  ✓ ${neutralise(name)} of ${from}`),
    ...notes.map(note => `  – ${neutralise(note)}`),
    `${plural(clients.length + tasks.length || 1, 'agent')}:`,
  ];
}

/** The draft must pass the check that everything else passes; where it does not, the fault is ours, and is told. */
async function accepted(file: string, text: string): Promise<void> {
  const [{ checkFleet }, { digestOf }] = await Promise.all([
    import('../fleet/check.ts'),
    import('../fleet/bytes.ts'),
  ]);
  await checkFleet({ file, text, digest: digestOf(text) }, NAME, process.env);
}

/** Beside the project where hms-tui is installed there, else where this program lies. */
async function schemaPlace(dir: string, hms: string): Promise<string> {
  const { SCHEMA_FILE } = await import('../fleet/schema.ts');
  const local = join('node_modules', 'hms-tui', SCHEMA_FILE);
  const isLocal = await lstat(join(dir, local)).then(
    found => found.isFile(),
    () => false,
  );
  if (isLocal) return `./${local}`;
  return join(dirname(dirname(await realpath(hms))), SCHEMA_FILE);
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    if (!force) return await writeFile(file, text, { flag: 'wx' });
    const fresh = `${file}.${process.pid}`;
    await writeFile(fresh, text, { flag: 'wx' });
    await rename(fresh, file);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST')
      throw new HmsError('exists', `${file} has come there meanwhile`, 'look at it first');
    throw new HmsError('cannot-write', `cannot write ${file}: ${errno ?? error}`, 'check the folder', {
      cause: error,
    });
  }
}
