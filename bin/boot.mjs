/**
 * The first thing the program does: switch on Node's compile cache, then load the rest. Static imports would be
 * compiled before the cache is on, so this file has none. Built to dist/hms.mjs.
 */
const { accessSync, constants } = process.getBuiltinModule('node:fs');
const { enableCompileCache } = process.getBuiltinModule('node:module');
const { homedir } = process.getBuiltinModule('node:os');
const { join } = process.getBuiltinModule('node:path');

/** Whoever can write to the cache can run code as us: beside the program if that is ours, else in our own home. */
function cacheFolder() {
  const modules = join(import.meta.dirname, '..', 'node_modules');
  try {
    accessSync(modules, constants.W_OK);
    return join(modules, '.cache', 'hms');
  } catch {
    return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hms', 'compile');
  }
}

enableCompileCache(cacheFolder());
await import(join(import.meta.dirname, 'main.mjs'));
