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
/** Slices of appending, the journal's and the others' in turn: what else the machine does falls on all alike. */
const SLICES = 7;
const SLICE_MS = 500;
/** Events in the journal that is verified and folded, at least. */
const EVENTS = 200_000;
const ROUNDS = 5;

const perSecond = (n: number, ms: number) => Math.round((n / ms) * 1000);

export async function run(): Promise<Measured> {
  const dir = await mkdtemp(join(tmpdir(), 'hms-bench-'));
  const path = join(dir, 'journal.db');
  const journal = openJournal(path, { key: join(dir, 'journal.key'), origin: 'hms/bench' });
  try {
    const drafts = dayOfAFleet(10_000);
    await journal.append(configured(), ...drafts).durable;
    const bytes = canonical([...journal.read({ reverse: true, limit: 1000 })]).length / 1000;
    const row = Buffer.alloc(Math.round(bytes), 'x');
    const plain = plainSqlite(join(dir, 'plain.db'), row);
    const log = openSync(join(dir, 'plain.log'), 'w');
    const rates: Record<string, number[]> = {
      single: [],
      many: [],
      plainSingle: [],
      plainMany: [],
      sync: [],
    };
    for (let slice = 0; slice < SLICES; slice++) {
      rates.single?.push(await append(journal, drafts, 1));
      rates.plainSingle?.push(insert(plain, row, 1));
      rates.sync?.push(writeAndSync(log, row));
      rates.many?.push(await append(journal, drafts, APPENDERS));
      rates.plainMany?.push(insert(plain, row, APPENDERS));
    }
    closeSync(log);
    plain.close();
    while (journal.head().seq < EVENTS) await journal.append(...drafts.slice(0, 1000)).durable;
    await journal.checkpoint();
    const events = journal.head().seq;
    journal.close();
    const [verify, folds]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      verify.push(verified(path));
      folds.push(folded(path));
    }
    const of = (name: string) => Math.round(median(rates[name] ?? []));
    return {
      figures: {
        append_single_per_s: of('single'),
        append_concurrent_per_s: of('many'),
        verify_per_s: Math.round(median(verify)),
        fold_per_s: Math.round(median(folds)),
      },
      env: {
        compared: {
          sqlite_single_per_s: of('plainSingle'),
          sqlite_batch_per_s: of('plainMany'),
          fdatasync_per_s: of('sync'),
        },
      },
      lines: [
        `${events} events of ${Math.round(bytes)} bytes on average, ${APPENDERS} appenders; medians of ${SLICES} slices`,
        `plain node:sqlite, same rows: ${of('plainSingle')}/s one at a time, ${of('plainMany')}/s in groups of ${APPENDERS}; bare fdatasync: ${of('sync')}/s`,
      ],
    };
  } finally {
    journal.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** So many append at once, each the next event when its last one is durable. */
async function append(journal: Journal, drafts: readonly Draft[], appenders: number): Promise<number> {
  const begun = clock();
  let n = 0;
  const appender = async () => {
    while (clock() - begun < SLICE_MS) await journal.append(at(drafts, n++)).durable;
  };
  await Promise.all(Array.from({ length: appenders }, appender));
  return perSecond(n, clock() - begun);
}

function at(drafts: readonly Draft[], n: number): Draft {
  const draft = drafts[n % drafts.length];
  if (draft === undefined) throw new Error('no drafts');
  return draft;
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

function plainSqlite(path: string, row: Buffer): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB)',
  );
  insert(db, row, APPENDERS);
  return db;
}

/** Rows in transactions of `group`. */
function insert(db: DatabaseSync, row: Buffer, group: number): number {
  const statement = db.prepare('INSERT INTO t (b) VALUES (?)');
  const begun = clock();
  let n = 0;
  for (; clock() - begun < SLICE_MS; n += group) {
    db.exec('BEGIN IMMEDIATE');
    for (let i = 0; i < group; i++) statement.run(row);
    db.exec('COMMIT');
  }
  return perSecond(n, clock() - begun);
}

function writeAndSync(file: number, row: Buffer): number {
  const begun = clock();
  let n = 0;
  for (; clock() - begun < SLICE_MS; n++) {
    writeSync(file, row);
    fdatasyncSync(file);
  }
  return perSecond(n, clock() - begun);
}
