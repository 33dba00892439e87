/** `hms-tui demo`: the demo fleet in a throw-away repository, with a console or played headless. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { type FleetPaths, fleetPaths } from '../fleet/paths.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import { openConsole } from './attach.ts';
import { down } from './down.ts';
import { answers, refuseAgents } from './operator-link.ts';
import { print, say } from './output.ts';
import { up } from './up.ts';

const run = promisify(execFile);

interface DemoOptions {
  readonly headless?: boolean;
  readonly json?: boolean;
  readonly keep?: boolean;
}

export function demoCommand(hms: string): Command {
  return new Command('demo')
    .description('six scripted agents in a throw-away git repository: no network, no model, no cost')
    .option('--headless', 'no console: a scripted operator answers, the story is printed')
    .option('--json', 'with --headless: print only one JSON line at the end')
    .option('--keep', 'keep the folder and the journal afterwards')
    .action((options: DemoOptions) => playDemo(hms, options));
}

/** Plays the demo and takes everything away again. Sets the exit code by whether the headless story went as told. */
export async function playDemo(hms: string, options: DemoOptions): Promise<void> {
  // What it starts it could not end from there.
  refuseAgents();
  const headless = options.headless ?? !process.stdout.isTTY;
  if (!headless) say('Starting the demo fleet: six scripted agents in a throw-away repository…');
  const dir = await stageDemo(hms);
  const paths = fleetPaths('demo', dir);
  const release = endOnSignal(() => endDemo(paths, dir, options.keep ?? false));
  try {
    if (headless) process.env.HMS_DEMO_BEAT ??= '0.3';
    const begun = Date.now();
    await up(join(dir, 'hms.yaml'), hms);
    if (headless) {
      const { playStory } = await import('./demo-story.ts');
      const result = await playStory(dir, begun, options.json ? () => {} : print);
      print(JSON.stringify(result));
      process.exitCode = result.ok ? 0 : 1;
    } else {
      await openConsole(paths.operatorSocket, {
        farewell: 'The demo ends here, and takes its agents and its folder with it.',
      });
    }
  } finally {
    release();
    await endDemo(paths, dir, options.keep ?? false);
    if (options.keep) say(`Kept: ${dir} and ${paths.state}`);
  }
}

/** A fresh copy of the demo in a temporary folder, as a git repository with one commit. */
async function stageDemo(hms: string): Promise<string> {
  const source = join(dirname(dirname(await realpath(hms))), 'examples', 'demo');
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'hms-demo-')));
  await cp(source, dir, { recursive: true });
  await cp(join(dir, 'seed'), dir, { recursive: true });
  await rm(join(dir, 'seed'), { recursive: true });
  await writeFile(join(dir, '.gitignore'), 'agents/\nhms.yaml\nscratch.img\n');
  const git = (...args: string[]) => run('git', args, { cwd: dir });
  try {
    await git('init', '--quiet');
    await git('config', 'user.name', 'Demo');
    await git('config', 'user.email', 'demo@example.invalid');
    await git('config', 'commit.gpgsign', 'false');
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'Start');
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw new HmsError('no-git', `the demo needs git: ${wordsOf(error).split('\n')[0]}`, 'install git', {
      cause: error,
    });
  }
  return dir;
}

async function endDemo(paths: FleetPaths, dir: string, keep: boolean): Promise<void> {
  if (await answers(paths.operatorSocket)) await down({ fleet: dir, client: 'demo' });
  if (keep) return;
  for (const folder of [dir, paths.state, paths.run])
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Ctrl-C or a hang-up must not leave six agents behind. */
function endOnSignal(end: () => Promise<void>): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    void end().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
