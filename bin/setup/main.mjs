/**
 * Sets up a checkout, then does what was asked:
 *
 *   node bin/setup.mjs                set-up only
 *   node bin/setup.mjs --run [args]   and run hms-tui (npm start)
 *   node bin/setup.mjs --test [args]  and run the tests (npm test)
 *
 * Every step looks first whether it is done, so that a second run takes a moment. Written for Node 18 without any
 * package, since it runs before there is one.
 */
import { dirname, join } from 'node:path';
import { env, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { bringDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { bringNative } from './native.mjs';
import { bringProgram } from './program.mjs';
import { runProgram, runTests } from './run.mjs';
import { Stop, say } from './say.mjs';
import { bringTmux } from './tmux.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Exit code of what cannot go on (EX_UNAVAILABLE of sysexits). */
const UNAVAILABLE = 69;

/** @param {readonly string[]} argv */
export async function main(argv) {
  const [mode = '', ...args] = argv;
  try {
    await withLock(join(ROOT, '.cache', 'setup.lock'), async () => {
      bringDependencies(ROOT, env);
      bringTmux(env);
      bringNative(ROOT, env);
      await bringProgram(ROOT);
    });
    if (mode === '--run') exit(await runProgram(ROOT, args));
    if (mode === '--test') exit(await runTests(ROOT, args));
    if (mode !== '') throw new Stop(`there is no option ${mode}`, 'See bin/setup/main.mjs.');
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(error.message);
    exit(UNAVAILABLE);
  }
}
