/**
 * vitest's V8 coverage, also of the built program: stories run dist/, and what they reach counts for the sources it
 * was made from, by esbuild's source maps. (vitest itself follows child processes only into plain .ts files.)
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import v8 from '@vitest/coverage-v8';
import { V8CoverageProvider } from '@vitest/coverage-v8/dist/provider.js';

// @ts-expect-error vitest calls getSources private; its version is pinned.
class BuiltProvider extends V8CoverageProvider {
  /** @override @param {string} file @param {string} [root] */
  isIncluded(file, root) {
    return isBuilt(file) || super.isIncluded(file, root);
  }

  /** @override @param {string} url @param {unknown[]} rest */
  async getSources(url, ...rest) {
    const file = fileURLToPath(url);
    // @ts-expect-error as above
    if (!isBuilt(file)) return super.getSources(url, ...rest);
    const map = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
    const beside = pathToFileURL(file);
    map.sources = map.sources.map((/** @type {string} */ source) => new URL(source, beside).href);
    return { code: readFileSync(file, 'utf8'), map };
  }
}

/** @param {string} file */
function isBuilt(file) {
  return /\/dist\/[^/]+\.mjs$/.test(file) && existsSync(`${file}.map`);
}

// The same object each time: vitest loads this file anew wherever it needs it, and the profiler's session is in there.
v8.getProvider = async () => new BuiltProvider();
export default v8;
