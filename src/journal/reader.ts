/** Reading a journal from another process than the engine's: at any time, without being noticed by it. */
import { select } from './query.ts';
import { SearchIndex, searchPath } from './search.ts';
import { openStoreReadOnly, Rows } from './store.ts';
import type { Filter, JournalReader } from './types.ts';

interface ReaderOptions {
  /** False: look through the journal itself, trusting no index. Default true. */
  readonly index?: boolean;
}

/**
 * Opens a journal for reading, whether an engine appends to it or not. Throws HmsError `no-journal`,
 * `not-a-journal`, `journal-version` or `journal-unreadable`.
 */
export function openReader(path: string, options: ReaderOptions = {}): JournalReader {
  const db = openStoreReadOnly(path);
  const rows = new Rows(db);
  const index =
    options.index === false ? undefined : SearchIndex.openReadOnly(searchPath(path), seq => rows.hash(seq));
  return {
    head: () => rows.head(),
    read: (filter: Filter = {}) => select(rows, index, filter),
    close: () => {
      index?.close();
      db.close();
    },
  };
}
