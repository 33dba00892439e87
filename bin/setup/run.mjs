/** What npm start and npm test do once everything is there. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { cwd, env, stdin, stdout } from 'node:process';
import { nodeOf } from './dependencies.mjs';
import { say } from './say.mjs';

/**
 * What npm start runs. `here` is where npm was called, which is where the fleet file is looked for.
 * @param {{ args: readonly string[], terminal: boolean, here: string }} asked
 */
export function planRun({ args, terminal, here }) {
  if (args.length > 0) return { args, say: '' };
  if (!terminal)
    return { args: ['demo', '--headless'], say: 'no terminal here: playing the demo without one' };
  const file = fleetFile(here);
  return {
    args,
    say: file ? `opening the console on ${file}` : 'opening the console on the demo fleet (no hms.yaml here)',
  };
}

/** The nearest fleet file, for the message only: the program looks for itself. @param {string} dir @returns {string | undefined} */
function fleetFile(dir) {
  const file = ['hms.yaml', 'hms.yml'].map(name => join(dir, name)).find(path => existsSync(path));
  if (file || dir === env.HOME || dir === dirname(dir)) return file;
  return fleetFile(dirname(dir));
}

/** @param {string} root @param {readonly string[]} given */
export async function runProgram(root, given) {
  const here = env.INIT_CWD ?? cwd();
  const plan = planRun({ args: given, terminal: stdin.isTTY === true && stdout.isTTY === true, here });
  if (plan.say) say(plan.say);
  return follow(join(root, 'bin', 'hms-tui'), plan.args, here);
}

/**
 * All tests, with coverage; with arguments, those that vitest finds by them. The report for machines lies in
 * .cache/tests.json.
 * @param {string} root @param {readonly string[]} args
 */
export async function runTests(root, args) {
  say(args.length > 0 ? 'running the tests asked for' : 'running all tests');
  const report = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(root, '.cache', 'tests.json')}`,
  ];
  const all = args.length > 0 ? [] : ['--coverage'];
  return follow(
    nodeOf(root),
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...report, ...all, ...args],
    root,
  );
}

/**
 * Runs a program in our place and gives its exit code. Keyboard signals reach it by itself, being in the same group.
 * @param {string} program @param {readonly string[]} args @param {string} folder @returns {Promise<number>}
 */
function follow(program, args, folder) {
  const child = spawn(program, args, { cwd: folder, stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGQUIT'])) process.on(signal, () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
