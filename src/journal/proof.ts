/** One event with what shows an outsider, who has only a checkpoint, that it is in the log. */
import { HmsError } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import type { Seq } from '../model/ids.ts';
import { inclusionProof } from './merkle.ts';
import { parseEvent } from './query.ts';
import { openStoreReadOnly, Rows } from './store.ts';

export interface ProvenEvent {
  readonly event: Event;
  /** The stored RFC 8785 text; SHA-256(0x00 ‖ text) is `hash`. */
  readonly text: string;
  readonly hash: string;
  /** The newest checkpoint that covers it, with the RFC 6962 inclusion proof; undefined while it is unsigned. */
  readonly signed:
    | {
        readonly size: number;
        readonly root: string;
        readonly note: string;
        readonly proof: readonly string[];
      }
    | undefined;
}

/** Throws HmsError `no-event`, or as `openReader` does. */
export function proveEvent(path: string, seq: Seq): ProvenEvent {
  const db = openStoreReadOnly(path);
  try {
    const rows = new Rows(db);
    const [text] = rows.texts(seq, seq, 1);
    const hash = rows.hash(seq);
    if (text === undefined || hash === undefined) {
      throw new HmsError('no-event', `there is no event ${seq}`, `the last one is ${rows.head().seq}`);
    }
    const checkpoint = rows.lastCheckpoint();
    const covers = checkpoint !== undefined && checkpoint.size >= seq;
    const signed = covers
      ? { ...checkpoint, proof: inclusionProof(rows.hashes, seq - 1, checkpoint.size) }
      : undefined;
    return { event: parseEvent(text), text, hash, signed };
  } finally {
    db.close();
  }
}
