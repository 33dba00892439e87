/** The little that node:sqlite leaves open: error codes in words, typed columns, a transaction, a lock. */
import { closeSync, openSync } from 'node:fs';
import { type DatabaseSync as Database, DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { HmsError, wordsOf } from '../model/errors.ts';

/** By name of the column, or by its place where the statement returns arrays. */
export type Row = Record<string | number, SQLOutputValue>;

/** Primary result codes (sqlite.org/rescode.html) a journal can meet. */
export const SQLITE = {
  BUSY: 5,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const;

/** The primary result code of an error thrown by node:sqlite, or undefined for any other thrown value. */
export function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}

/** A failure of the file below, in words for a person. */
export function sqliteWords(error: unknown): string {
  switch (sqliteCode(error)) {
    case SQLITE.FULL:
      return 'the disk is full';
    case SQLITE.BUSY:
      return 'another program holds the journal locked';
    case SQLITE.IOERR:
      return `the disk does not take it (${wordsOf(error)})`;
    case SQLITE.READONLY:
      return 'the journal may only be read';
    default:
      return wordsOf(error);
  }
}

function wrongType(name: string | number): never {
  throw new HmsError('journal-corrupt', `the journal's column ${name} holds something else than it should`);
}

export function textOf(row: Row, name: string | number): string {
  const value = row[name];
  return typeof value === 'string' ? value : wrongType(name);
}

export function numberOf(row: Row, name: string | number): number {
  const value = row[name];
  return typeof value === 'number' ? value : wrongType(name);
}

/** Makes the file, if it is not there, before SQLite does: so that nobody but its owner ever reads it. */
export function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}

/** Runs `work` in one transaction; on any failure nothing of it has happened. */
export function transaction<T>(db: Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some failures (full disk, I/O error).
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/**
 * A lock that ends with its holder, whatever ends it: SQLite's lock on an empty database, which the kernel drops
 * with the process. Returns the function that releases it, or undefined when somebody else holds it.
 */
export function lockFile(path: string, waitMs: number): (() => void) | undefined {
  makePrivate(path);
  const db = new DatabaseSync(path, { timeout: waitMs });
  try {
    // Nothing is ever written, so there is nothing to roll back from a file beside it.
    db.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return () => db.close();
  } catch (error) {
    db.close();
    if (sqliteCode(error) === SQLITE.BUSY) return undefined;
    throw error;
  }
}
