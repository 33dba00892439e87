/**
 * The journal: durable appends one at a time and by 64 at once, verify, fold. Beside it, on the same disk with rows
 * of the same size: what plain node:sqlite and a bare fdatasync do.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { canonical } from '../src/journal/canonical.ts';
import { openJournal } from '../src/journal/journal.ts';
import { openReader } from '../src/journal/reader.ts';
import type { Journal } from '../src/journal/types.ts';
import { verifyJournal } from '../src/journal/verify.ts';
import type { Draft } from '../src/model/event.ts';
import { fold } from '../src/model/reduce.ts';
import { EMPTY } from '../src/model/state.ts';
import { configured, dayOfAFleet } from './fleet-events.ts';
import { clock, type Measured, median } from './stats.ts';

const APPENDERS = 64;
/** How long each kind of appending is measured, ms. */
const SPAN_MS = 4000;
/** Events in the journal that is verified and folded, at least. */
const EVENTS = 200_000;
const ROUNDS = 5;

const perSecond = (n: number, ms: number) => Math.round((n / ms) * 1000);

export async function run(): Promise<Measured> {
  const dir = await mkdtemp(join(tmpdir(), 'hms-bench-'));
  try {
    const path = join(dir, 'journal.db');
    const journal = openJournal(path, { key: join(dir, 'journal.key'), origin: 'hms/bench' });
    await journal.append(configured()).durable;
    const single = await oneAtATime(journal);
    const concurrent = await manyAtOnce(journal);
    await fill(journal);
    await journal.checkpoint();
    const bytes = canonical([...journal.read({ reverse: true, limit: 100 })]).length / 100;
    journal.close();
    const events = verifyJournal(path).events;
    const verify = median(rounds(() => verified(path)));
    const folds = median(rounds(() => folded(path)));
    const plain = plainSqlite(join(dir, 'plain.db'), bytes);
    const sync = bareSync(join(dir, 'plain.log'), bytes);
    return {
      figures: {
        append_single_per_s: single,
        append_concurrent_per_s: concurrent,
        verify_per_s: verify,
        fold_per_s: folds,
      },
      env: {
        compared: {
          sqlite_single_per_s: plain.single,
          sqlite_batch_per_s: plain.batch,
          fdatasync_per_s: sync,
        },
      },
      lines: [
        `${events} events of ${Math.round(bytes)} bytes on average, ${APPENDERS} appenders`,
        `plain node:sqlite, same rows: ${plain.single}/s one at a time, ${plain.batch}/s in groups of ${APPENDERS}; bare fdatasync: ${sync}/s`,
      ],
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Each event is asked for when the one before it is durable. */
async function oneAtATime(journal: Journal): Promise<number> {
  const drafts = dayOfAFleet(10_000);
  const begun = clock();
  let n = 0;
  for (; clock() - begun < SPAN_MS; n++) await journal.append(at(drafts, n)).durable;
  return perSecond(n, clock() - begun);
}

/** So many do the same at once, each waiting for its own. */
async function manyAtOnce(journal: Journal): Promise<number> {
  const drafts = dayOfAFleet(10_000);
  const begun = clock();
  let n = 0;
  const appender = async () => {
    while (clock() - begun < SPAN_MS) await journal.append(at(drafts, n++)).durable;
  };
  await Promise.all(Array.from({ length: APPENDERS }, appender));
  return perSecond(n, clock() - begun);
}

async function fill(journal: Journal): Promise<void> {
  const drafts = dayOfAFleet(10_000);
  while (journal.head().seq < EVENTS) await journal.append(...drafts.slice(0, 1000)).durable;
}

function at(drafts: readonly Draft[], n: number): Draft {
  const draft = drafts[n % drafts.length];
  if (draft === undefined) throw new Error('no drafts');
  return draft;
}

function rounds(once: () => number): number[] {
  return Array.from({ length: ROUNDS }, once);
}

function verified(path: string): number {
  const begun = clock();
  const { ok, events } = verifyJournal(path);
  if (!ok) throw new Error('the journal does not verify');
  return perSecond(events, clock() - begun);
}

/** As an engine or a console starts: everything read from the file and folded into the state. */
function folded(path: string): number {
  const begun = clock();
  const reader = openReader(path);
  const state = fold(EMPTY, reader.read());
  reader.close();
  return perSecond(state.seq, clock() - begun);
}

function plainSqlite(path: string, bytes: number): { single: number; batch: number } {
  const db = new DatabaseSync(path);
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB)',
  );
  const insert = db.prepare('INSERT INTO t (b) VALUES (?)');
  const row = Buffer.alloc(Math.round(bytes), 'x');
  const measure = (group: number) => {
    const begun = clock();
    let n = 0;
    while (clock() - begun < SPAN_MS / 2) {
      db.exec('BEGIN IMMEDIATE');
      for (let i = 0; i < group; i++) insert.run(row);
      db.exec('COMMIT');
      n += group;
    }
    return perSecond(n, clock() - begun);
  };
  const figures = { single: measure(1), batch: measure(APPENDERS) };
  db.close();
  return figures;
}

function bareSync(path: string, bytes: number): number {
  const file = openSync(path, 'w');
  const row = Buffer.alloc(Math.round(bytes), 'x');
  const begun = clock();
  let n = 0;
  for (; clock() - begun < SPAN_MS / 2; n++) {
    writeSync(file, row);
    fdatasyncSync(file);
  }
  closeSync(file);
  return perSecond(n, clock() - begun);
}
