/**
 * Recomputes a whole journal from its stored bytes: their form, hashes, links, places and times, the Merkle tree
 * and every signed checkpoint. Trusts nothing in the file but the public key, and that only when none is given.
 */
import type { DatabaseSync } from 'node:sqlite';
import { HmsError, wordsOf } from '../model/errors.ts';
import { EVENT_DATA, EventEnvelope } from '../model/event.ts';
import type { Seq } from '../model/ids.ts';
import { leafHash, NO_HASH, TreeHead } from './merkle.ts';
import { type Checkpoint, openCheckpoint, parseVkey, type Verifier } from './note.ts';
import { type Scanned, scan } from './scan.ts';
import { numberOf, type Row, textOf } from './sqlite.ts';
import { openStoreReadOnly, Rows, type StoredCheckpoint, TILE_LEVELS } from './store.ts';

/** Rows read at once. */
const PAGE = 1024;
/** Places of the columns read of an event. */
const COLUMN = { seq: 0, text: 1, size: 2, hash: 3 } as const;
/** Faults told; one is enough to condemn, more help to see the extent. */
const MOST_FAULTS = 100;

interface Fault {
  /** The first event that is not what it was, as near as can be told. */
  readonly seq: Seq;
  readonly what: string;
}

export interface VerifyReport {
  readonly ok: boolean;
  /** Events read. */
  readonly events: number;
  /** Merkle root over them, lower-case hex. */
  readonly root: string;
  readonly checkpoints: number;
  /** Events covered by the newest good checkpoint: what was cut off after it would not be noticed. */
  readonly signedUpTo: number;
  /** The log's vkey, and where it came from: `journal` proves consistency, only `given` proves who signed. */
  readonly vkey: string;
  readonly vkeyFrom: 'given' | 'journal' | 'none';
  /** By seq; the first names the first bad event. */
  readonly faults: readonly Fault[];
}

export interface VerifyOptions {
  /** The log's vkey as known from elsewhere. Without it the one in the journal is believed. */
  readonly vkey?: string;
  /** A checkpoint (signed note) of this log that somebody kept outside: the journal must extend it. */
  readonly kept?: string;
  /** Check the data of every known kind against its schema too; some ten times slower. */
  readonly deep?: boolean;
}

/**
 * Verifies the journal at `path`, also while an engine appends to it. Throws HmsError as `openReader` does when the
 * file cannot be read at all; whatever can be read ends in the report.
 */
export function verifyJournal(path: string, options: VerifyOptions = {}): VerifyReport {
  const db = openStoreReadOnly(path);
  try {
    // One snapshot for all that is read.
    db.exec('BEGIN');
    return new Verification(db, options).report();
  } catch (error) {
    throw asUnreadable(path, error);
  } finally {
    db.close();
  }
}

function asUnreadable(path: string, error: unknown): HmsError {
  if (error instanceof HmsError) return error;
  const what = `cannot read the journal ${path} to its end: ${wordsOf(error)}`;
  return new HmsError('journal-unreadable', what, 'the file itself is damaged: go back to a copy', {
    cause: error,
  });
}

class Verification {
  readonly #db: DatabaseSync;
  readonly #rows: Rows;
  readonly #options: VerifyOptions;
  readonly #faults: Fault[] = [];
  readonly #tree = new TreeHead();
  /** Subtree hashes as they should be, by `level/index`. */
  readonly #subtrees = new Map<string, string>();
  /** Checkpoints told by events, by size. */
  readonly #told = new Map<number, { readonly seq: Seq; readonly root: string; readonly note: string }>();
  /** Roots at the sizes that checkpoints claim. */
  readonly #roots = new Map<number, string>();

  constructor(db: DatabaseSync, options: VerifyOptions) {
    this.#db = db;
    this.#rows = new Rows(db);
    this.#options = options;
  }

  report(): VerifyReport {
    const checkpoints = this.#rows.checkpoints(Number.MIN_SAFE_INTEGER);
    const { verifier, vkey, from } = this.#key();
    const kept = this.#kept(verifier);
    this.#events(new Set([...checkpoints, ...kept].map(c => c.size)));
    // After a fault in the events themselves every later root differs: that says nothing new.
    const roots = this.#faults.length === 0;
    if (roots) this.#storedSubtrees();
    this.#extendsKept(kept, roots);
    const signedUpTo = this.#checkpoints(checkpoints, verifier, roots);
    const faults = this.#faults.sort((a, b) => a.seq - b.seq);
    return {
      ok: faults.length === 0,
      events: this.#tree.size,
      root: this.#tree.root(),
      checkpoints: checkpoints.length,
      signedUpTo,
      vkey,
      vkeyFrom: from,
      faults: faults.slice(0, MOST_FAULTS),
    };
  }

  #fault(seq: Seq, what: string): void {
    // Sorted and cut at the end: checkpoints are looked at after events, but may condemn earlier ones.
    if (this.#faults.length < 10 * MOST_FAULTS) this.#faults.push({ seq: Math.max(1, seq), what });
  }

  #events(sizes: ReadonlySet<number>): void {
    const page = this.#db.prepare(
      `SELECT seq, CAST(bytes AS TEXT), length(bytes), lower(hex(hash))
       FROM event WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
    );
    // A third faster than rows with names.
    page.setReturnArrays(true);
    if (sizes.has(0)) this.#roots.set(0, this.#tree.root());
    const last = { seq: 0, hash: NO_HASH, time: 0, sound: true };
    let after = Number.MIN_SAFE_INTEGER;
    for (let rows = page.all(after); rows.length > 0; rows = page.all(after)) {
      for (const row of rows) {
        after = numberOf(row, COLUMN.seq);
        this.#event(row, after, last);
        if (sizes.has(this.#tree.size)) this.#roots.set(this.#tree.size, this.#tree.root());
      }
    }
    const count = numberOf(this.#db.prepare('SELECT count(*) AS n FROM event').get() ?? {}, 'n');
    if (count !== this.#tree.size) this.#fault(1, `of ${count} events ${this.#tree.size} have a place`);
  }

  #event(row: Row, seq: Seq, last: { seq: number; hash: string; time: number; sound: boolean }): void {
    const before = this.#faults.length;
    const text = textOf(row, COLUMN.text);
    if (seq !== last.seq + 1)
      this.#fault(last.seq + 1, `event ${last.seq + 1} is missing; event ${seq} comes next`);
    const hash = leafHash(text);
    if (hash !== textOf(row, COLUMN.hash) || !this.#isExactly(text, numberOf(row, COLUMN.size), seq)) {
      this.#fault(seq, `the bytes of event ${seq} do not have its hash`);
    }
    const scanned = scan(text);
    if (typeof scanned === 'string') {
      this.#fault(seq, `event ${seq} is not canonical JSON of an event: ${scanned}`);
    } else {
      if (scanned.seq !== seq) this.#fault(seq, `in place of event ${seq} stands event ${scanned.seq}`);
      // A row that is not what it says it is cannot be expected to follow anything.
      if (this.#faults.length === before && scanned.prev !== last.hash) this.#link(seq, last);
      if (scanned.time < last.time) this.#fault(seq, `event ${seq} is older than the one before it`);
      last.time = scanned.time;
      this.#content(text, seq, scanned);
    }
    this.#tree.push(hash, (level, index, root) => {
      if (level % TILE_LEVELS === 0) this.#subtrees.set(`${level}/${index}`, root);
    });
    last.seq = seq;
    last.hash = hash;
    last.sound = this.#faults.length === before;
  }

  /** Event `seq` names another event before it than the one that is there. */
  #link(seq: Seq, last: { readonly seq: number; readonly sound: boolean }): void {
    // A sound predecessor whose hash was recomputed with it is the likelier forgery than this event's own link,
    // which would break the next one too.
    this.#fault(
      Math.max(1, last.sound ? last.seq : seq),
      `event ${seq} does not follow the event ${seq - 1} that is there`,
    );
  }

  /** Were the stored bytes the UTF-8 of `text`? A text read from bytes that are no UTF-8 holds U+FFFD, or is cut. */
  #isExactly(text: string, size: number, seq: Seq): boolean {
    if (!text.includes('\ufffd')) return Buffer.byteLength(text) === size;
    const stored = this.#db.prepare('SELECT bytes FROM event WHERE seq = ?').get(seq)?.bytes;
    return stored instanceof Uint8Array && Buffer.from(text).equals(stored);
  }

  #content(text: string, seq: Seq, { kind }: Scanned): void {
    if (kind === 'journal.checkpointed') {
      const told = EVENT_DATA['journal.checkpointed'].safeParse(JSON.parse(text).data);
      if (told.success) this.#told.set(told.data.size, { seq, root: told.data.root, note: told.data.note });
      else this.#fault(seq, `event ${seq} tells no checkpoint`);
    }
    if (this.#options.deep !== true) return;
    const envelope = EventEnvelope.safeParse(JSON.parse(text));
    if (!envelope.success) {
      this.#fault(seq, `event ${seq} is not an event`);
    } else if (Object.hasOwn(EVENT_DATA, kind)) {
      const data = EVENT_DATA[kind as keyof typeof EVENT_DATA].safeParse(envelope.data.data);
      if (!data.success) this.#fault(seq, `the data of event ${seq} does not fit ${kind}`);
    }
  }

  #storedSubtrees(): void {
    for (const row of this.#db.prepare('SELECT level, idx, lower(hex(hash)) AS hash FROM subtree').all()) {
      const [level, index] = [numberOf(row, 'level'), numberOf(row, 'idx')];
      const first = index * 2 ** level + 1;
      if (this.#subtrees.get(`${level}/${index}`) !== textOf(row, 'hash')) {
        this.#fault(first, `the stored hash over events ${first} to ${first + 2 ** level - 1} is not theirs`);
      }
      this.#subtrees.delete(`${level}/${index}`);
    }
    for (const missing of this.#subtrees.keys()) {
      const [level = 0, index = 0] = missing.split('/').map(Number);
      this.#fault(
        index * 2 ** level + 1,
        `the hash over ${2 ** level} events from ${index * 2 ** level + 1} on is missing`,
      );
    }
  }

  #key(): { verifier: Verifier | undefined; vkey: string; from: VerifyReport['vkeyFrom'] } {
    const stored = this.#rows.meta('vkey');
    const vkey = this.#options.vkey ?? stored;
    if (vkey === undefined) {
      if (this.#rows.head().seq > 0) this.#fault(1, 'the journal names no key');
      return { verifier: undefined, vkey: '', from: 'none' };
    }
    const verifier = parseVkey(vkey);
    if (verifier === undefined) this.#fault(1, `${vkey} is no key`);
    if (stored !== vkey) this.#fault(1, `the journal names the key ${stored ?? '(none)'} and not ${vkey}`);
    if (verifier !== undefined && this.#rows.meta('origin') !== verifier.name) {
      this.#fault(
        1,
        `the journal is named ${this.#rows.meta('origin') ?? '(nothing)'} and not ${verifier.name}`,
      );
    }
    return { verifier, vkey, from: this.#options.vkey === undefined ? 'journal' : 'given' };
  }

  /** The kept checkpoint, if one was given. */
  #kept(by: Verifier | undefined): readonly Checkpoint[] {
    const { kept } = this.#options;
    if (kept === undefined) return [];
    const opened = by && openCheckpoint(kept, by);
    if (opened !== undefined) return [opened];
    throw new HmsError(
      'bad-checkpoint',
      `the checkpoint kept is not one that ${by?.name ?? 'this log'} signed`,
      'give the file that `hms audit checkpoint` printed, and the vkey of its log',
    );
  }

  #extendsKept(kept: readonly Checkpoint[], roots: boolean): void {
    for (const { size, root } of kept) {
      if (size > this.#tree.size) {
        this.#fault(
          this.#tree.size + 1,
          `the journal ends at ${this.#tree.size}; the checkpoint kept has ${size} events`,
        );
      } else if (roots && this.#roots.get(size) !== root) {
        this.#fault(1, `events 1 to ${size} are not those of the checkpoint kept`);
      }
    }
  }

  /** Every stored checkpoint against signature, tree and the event that tells of it. Returns the last good size. */
  #checkpoints(stored: readonly StoredCheckpoint[], by: Verifier | undefined, roots: boolean): number {
    let good = 0;
    for (const { size, root, note } of stored) {
      const opened = by && openCheckpoint(note, by);
      const told = this.#told.get(size);
      this.#told.delete(size);
      if (opened?.size !== size || opened.root !== root) {
        this.#fault(size, `the checkpoint over ${size} events is not signed with the log's key`);
      } else if (size > this.#tree.size) {
        this.#fault(
          this.#tree.size + 1,
          `the journal ends at ${this.#tree.size}; ${size} events were signed`,
        );
      } else if (told?.root !== root || told.note !== note) {
        this.#fault(size + 1, `no event tells of the checkpoint over ${size} events`);
      } else if (this.#roots.get(size) === root) {
        good = size;
      } else if (roots) {
        this.#fault(good + 1, `events ${good + 1} to ${size} are not those that were signed`);
      }
    }
    for (const [size, { seq }] of this.#told) {
      this.#fault(seq, `event ${seq} tells of a checkpoint over ${size} events that is gone`);
    }
    return good;
  }
}
