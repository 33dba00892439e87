/**
 * One engine a fleet. The lock is an open exclusive transaction on a small SQLite file: a kernel file lock on
 * every platform Node runs on, released by the kernel at the holder's death however it dies.
 */
import { DatabaseSync } from 'node:sqlite';
import { errnoOf, HmsError, wordsOf } from '../model/errors.ts';

export interface Lock {
  release(): void;
}

/** undefined when another process holds it. Throws HmsError `lock-unusable` when the file cannot be used at all. */
export function tryLock(path: string): Lock | undefined {
  const open = (): DatabaseSync => new DatabaseSync(path, { timeout: 0 });
  let db: DatabaseSync;
  try {
    db = open();
  } catch (error) {
    throw new HmsError(
      'lock-unusable',
      `cannot open ${path}: ${wordsOf(error)}`,
      'check the folder and its owner',
      {
        cause: error,
      },
    );
  }
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (isBusy(error)) return undefined;
    throw new HmsError(
      'lock-unusable',
      `cannot lock ${path}: ${wordsOf(error)}`,
      'remove the file if it is damaged',
      {
        cause: error,
      },
    );
  }
  return { release: () => db.close() };
}

/** Waits for the lock until `deadlineMs` has passed; undefined then. */
export async function waitForLock(path: string, deadlineMs: number): Promise<Lock | undefined> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const lock = tryLock(path);
    if (lock || Date.now() >= end) return lock;
    await new Promise(resolve => setTimeout(resolve, 15));
  }
}

function isBusy(error: unknown): boolean {
  // SQLITE_BUSY = 5, SQLITE_LOCKED = 6; node:sqlite gives them as errcode beside code ERR_SQLITE_ERROR.
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return errnoOf(error) === 'ERR_SQLITE_ERROR' && (code === 5 || code === 6);
}
