/** `npm run screenshots`: takes the pictures in docs/images anew, of the program as it is built. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build, isStale } from './build.mjs';
import { nodeOf } from './setup/dependencies.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

if (isStale(ROOT)) await build(ROOT);
const take = join(ROOT, 'test', 'screenshots', 'take.ts');
const ran = spawnSync(nodeOf(ROOT), ['--disable-warning=ExperimentalWarning', take], {
  cwd: ROOT,
  stdio: 'inherit',
});
exit(ran.status ?? 1);
