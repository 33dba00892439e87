/**
 * The index behind `Filter`: one FTS5 table over the words of an event and, as made-up tokens, its kind, subject
 * and actor. Derived from the journal and kept in a file of its own, which lags a little behind and may be deleted
 * at any time: appending costs nothing more, and what is not indexed yet is looked through by the reader.
 */
import { hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { agentsOf } from '../model/concern.ts';
import type { Event } from '../model/event.ts';
import { makePrivate, numberOf, textOf, transaction } from './sqlite.ts';
import type { Filter } from './types.ts';

/** Changes when the table or what goes into it does: an index of another version is made anew. */
const VERSION = 2;
/** Found places fetched at once. */
const PAGE = 512;

// contentless: the words are in the journal already. unicode61 folds case and diacritics.
const SCHEMA = `
  CREATE VIRTUAL TABLE words USING fts5(facets, body, content='', tokenize='unicode61 remove_diacritics 2');
  CREATE TABLE upto (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
  INSERT INTO upto VALUES (1, 0, '');
  PRAGMA user_version = ${VERSION};
`;

/** The index's file of a journal `x.db`: `x.search.db`. */
export function searchPath(journal: string): string {
  return `${journal.replace(/\.db$/, '')}.search.db`;
}

/** One token for one exact value, whatever characters are in it. */
function facet(name: string, value: string): string {
  return `f${hash('sha256', `${name}\0${value}`).slice(0, 15)}`;
}

function facetsOf(event: Event): string {
  const { kind, subject, actor } = event;
  return [
    facet('kind', kind),
    facet('subject', subject),
    facet('actor', actor.id),
    facet('actor', `${actor.type}:${actor.id}`),
    ...Array.from(agentsOf(event), agent => facet('agent', agent)),
  ].join(' ');
}

/** What can be searched of an event: its subject and every text and number in its data. */
function wordsOf(event: Event): string {
  const words: string[] = [event.subject];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') words.push(value);
    else if (typeof value === 'number') words.push(String(value));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(event.data);
  return words.join('\n');
}

function quoted(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}

/** The FTS5 query of a filter; undefined when the filter asks for nothing that is indexed. */
export function searchQuery({ kinds, subject, actor, agent, text }: Filter): string | undefined {
  const terms: string[] = [];
  if (kinds !== undefined) terms.push(`facets : (${kinds.map(kind => facet('kind', kind)).join(' OR ')})`);
  if (subject !== undefined) terms.push(`facets : ${facet('subject', subject)}`);
  if (actor !== undefined) terms.push(`facets : ${facet('actor', actor)}`);
  if (agent !== undefined) terms.push(`facets : ${facet('agent', agent)}`);
  for (const word of (text ?? '').split(/\s+/)) {
    // A word without letter or digit is none to FTS5. `kube*` finds what begins with it.
    if (!/[\p{L}\p{N}]/u.test(word)) continue;
    terms.push(word.endsWith('*') ? `body : ${quoted(word.slice(0, -1))} *` : `body : ${quoted(word)}`);
  }
  return terms.length === 0 ? undefined : terms.join(' AND ');
}

export class SearchIndex {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  static #made(db: DatabaseSync): SearchIndex {
    transaction(db, () => db.exec(SCHEMA));
    return new SearchIndex(db);
  }

  static inMemory(): SearchIndex {
    return SearchIndex.#made(new DatabaseSync(':memory:'));
  }

  /**
   * Opens the index in `path` for writing. One that is damaged, of another version or of another journal (`hashAt`
   * does not know its place) is thrown away and begun anew. Throws only what the disk says.
   */
  static open(path: string, hashAt: (seq: number) => string | undefined): SearchIndex {
    try {
      const db = SearchIndex.#file(path);
      const tables = db.prepare('SELECT count(*) AS n FROM sqlite_schema').get() ?? {};
      const index = numberOf(tables, 'n') === 0 ? SearchIndex.#made(db) : new SearchIndex(db);
      if (index.#belongs(hashAt)) return index;
      db.close();
    } catch {
      // Damaged: begun anew below.
    }
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    return SearchIndex.#made(SearchIndex.#file(path));
  }

  static #file(path: string): DatabaseSync {
    makePrivate(path);
    const db = new DatabaseSync(path, { timeout: 100 });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    return db;
  }

  /** Opens the index in `path` for reading; undefined when there is none that fits the journal. */
  static openReadOnly(path: string, hashAt: (seq: number) => string | undefined): SearchIndex | undefined {
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, { readOnly: true, timeout: 500 });
      const index = new SearchIndex(db);
      if (index.#belongs(hashAt)) return index;
    } catch {
      // Not there, or damaged: the journal itself is looked through.
    }
    db?.close();
    return undefined;
  }

  #belongs(hashAt: (seq: number) => string | undefined): boolean {
    if (numberOf(this.#db.prepare('PRAGMA user_version').get() ?? {}, 'user_version') !== VERSION)
      return false;
    const row = this.#db.prepare('SELECT seq, hash FROM upto').get() ?? {};
    const seq = numberOf(row, 'seq');
    return seq === 0 || hashAt(seq) === textOf(row, 'hash');
  }

  /** The last event that is indexed. */
  upto(): number {
    return numberOf(this.#db.prepare('SELECT seq FROM upto').get() ?? {}, 'seq');
  }

  /** Indexes the events that follow `upto()`; `hash` is the last one's leaf hash. */
  add(events: readonly Event[], hash = ''): void {
    const last = events.at(-1);
    if (last === undefined) return;
    transaction(this.#db, () => {
      const insert = this.#db.prepare('INSERT INTO words (rowid, facets, body) VALUES (?, ?, ?)');
      for (const event of events) insert.run(event.seq, facetsOf(event), wordsOf(event));
      this.#db.prepare('UPDATE upto SET seq = ?, hash = ?').run(last.seq, hash);
    });
  }

  /** Places found from `from` to `to`, in order; each page is one statement. */
  *find(query: string, from: number, to: number, reverse: boolean): Generator<number> {
    const statement = this.#db.prepare(
      `SELECT rowid AS seq FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?
       ORDER BY rowid ${reverse ? 'DESC' : 'ASC'} LIMIT ${PAGE}`,
    );
    let [low, high] = [from, to];
    while (low <= high) {
      const found = statement.all(query, low, high).map(row => numberOf(row, 'seq'));
      yield* found;
      const last = found.at(-1);
      if (last === undefined || found.length < PAGE) return;
      if (reverse) high = last - 1;
      else low = last + 1;
    }
  }

  close(): void {
    this.#db.close();
  }
}
