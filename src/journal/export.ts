/**
 * A journal for people outside: as JSON lines, or as a folder in the layout of c2sp.org/tlog-tiles that can be
 * checked with any tool that knows it, and with nothing but Node by the `verify.mjs` that lies in it.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HmsError } from '../model/errors.ts';
import { rootAt } from './merkle.ts';
import { openStoreReadOnly, Rows, type StoredCheckpoint, TILE_LEVELS } from './store.ts';

const TILE = 2 ** TILE_LEVELS;
/** An entry's length is a uint16 in tlog-tiles. */
const LARGEST_ENTRY = 0xffff;

export interface Bundle {
  /** Events in it: those of the newest checkpoint. */
  readonly size: number;
  /** Lower-case hex. */
  readonly root: string;
  readonly vkey: string;
  readonly files: number;
}

/** `1234067` → `x001/x234/067`: the path of a tile's number in tlog-tiles. */
export function tilePath(index: number): string {
  const digits = String(index).padStart(3, '0');
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
}

const README = `A signed event log of hms.

  node verify.mjs                 checks every event, hash and signature in this folder
  node verify.mjs --vkey KEY      … against a key you have from somewhere else (the file vkey only says
                                  what the log says of itself)
  node verify.mjs --old FILE      … and that it extends a checkpoint you kept from earlier

checkpoint, tile/ and tile/entries/ are as in c2sp.org/tlog-tiles; each entry is one event, RFC 8785 JSON.
Events longer than 65535 bytes, which that format cannot hold, are empty entries; their bytes are in large/,
under their index.
`;

/** Writes the stored bytes of all events, one a line, and gives their number. Lines hash to the leaves of the log. */
export function exportLines(path: string, write: (lines: string) => void): number {
  const db = openStoreReadOnly(path);
  try {
    const rows = new Rows(db);
    const { seq: head } = rows.head();
    for (let from = 1; from <= head; from += TILE) {
      write(
        rows
          .texts(from, head, TILE)
          .map(text => `${text}\n`)
          .join(''),
      );
    }
    return head;
  } finally {
    db.close();
  }
}

/**
 * Writes the events of the newest checkpoint as a bundle into `dir`, which is made and must be empty.
 * `verifier` is the file of the stand-alone verifier. Throws HmsError `no-checkpoint`, `not-empty`,
 * `journal-corrupt` (the journal is not what was signed), or as `openReader` does.
 */
export function exportBundle(path: string, dir: string, verifier: string = standalone()): Bundle {
  const db = openStoreReadOnly(path);
  try {
    const rows = new Rows(db);
    const checkpoint = rows.lastCheckpoint();
    if (checkpoint === undefined) {
      throw new HmsError(
        'no-checkpoint',
        'nothing in this journal is signed yet',
        '`hms audit checkpoint` signs it',
      );
    }
    if (rootAt(rows.hashes, checkpoint.size) !== checkpoint.root) {
      throw new HmsError(
        'journal-corrupt',
        'the journal is not what was signed',
        '`hms audit verify` says more',
      );
    }
    return writeBundle(rows, checkpoint, dir, verifier);
  } finally {
    db.close();
  }
}

/** The verifier lies beside this file, in the source as in the built program. */
function standalone(): string {
  return join(import.meta.dirname, 'standalone-verify.mjs');
}

function writeBundle(
  rows: Rows,
  { size, root, note }: StoredCheckpoint,
  dir: string,
  verifier: string,
): Bundle {
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new HmsError('not-empty', `${dir} is not empty`, 'name another folder with --out');
  }
  let files = 0;
  const put = (name: string, content: string | Uint8Array) => {
    const file = join(dir, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    files += 1;
  };
  const vkey = rows.meta('vkey') ?? '';
  put('README.txt', README);
  put('vkey', `${vkey}\n`);
  for (let level = 0; 2 ** (TILE_LEVELS * level) <= size; level++) {
    const width = Math.floor(size / 2 ** (TILE_LEVELS * level));
    for (let from = 0; from < width; from += TILE) {
      const to = Math.min(width, from + TILE);
      const hashes = level === 0 ? rows.leaves(from, to) : rows.subtrees(TILE_LEVELS * level, from, to);
      put(`tile/${level}/${named(from, to)}`, Buffer.from(hashes.join(''), 'hex'));
    }
  }
  for (let from = 0; from < size; from += TILE) {
    const to = Math.min(size, from + TILE);
    const entries = rows.texts(from + 1, to, TILE).map(text => Buffer.from(text));
    put(`tile/entries/${named(from, to)}`, Buffer.concat(entries.flatMap(framed)));
    entries.forEach((entry, i) => {
      if (entry.length > LARGEST_ENTRY) put(`large/${from + i}`, entry);
    });
  }
  copyFileSync(verifier, join(dir, 'verify.mjs'));
  // Last: a bundle without it is not finished.
  put('checkpoint', note);
  return { size, root, vkey, files: files + 1 };
}

function named(from: number, to: number): string {
  const width = to - from;
  return `${tilePath(from / TILE)}${width < TILE ? `.p/${width}` : ''}`;
}

function framed(entry: Buffer): Buffer[] {
  const body = entry.length > LARGEST_ENTRY ? Buffer.alloc(0) : entry;
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return [length, body];
}
