/** The exact packages of package-lock.json, by `npm ci`. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { arch, execPath, platform, version } from 'node:process';
import { isCurrent, keepStamp, stampOf } from '../stamp.mjs';
import { findProgram, isInModules, isProgram, outside } from './path.mjs';
import { Stop, say } from './say.mjs';

/** The oldest Node that runs hms-tui. */
export const NEEDED = 24;

/**
 * Install scripts run for two packages only, by name: `node`, which brings the Node we run on where this one is too
 * old, and `node-pty`, which compiles on Linux and may fail: without it agents are typed to through tmux's control mode.
 * @param {string} root @param {NodeJS.ProcessEnv} env
 */
export function bringDependencies(root, env) {
  const run = npm(root, env);
  const stamp = `${stampOf(root, ['package-lock.json'])} ${platform} ${arch}`;
  const file = join(root, 'node_modules', '.hms-stamp');
  if (!isCurrent(file, stamp)) {
    say('installing the exact packages of package-lock.json (npm ci); the first time takes a minute');
    run(['ci', '--ignore-scripts', ...FLAGS]);
    bringNode(root, run);
    try {
      run(['rebuild', 'node-pty', '--loglevel=error']);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      say(
        'node-pty could not be compiled here (it needs python3, make and a C++ compiler); agents open without a terminal of their own, and benches that need it will not run',
      );
    }
    keepStamp(file, stamp);
  }
  // Also later on: the Node that installed may have been a newer one than the one that runs now.
  bringNode(root, run);
}

/** @param {string} root @param {(args: readonly string[]) => void} run */
function bringNode(root, run) {
  if (existsSync(pinnedNode(root)) || runsOnRecent(root)) return;
  say(`bringing Node ${NEEDED}, since the system has none`);
  run(['rebuild', 'node', '--loglevel=error']);
  nodeOf(root);
}

/** Whether the Node that runs this will do, and is not the pinned one, which `npm ci` takes away. @param {string} root */
function runsOnRecent(root) {
  return Number(version.slice(1).split('.')[0]) >= NEEDED && !isInModules(root, execPath);
}

/** @param {string} root */
function pinnedNode(root) {
  return join(root, 'node_modules', 'node', 'bin', 'node');
}

const FLAGS = [
  '--no-audit',
  '--no-fund',
  '--no-engine-strict',
  '--loglevel=error',
  // What is in npm's cache needs no network: the lock file says what the bytes must be.
  '--prefer-offline',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=10000',
  // NODE_ENV=production in someone's shell would leave out what builds and tests the program.
  '--include=dev',
  '--include=optional',
];

/**
 * Runs npm, the one that called us or else the one on the PATH; throws Stop when it fails.
 * @param {string} root @param {NodeJS.ProcessEnv} env @returns {(args: readonly string[]) => void}
 */
function npm(root, env) {
  const around = outside(root, env);
  const caller = env.npm_execpath ?? '';
  const node = [env.npm_node_execpath ?? '', findProgram('node', around) ?? '', execPath].find(
    file => isProgram(file) && !isInModules(root, file),
  );
  const known = node !== undefined && basename(caller) === 'npm-cli.js' && existsSync(caller);
  const [command, first] = known ? [node, [caller]] : ['npm', []];
  return args => {
    const done = spawnSync(command, [...first, ...args], {
      cwd: root,
      env: around,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (done.error) {
      throw new Stop(
        'npm is not installed',
        'Install Node.js with npm (https://nodejs.org), then run this again',
      );
    }
    if (done.status !== 0) throw refusal(`${done.stdout}\n${done.stderr}`, done.signal);
  };
}

/**
 * The Node that runs the program: the pinned one, else the one that runs this. Throws Stop when neither will do.
 * @param {string} root
 */
export function nodeOf(root) {
  if (existsSync(pinnedNode(root))) return pinnedNode(root);
  if (runsOnRecent(root)) return execPath;
  throw new Stop(
    `Node ${NEEDED} or newer is needed, this is ${version}, and the npm package "node" that brings one was kept from installing it`,
    `Install Node ${NEEDED} or newer, or allow install scripts (npm config get ignore-scripts) and delete node_modules; then run this again`,
  );
}

const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT)\b/;

/**
 * npm's failure in one sentence, and what to do.
 * @param {string} output @param {string | null} signal
 */
export function refusal(output, signal) {
  const again = 'then run this again';
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(output)?.[1] ?? '';
  const unreachable = UNREACHABLE.exec(output)?.[1];
  if (signal) return new Stop(`npm ci was ended by ${signal}`, 'Run this again');
  if (unreachable || code === 'ENOTCACHED') {
    return new Stop(
      `npm could not reach its registry (${unreachable ?? code})`,
      `Check the network and the address (npm config get registry), ${again}`,
    );
  }
  if (code === 'E404' || code === 'ETARGET') {
    const name = /(?:^|\s)'?((?:@[\w.-]+\/)?[\w.-]+@[\w.-]+)/m.exec(
      output.replace(/^npm error code.*$/gm, ''),
    )?.[1];
    return new Stop(
      `the npm registry does not have ${name ?? 'one of the packages'}`,
      `Use a registry that is complete (npm config get registry), ${again}`,
    );
  }
  if (code === 'E401' || code === 'E403') {
    return new Stop(
      `the npm registry refused us (${code})`,
      `Log in to it or use another one (npm config get registry), ${again}`,
    );
  }
  const broken = /\b(E5\d\d|FETCH_ERROR)\b/.exec(output)?.[1];
  if (broken) {
    return new Stop(
      `the npm registry gives broken answers (${broken})`,
      `Check its address (npm config get registry) or wait a little, ${again}`,
    );
  }
  if (code === 'EINTEGRITY') {
    return new Stop(
      'a package is not the one of package-lock.json',
      `Clean npm's cache (npm cache clean --force), ${again}`,
    );
  }
  if (code === 'ENOSPC') return new Stop('the disk is full', `Make room, about 500 MB, ${again}`);
  if (code === 'EACCES' || code === 'EPERM') {
    return new Stop('npm may not write to node_modules or to its cache', `Make them yours (chown), ${again}`);
  }
  if (code === 'EUSAGE') {
    return new Stop('package.json and package-lock.json do not belong together', `Run npm install, ${again}`);
  }
  const lines = output
    .split('\n')
    .filter(line => /^npm (error|ERR!) \S/.test(line) && !/complete log/.test(line));
  return new Stop(
    `npm ci failed: ${(lines[1] ?? lines[0] ?? 'it did not say why').replace(/^npm (error|ERR!) /, '')}`,
    'Run npm ci to see all it says',
  );
}
