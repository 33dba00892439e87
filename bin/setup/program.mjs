/** dist/, built when the sources have changed. */
import { build, isStale } from '../build.mjs';
import { Stop, say } from './say.mjs';

/** @param {string} root */
export async function bringProgram(root) {
  if (!isStale(root)) return;
  say('building the program');
  try {
    await build(root);
  } catch (error) {
    // esbuild has printed where.
    if (error instanceof Error && 'errors' in error)
      throw new Stop('the program could not be built', 'The lines above say where');
    throw error;
  }
}
