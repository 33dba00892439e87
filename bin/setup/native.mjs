/** The native helper, where there is its source and a Rust compiler. Without it the program runs all the same. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCurrent, keepStamp, stampOf } from '../stamp.mjs';
import { findProgram } from './path.mjs';
import { say } from './say.mjs';

const WITHOUT = 'hooks then start Node each, and chaos experiments that need it say so';

/** @param {string} root @param {NodeJS.ProcessEnv} env */
export function bringNative(root, env) {
  const crate = join(root, 'native', 'Cargo.toml');
  if (!existsSync(crate)) return;
  const cache = join(root, '.cache');
  const stamp = stampOf(root, [
    'native/Cargo.toml',
    'native/Cargo.lock',
    'native/build.rs',
    'native/shim',
    'native/src',
  ]);
  const built = join(cache, 'native.stamp');
  const target = join(root, 'native', 'target');
  if (isCurrent(built, stamp) && existsSync(join(target, 'release', 'hms-native'))) return;
  const said = join(cache, 'native.said');
  const why = lacks(crate, env);
  if (why) return once(said, why, () => say(`${why}, so the native helper is left out: ${WITHOUT}`));
  say('building the native helper (cargo build --release --locked); the first time takes a minute or two');
  const args = [
    'build',
    '--release',
    '--locked',
    '--quiet',
    '--manifest-path',
    crate,
    '--target-dir',
    target,
  ];
  const done = spawnSync('cargo', args, {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (done.status === 0) return keepStamp(built, stamp);
  const error = /^error.*$/m.exec(done.stderr ?? '')?.[0] ?? 'cargo failed';
  once(said, stamp, () =>
    say(`the native helper could not be built (${error}); going on without it: ${WITHOUT}`),
  );
}

/**
 * Why it cannot be built here, '' when it can be tried.
 * @param {string} crate @param {NodeJS.ProcessEnv} env
 */
function lacks(crate, env) {
  if (!findProgram('cargo', env)) return 'there is no Rust compiler (cargo)';
  const needed = /^rust-version = "(.*)"/m.exec(readFileSync(crate, 'utf8'))?.[1] ?? '';
  const { stdout } = spawnSync('cargo', ['--version'], { env, encoding: 'utf8' });
  return tooOld(`${stdout}`, needed)
    ? `cargo is ${/\d+\.\d+(\.\d+)?/.exec(stdout)?.[0]} and ${needed} is needed (Debian 13 has it, and https://rustup.rs)`
    : '';
}

/** @param {string} says what cargo says of its version @param {string} needed e.g. `1.85` */
export function tooOld(says, needed) {
  const [have, want] = [says, needed].map(text => /(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number));
  if (!have || !want) return false;
  const [major = 0, minor = 0] = have;
  const [leastMajor = 0, leastMinor = 0] = want;
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

/** @param {string} file @param {string} about @param {() => void} tell */
function once(file, about, tell) {
  if (isCurrent(file, about)) return;
  tell();
  keepStamp(file, about);
}
