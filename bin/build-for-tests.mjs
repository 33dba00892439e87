/** Before story tests: the built program is the one of these sources. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, isStale } from './build.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

export async function setup() {
  if (isStale(ROOT)) await build(ROOT);
}
