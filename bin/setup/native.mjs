/** The native helper, where there is its source and a Rust compiler. Without it the program runs all the same. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isCurrent, keepStamp, stampOf } from '../stamp.mjs';
import { findProgram } from './path.mjs';
import { say } from './say.mjs';

/** @param {string} root @param {NodeJS.ProcessEnv} env */
export function bringNative(root, env) {
  const crate = join(root, 'native', 'Cargo.toml');
  if (!existsSync(crate)) return;
  const cache = join(root, '.cache');
  const stamp = stampOf(root, ['native/Cargo.toml', 'native/Cargo.lock', 'native/build.rs', 'native/src']);
  const built = join(cache, 'native.stamp');
  if (isCurrent(built, stamp) && existsSync(join(root, 'native', 'target', 'release'))) return;
  if (!findProgram('cargo', env)) {
    return once(join(cache, 'native.said'), 'without', () =>
      say(
        'there is no Rust compiler (cargo), so the native helper is left out: chaos experiments that need it will say so',
      ),
    );
  }
  say('building the native helper (cargo build --release)');
  const args = ['build', '--release', '--quiet', '--manifest-path', crate];
  const done = spawnSync('cargo', args, {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (done.status === 0) return keepStamp(built, stamp);
  const why = /^error.*$/m.exec(done.stderr ?? '')?.[0] ?? 'cargo failed';
  once(join(cache, 'native.said'), stamp, () =>
    say(`the native helper could not be built (${why}); going on without it`),
  );
}

/** @param {string} file @param {string} about @param {() => void} tell */
function once(file, about, tell) {
  if (isCurrent(file, about)) return;
  tell();
  keepStamp(file, about);
}
