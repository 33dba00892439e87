/**
 * `npm run soak -- [--minutes 30] [--agents 16] [--seed 1] [--json] [--report FILE]`: ill-treats a real fleet and says
 * whether anything was lost, leaked or stuck. Exit code 1 when it was.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build, isStale } from './build.mjs';
import { nodeOf } from './setup/dependencies.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

if (isStale(ROOT)) await build(ROOT);
const soak = join(ROOT, 'bench', 'soak', 'soak.ts');
const args = ['--disable-warning=ExperimentalWarning', soak, ...argv.slice(2)];
exit(spawnSync(nodeOf(ROOT), args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1);
