/** A quick look at the end of a journal: whether its last events are whole and linked. `verifyJournal` reads it all. */
import { leafHash, NO_HASH } from './merkle.ts';
import { openStoreReadOnly, Rows } from './store.ts';

export interface TailReport {
  /** Place of the last event; 0 for an empty journal. */
  readonly seq: number;
  /** Time of the last event, ms since the epoch; 0 for none. */
  readonly time: number;
  /** Events that were looked at. */
  readonly looked: number;
  /** The first of them that is not what it was, in words; ''. */
  readonly fault: string;
}

/** Throws HmsError as `openReader` when the file cannot be read at all. */
export function tailOf(path: string, count: number): TailReport {
  const db = openStoreReadOnly(path);
  try {
    const rows = new Rows(db);
    const { seq } = rows.head();
    const from = Math.max(1, seq - count + 1);
    const texts = rows.texts(from, seq, count);
    let prev = from === 1 ? NO_HASH : (rows.hash(from - 1) ?? '');
    let time = 0;
    for (const [at, text] of texts.entries()) {
      const place = from + at;
      const hash = leafHash(text);
      const event = asEvent(text);
      if (hash !== rows.hash(place))
        return { seq, time, looked: at + 1, fault: `event ${place} has other bytes than its hash` };
      if (event?.prev !== prev || event.seq !== place)
        return { seq, time, looked: at + 1, fault: `event ${place} is not linked to the one before it` };
      prev = hash;
      time = event.time;
    }
    const missing =
      texts.length < seq - from + 1 ? `${seq - from + 1 - texts.length} of the last events are missing` : '';
    return { seq, time, looked: texts.length, fault: missing };
  } finally {
    db.close();
  }
}

function asEvent(
  text: string,
): { readonly seq: number; readonly prev: string; readonly time: number } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
