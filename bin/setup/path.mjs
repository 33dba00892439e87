/** Programs by name. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve, sep } from 'node:path';

/** @param {string} program @param {NodeJS.ProcessEnv} env @returns {string | undefined} its full path */
export function findProgram(program, env) {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .map(folder => join(folder, program))
    .find(isProgram);
}

/** @param {string} file */
export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} root @param {string} path */
export function isInModules(root, path) {
  return resolve(path).startsWith(join(root, 'node_modules') + sep);
}

/**
 * The environment without the programs of our own node_modules, which npm puts first on the PATH: `npm ci` takes them
 * away while it runs.
 * @param {string} root @param {NodeJS.ProcessEnv} env @returns {NodeJS.ProcessEnv}
 */
export function outside(root, env) {
  const folders = (env.PATH ?? '').split(delimiter).filter(folder => !isInModules(root, folder));
  return { ...env, PATH: folders.join(delimiter) };
}
