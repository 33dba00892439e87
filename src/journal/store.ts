/**
 * The journal's file: its tables and how they are opened and read. Evidence only: whatever can be derived (search)
 * is kept in a file of its own, which may be deleted at any time.
 */
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { HmsError, wordsOf } from '../model/errors.ts';
import { fullRoot, type Hashes, NO_HASH } from './merkle.ts';
import { makePrivate, numberOf, type Row, SQLITE, sqliteCode, textOf } from './sqlite.ts';

/** `hmsj` in SQLite's header: tells a journal from any other database. */
const APPLICATION_ID = 0x686d736a;
const FORMAT = 1;
/** Subtree hashes are kept for every TILE leaves, and for every TILE of those: the rows of C2SP's tiles. */
export const TILE_LEVELS = 8;

/*
 * event       seq; the RFC 8785 bytes as hashed; their RFC 6962 leaf hash
 * subtree     roots of full subtrees of 256, 256², … leaves, so that root and proofs need not read every leaf
 * checkpoint  signed heads
 * meta        origin and vkey of the log
 */
const SCHEMA = `
  CREATE TABLE event (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
  CREATE TABLE subtree (level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (level, idx)) STRICT, WITHOUT ROWID;
  CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL) STRICT;
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  ${['event', 'subtree', 'checkpoint', 'meta']
    .flatMap(table =>
      ['UPDATE', 'DELETE'].map(
        verb => `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
          BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;`,
      ),
    )
    .join('\n')}
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;

export interface StoredCheckpoint {
  readonly size: number;
  readonly root: string;
  readonly note: string;
}

function pragma(db: DatabaseSync, name: string): number {
  return numberOf(db.prepare(`PRAGMA ${name}`).get() ?? {}, name);
}

/** Refuses what is no journal, or one of a later version. */
function checkFormat(db: DatabaseSync, path: string): void {
  if (pragma(db, 'application_id') !== APPLICATION_ID) {
    throw new HmsError(
      'not-a-journal',
      `${path} is not a journal`,
      'name another file, or move this one away',
    );
  }
  const format = pragma(db, 'user_version');
  if (format !== FORMAT) {
    throw new HmsError(
      'journal-version',
      `${path} has format ${format}, this program knows ${FORMAT}`,
      'use the version of hms that wrote it',
    );
  }
}

/** What opening fails with, said as an HmsError. */
export function unreadable(path: string, error: unknown): never {
  if (error instanceof HmsError) throw error;
  throw new HmsError(
    sqliteCode(error) === SQLITE.NOTADB ? 'not-a-journal' : 'journal-unreadable',
    `cannot open the journal ${path}: ${wordsOf(error)}`,
    'move it away to start a new one; `hms audit verify` says more about it',
    { cause: error },
  );
}

/** Opens the file for appending; makes it, with mode 0600, when there is none. */
export function openStore(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    makePrivate(path);
    db = new DatabaseSync(path, { timeout: 100 });
    // fullfsync: macOS keeps written data in the drive's cache otherwise; without effect elsewhere.
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = ON;
      PRAGMA checkpoint_fullfsync = ON;
      PRAGMA journal_size_limit = 16777216;
      PRAGMA trusted_schema = OFF;
    `);
    if (db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n === 0) {
      db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
    }
    checkFormat(db, path);
    return db;
  } catch (error) {
    db?.close();
    return unreadable(path, error);
  }
}

/** Opens the file for reading only, also while an engine appends to it, also where nothing may be written. */
export function openStoreReadOnly(path: string): DatabaseSync {
  if (!existsSync(path))
    throw new HmsError('no-journal', `there is no journal ${path}`, 'start the fleet first');
  const open = (at: string | URL): DatabaseSync => {
    const db = new DatabaseSync(at, { readOnly: true, timeout: 2000 });
    try {
      db.exec('PRAGMA trusted_schema = OFF');
      checkFormat(db, path);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  };
  try {
    return open(path);
  } catch (error) {
    const code = sqliteCode(error);
    const wal = `${path}-wal`;
    const alone = !existsSync(wal) || statSync(wal).size === 0;
    // A copy in a folder that cannot be written to: SQLite cannot make its -shm file beside it, and needs none.
    if (!alone || (code !== SQLITE.CANTOPEN && code !== SQLITE.READONLY)) return unreadable(path, error);
    try {
      return open(new URL(`${pathToFileURL(path).href}?immutable=1`));
    } catch (again) {
      return unreadable(path, again);
    }
  }
}

/** What is in the file, as of now. Every statement ends at once: no read transaction is left open behind it. */
export class Rows {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  #all(sql: string, ...values: (number | string)[]): Row[] {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement.all(...values);
  }

  /** The last event's place and hash; 0 and zeros when there is none. */
  head(): { readonly seq: number; readonly hash: string } {
    const [row] = this.#all('SELECT seq, lower(hex(hash)) AS hash FROM event ORDER BY seq DESC LIMIT 1');
    return row === undefined
      ? { seq: 0, hash: NO_HASH }
      : { seq: numberOf(row, 'seq'), hash: textOf(row, 'hash') };
  }

  /** Stored texts of events from `from` to `to` inclusive, at most `limit`; from the end when reverse. */
  texts(from: number, to: number, limit: number, reverse = false): string[] {
    const order = reverse ? 'DESC' : 'ASC';
    const sql = `SELECT CAST(bytes AS TEXT) AS text FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq ${order} LIMIT ?`;
    return this.#all(sql, from, to, limit).map(row => textOf(row, 'text'));
  }

  /** The stored hash of one event. */
  hash(seq: number): string | undefined {
    const [row] = this.#all('SELECT lower(hex(hash)) AS hash FROM event WHERE seq = ?', seq);
    return row && textOf(row, 'hash');
  }

  /** Leaf hashes by leaf index (seq − 1), from `from` up to but not including `to`. */
  leaves(from: number, to: number): string[] {
    const sql = 'SELECT lower(hex(hash)) AS hash FROM event WHERE seq > ? AND seq <= ? ORDER BY seq';
    return this.#all(sql, from, to).map(row => textOf(row, 'hash'));
  }

  /** Roots of full subtrees of 2^level leaves, level a multiple of TILE_LEVELS above 0. */
  subtrees(level: number, from: number, to: number): string[] {
    const sql =
      'SELECT lower(hex(hash)) AS hash FROM subtree WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx';
    return this.#all(sql, level, from, to).map(row => textOf(row, 'hash'));
  }

  /** How many subtree hashes there are at a level. */
  subtreeCount(level: number): number {
    return numberOf(this.#all('SELECT count(*) AS n FROM subtree WHERE level = ?', level)[0] ?? {}, 'n');
  }

  checkpoints(after = -1): StoredCheckpoint[] {
    const sql = 'SELECT size, lower(hex(root)) AS root, note FROM checkpoint WHERE size > ? ORDER BY size';
    return this.#all(sql, after).map(checkpointOf);
  }

  lastCheckpoint(): StoredCheckpoint | undefined {
    const sql = 'SELECT size, lower(hex(root)) AS root, note FROM checkpoint ORDER BY size DESC LIMIT 1';
    return this.#all(sql).map(checkpointOf)[0];
  }

  meta(name: string): string | undefined {
    const [row] = this.#all('SELECT value FROM meta WHERE name = ?', name);
    return row && textOf(row, 'value');
  }

  /** Hashes of full subtrees, read from the rows: what roots and proofs are made from. */
  readonly hashes: Hashes = (level, index) => {
    const stored = level - (level % TILE_LEVELS);
    const width = 2 ** (level - stored);
    const from = index * width;
    const row = stored === 0 ? this.leaves(from, from + width) : this.subtrees(stored, from, from + width);
    if (row.length !== width) {
      const seq = (from + row.length) * 2 ** stored + 1;
      throw new HmsError(
        'journal-corrupt',
        `hashes are missing from event ${seq} on`,
        '`hms audit verify` says more',
      );
    }
    return fullRoot(row);
  };
}

function checkpointOf(row: Row): StoredCheckpoint {
  return { size: numberOf(row, 'size'), root: textOf(row, 'root'), note: textOf(row, 'note') };
}
