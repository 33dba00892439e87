/** Is what was made from the sources still current? A stamp is a SHA-256 over the names and bytes of what went in. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @param {string} root @param {string} path @returns {string[]} files under path, relative to root, sorted */
function filesUnder(root, path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .sort()
    .flatMap(name => filesUnder(root, join(path, name)));
}

/**
 * Digest of files and folders; what does not exist counts as absent, so that its coming changes the digest.
 * @param {string} root @param {readonly string[]} paths relative to root
 */
export function stampOf(root, paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(path => filesUnder(root, path))) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** @param {string} file where the stamp is kept @param {string} stamp */
export function isCurrent(file, stamp) {
  return existsSync(file) && readFileSync(file, 'utf8').trim() === stamp;
}

/** @param {string} file @param {string} stamp */
export function keepStamp(file, stamp) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${stamp}\n`);
}
