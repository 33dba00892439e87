/** One set-up at a time in a checkout: two `npm ci` at once would tear each other's files away. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { kill, pid } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { say } from './say.mjs';

/**
 * @template T
 * @param {string} file @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withLock(file, body) {
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  while (!take(file)) {
    if (!told) say('another set-up is running here; waiting for it');
    told = true;
    await wait(200);
  }
  try {
    return await body();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  // Left behind by a set-up that was killed?
  if (!alive(holder(file))) rmSync(file, { force: true });
  return false;
}

/** @param {string} file */
function holder(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

/** @param {number} holder */
function alive(holder) {
  // 0: the file was just made and holds nothing yet, or is just gone.
  if (!holder) return true;
  try {
    return kill(holder, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
