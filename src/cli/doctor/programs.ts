/** Programs the house stands on or works with: Node, tmux, a sandbox, git, a compiler, agents' own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENTS, installed } from '../../fleet/found.ts';
import { canRun } from '../../fleet/program.ts';
import { programVersion } from '../../fleet/program-version.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import { openNative } from '../../processes/native.ts';
import { findNative, nativeRemedy } from '../../processes/native-program.ts';
import { cleanEnvironment, findTmux, runTmux } from '../../tmux/program.ts';
import { checkFeatures } from '../../tmux/start-server.ts';
import { bad, type Check, ok, type Surroundings, warn } from './check.ts';

const NODE_LEAST = 24;
/** How long a probe of a sandbox may take, ms. */
const PROBE_MS = 3000;

export function node(version: string = process.versions.node, path: string = process.execPath): Check {
  const says = `Node ${version} (${path})`;
  return Number(version.split('.')[0]) >= NODE_LEAST
    ? ok('node', says)
    : bad('node', says, `install Node ${NODE_LEAST} or later`);
}

/** A server of its own is asked what it can do, and goes with the question. */
export async function tmux({ env }: Surroundings): Promise<Check> {
  let program: string;
  try {
    program = findTmux(env);
  } catch (error) {
    return bad('tmux', wordsOf(error), error instanceof HmsError ? error.hint : '');
  }
  const dir = await mkdtemp(join(tmpdir(), 'hms-doctor-'));
  try {
    const place = { program, socket: join(dir, 's'), env: cleanEnvironment(env) };
    const asked = [
      '-f',
      '/dev/null',
      'start-server',
      ';',
      'display-message',
      '-p',
      '#{version}',
      ';',
      'list-commands',
    ];
    const [version = '', ...usage] = (await runTmux(place, asked)).split('\n');
    checkFeatures(usage);
    const says = `tmux ${version} (${program}) has every feature that is needed`;
    if (atLeast(version, 3, 7)) return ok('tmux', says);
    return warn(
      'tmux',
      says,
      'before 3.7 it can die when clients come and go; the fleet then comes back, but 3.7 does not (docs/tmux.md)',
    );
  } catch (error) {
    return bad('tmux', wordsOf(error), error instanceof HmsError ? error.hint : '');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** `3.7`, `3.7a`, `next-3.8`. For advice only: what a tmux can do is asked of it. */
export function atLeast(version: string, major: number, minor: number): boolean {
  const [, a = '0', b = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(a) > major || (Number(a) === major && Number(b) >= minor);
}

/** Tried, not guessed: a program that is there may still not be allowed to. */
export async function sandbox({ env, platform }: Surroundings): Promise<Check> {
  const works = async (program: string, args: readonly string[]): Promise<boolean> =>
    canRun(program, '/', env['PATH'] ?? '') &&
    (await programVersion(program, env, { args: [...args, 'echo', '1'], deadlineMs: PROBE_MS })) === '1';
  if (platform === 'darwin') {
    return (await works('sandbox-exec', ['-p', '(version 1)(allow default)']))
      ? ok('sandbox', 'sandbox-exec works')
      : warn(
          'sandbox',
          'sandbox-exec does not work here',
          'agents run with all your rights: see docs/security.md',
        );
  }
  if (await works('bwrap', ['--ro-bind', '/', '/', '--dev', '/dev', '--unshare-all']))
    return ok('sandbox', 'bubblewrap works');
  if (await works('unshare', ['--user', '--map-root-user', '--mount'])) {
    return warn('sandbox', 'user namespaces work, bubblewrap is not there', 'install bubblewrap (bwrap)');
  }
  const why = canRun('bwrap', '/', env['PATH'] ?? '')
    ? 'bubblewrap is there and may not make namespaces'
    : 'neither bubblewrap nor user namespaces';
  return warn('sandbox', why, 'agents run with all your rights: see docs/security.md');
}

export async function git({ env }: Surroundings): Promise<Check> {
  const version = canRun('git', '/', env['PATH'] ?? '') ? await programVersion('git', env) : '';
  if (version === '') return warn('git', 'git is not installed', 'worktrees and the demo need it');
  return atLeast(version, 2, 38)
    ? ok('git', version)
    : warn('git', version, 'conflicts of a merge are foreseen from git 2.38 on');
}

export async function cargo({ env }: Surroundings): Promise<Check> {
  const version = canRun('cargo', '/', env['PATH'] ?? '') ? await programVersion('cargo', env) : '';
  return version
    ? ok('cargo', version)
    : warn('cargo', 'there is no Rust compiler', 'only the native helper needs one');
}

/** Asked by starting it: which version it is, and what this machine lets it do. */
export async function helper({ env }: Surroundings): Promise<Check> {
  const program = findNative(env);
  if (!program)
    return warn(
      'native-helper',
      'it is not built: hooks start Node each, chaos is limited',
      nativeRemedy(env),
    );
  try {
    const native = await openNative(program, { env });
    native.close();
    const { version, capabilities } = native.welcome;
    const can = capabilities.filter(({ available }) => available).map(({ name }) => name);
    const cannot = capabilities.filter(({ available }) => !available);
    const says = `${version} (${program}) can ${can.join(', ')}`;
    if (cannot.length === 0) return ok('native-helper', says);
    const without = cannot.map(({ name, because }) => (because ? `${name} (${because})` : name)).join(', ');
    return ok('native-helper', `${says}; cannot here: ${without}`);
  } catch (error) {
    const remedy = error instanceof HmsError && error.hint ? error.hint : nativeRemedy(env);
    return bad('native-helper', `${program} does not answer: ${wordsOf(error)}`, remedy);
  }
}

/** Asked by using it: a pty that says a word. */
export async function pty(): Promise<Check> {
  try {
    const { spawn } = await import('node-pty');
    const said = await new Promise<string>((resolve, reject) => {
      const child = spawn('/bin/sh', ['-c', 'printf fine'], { cols: 80, rows: 24 });
      let text = '';
      const timer = setTimeout(() => reject(new Error('it did not answer')), PROBE_MS);
      child.onData(data => {
        text += data;
      });
      child.onExit(() => {
        clearTimeout(timer);
        setImmediate(() => resolve(text));
      });
    });
    if (said.includes('fine')) return ok('node-pty', 'node-pty works: agents open in their real panes');
    throw new Error('it said nothing');
  } catch (error) {
    const says = `node-pty does not work here: ${wordsOf(error).split('\n')[0]}`;
    return warn(
      'node-pty',
      says,
      'npm install; without it agents’ screens are drawn and keys take the longer way',
    );
  }
}

export async function clients({ env }: Surroundings): Promise<readonly Check[]> {
  const found = await installed(CLIENTS, env);
  if (found.length === 0)
    return [
      warn('agents', `none of ${CLIENTS.join(', ')} is installed`, 'any other program can be an agent'),
    ];
  return found.map(({ name, version }) =>
    version
      ? ok(`agent:${name}`, version)
      : warn(`agent:${name}`, `${name} is there and does not say its version`, `try: ${name} --version`),
  );
}
