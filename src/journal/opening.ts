/**
 * What is checked whenever a journal is opened for appending: that its end is whole and still is what its last
 * checkpoint signed. The rest is for `verify`, which reads every byte.
 */
import type { DatabaseSync } from 'node:sqlite';
import { HmsError } from '../model/errors.ts';
import type { Seq } from '../model/ids.ts';
import { leafHash, NO_HASH, rootAt } from './merkle.ts';
import { openCheckpoint, type Verifier, vkeyOf } from './note.ts';
import { scan } from './scan.ts';
import { transaction } from './sqlite.ts';
import { type Rows, TILE_LEVELS } from './store.ts';

interface Tail {
  readonly seq: Seq;
  readonly hash: string;
  /** Time of the last event, ms since the epoch; 0 when there is none. */
  readonly time: number;
}

function refuse(what: string): never {
  throw new HmsError(
    'journal-corrupt',
    `the journal was changed or damaged: ${what}`,
    '`hms audit verify` names the first bad event; move the journal away to start a new one',
  );
}

/** The events since the last full tile: hashed, linked, in place. */
function checkLast(rows: Rows): Tail {
  const { seq: size, hash: head } = rows.head();
  const from = size === 0 ? 0 : size - 1 - ((size - 1) % 2 ** TILE_LEVELS);
  const texts = rows.texts(from + 1, size, 2 ** TILE_LEVELS);
  const leaves = rows.leaves(from, size);
  let prev = from === 0 ? NO_HASH : rows.hash(from);
  let time = 0;
  if (texts.length !== size - from) refuse(`an event is missing between ${from + 1} and ${size}`);
  texts.forEach((text, i) => {
    const seq = from + i + 1;
    const scanned = scan(text);
    if (typeof scanned === 'string') refuse(`event ${seq} is not canonical (${scanned})`);
    if (scanned.seq !== seq) refuse(`in place of event ${seq} stands ${scanned.seq}`);
    if (leafHash(text) !== leaves[i]) refuse(`event ${seq} does not have its hash`);
    if (scanned.prev !== prev) refuse(`event ${seq} does not follow event ${seq - 1}`);
    prev = leaves[i];
    time = scanned.time;
  });
  return { seq: size, hash: head, time };
}

function checkSubtrees(rows: Rows, size: number): void {
  for (let level = TILE_LEVELS; level < 48; level += TILE_LEVELS) {
    const wanted = Math.floor(size / 2 ** level);
    if (rows.subtreeCount(level) !== wanted)
      refuse(`it should hold ${wanted} subtree hashes of level ${level}`);
    if (wanted === 0) return;
  }
}

function checkCheckpoint(rows: Rows, size: number, by: Verifier): void {
  const last = rows.lastCheckpoint();
  if (last === undefined) return;
  const opened = openCheckpoint(last.note, by);
  if (opened === undefined || opened.size !== last.size || opened.root !== last.root) {
    refuse(`its checkpoint over ${last.size} events is not signed with its key`);
  }
  if (last.size > size) refuse(`it ends at event ${size}, its last checkpoint has ${last.size}`);
  if (rootAt(rows.hashes, last.size) !== last.root)
    refuse(`events up to ${last.size} are not what was signed`);
}

/** A new journal is given its name and key; an old one must have been given these. */
function checkName(db: DatabaseSync, rows: Rows, size: number, by: Verifier): void {
  const vkey = vkeyOf(by);
  const there = rows.meta('vkey');
  if (there === undefined && size === 0) {
    transaction(db, () => {
      const insert = db.prepare('INSERT INTO meta VALUES (?, ?)');
      insert.run('origin', by.name);
      insert.run('vkey', vkey);
    });
  } else if (there !== vkey) {
    throw new HmsError(
      'journal-key',
      `the journal belongs to ${there ?? 'nobody'}, the key at hand is ${vkey}`,
      'put the key file back that it was begun with, or move the journal away',
    );
  }
}

/** Where a journal ends, after checking that end. Throws HmsError `journal-corrupt` or `journal-key`. */
export function checkTail(db: DatabaseSync, rows: Rows, by: Verifier): Tail {
  const tail = checkLast(rows);
  checkName(db, rows, tail.seq, by);
  checkSubtrees(rows, tail.seq);
  checkCheckpoint(rows, tail.seq, by);
  return tail;
}
