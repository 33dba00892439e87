import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonical } from '../../src/journal/canonical.ts';
import { readKey } from '../../src/journal/key.ts';
import { leafHash, NO_HASH, TreeHead } from '../../src/journal/merkle.ts';
import { signer, vkeyOf } from '../../src/journal/note.ts';
import { type VerifyReport, verifyJournal } from '../../src/journal/verify.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { Event } from '../../src/model/event.ts';
import { journalIn, noted, ORIGIN, openIn, working } from '../support/journals.ts';

/** Events 1–300, checkpoint over 300 told by 301, 302–600, checkpoint over 600 told by 601. */
const FIRST = 300;
const SECOND = 600;
const SIZE = SECOND + 1;

let dir: string;
let whole: string;
let vkey: string;
let firstNote: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hms-t-'));
  whole = journalIn(dir).path;
  const journal = openIn(dir);
  // Text that is not ASCII, and U+FFFD, which is what bytes that are no UTF-8 would be read as.
  const some = (n: number) => (n % 7 === 0 ? noted(`é 日本 💥 \ufffd ${n}`) : working(n));
  await journal.append(...Array.from({ length: FIRST }, (_none, n) => some(n))).durable;
  firstNote = (await journal.checkpoint()).note;
  await journal.append(...Array.from({ length: SECOND - FIRST - 1 }, (_none, n) => some(n))).durable;
  await journal.checkpoint();
  journal.close();
  const key = readKey(journalIn(dir).key);
  vkey = key === undefined ? '' : vkeyOf(signer(ORIGIN, key));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Value = number | string | Uint8Array | null;

/** The report on a copy after somebody with SQLite and time had it. */
function afterwards(change: (db: DatabaseSync) => void, options = {}): VerifyReport {
  const copy = join(dir, 'copy.db');
  for (const end of ['-wal', '-shm']) rmSync(copy + end, { force: true });
  copyFileSync(whole, copy);
  const db = new DatabaseSync(copy);
  // A forger need not wait for the disk.
  db.exec('PRAGMA synchronous = OFF');
  for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()) {
    db.exec(`DROP TRIGGER ${name}`);
  }
  change(db);
  db.close();
  return verifyJournal(copy, { vkey, ...options });
}

function sql(...statements: [string, ...Value[]][]): (db: DatabaseSync) => void {
  return db => {
    for (const [statement, ...values] of statements) db.prepare(statement).run(...values);
  };
}

function bytesOf(db: DatabaseSync, column: string, table: string, where: string): Buffer {
  const row = db.prepare(`SELECT CAST(${column} AS BLOB) AS bytes FROM ${table} WHERE ${where}`).get();
  return row?.bytes instanceof Uint8Array ? Buffer.from(row.bytes) : Buffer.alloc(0);
}

/** Changes one bit of one stored value. */
function flip(table: string, column: string, where: string, at: number, bit: number, type = 'BLOB') {
  return (db: DatabaseSync) => {
    const bytes = bytesOf(db, column, table, where);
    const place = at % bytes.length;
    bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
    db.prepare(`UPDATE ${table} SET ${column} = CAST(? AS ${type}) WHERE ${where}`).run(bytes);
  };
}

function found(report: VerifyReport): number | undefined {
  expect(report.ok).toBe(false);
  return report.faults[0]?.seq;
}

/** Somebody who rewrites events from `from` on and makes every hash fit again. */
function rewrite(db: DatabaseSync, from: number, change: (event: Event) => object): void {
  let prev = NO_HASH;
  const tree = new TreeHead();
  const update = db.prepare('UPDATE event SET bytes = CAST(? AS BLOB), hash = unhex(?) WHERE seq = ?');
  for (const { seq, text } of db
    .prepare('SELECT seq, CAST(bytes AS TEXT) AS text FROM event ORDER BY seq')
    .all()) {
    const event = JSON.parse(String(text)) as Event;
    const now =
      Number(seq) < from ? String(text) : canonical({ ...(seq === from ? change(event) : event), prev });
    prev = leafHash(now);
    if (Number(seq) >= from) update.run(now, prev, seq ?? null);
    tree.push(prev, (level, index, hash) => {
      if (level === 8)
        db.prepare('UPDATE subtree SET hash = unhex(?) WHERE level = 8 AND idx = ?').run(hash, index);
    });
  }
}

const seq = fc.integer({ min: 1, max: SIZE });
const bit = fc.nat({ max: 7 });

describe('verify', { timeout: 120_000 }, () => {
  it('finds nothing wrong with a journal that nobody touched', () => {
    expect(afterwards(() => undefined, { deep: true })).toMatchObject({
      ok: true,
      events: SIZE,
      checkpoints: 2,
      signedUpTo: SECOND,
      vkeyFrom: 'given',
      faults: [],
    });
    expect(verifyJournal(whole)).toMatchObject({ ok: true, vkey, vkeyFrom: 'journal' });
  });

  it('names the event of which any bit of its bytes was changed', () => {
    fc.assert(
      fc.property(seq, fc.nat(), bit, (at, place, b) => {
        expect(found(afterwards(flip('event', 'bytes', `seq = ${at}`, place, b)))).toBe(at);
      }),
      { numRuns: 200 },
    );
  });

  it('names the event of which any bit of its hash was changed', () => {
    fc.assert(
      fc.property(seq, fc.nat(), bit, (at, place, b) => {
        expect(found(afterwards(flip('event', 'hash', `seq = ${at}`, place, b)))).toBe(at);
      }),
      { numRuns: 40 },
    );
  });

  it('names the event whose bytes were cut, lengthened, or replaced by others that read the same', () => {
    const bytes = (change: (b: Buffer) => Uint8Array) => (at: number) =>
      afterwards(db =>
        db
          .prepare('UPDATE event SET bytes = ? WHERE seq = ?')
          .run(change(bytesOf(db, 'bytes', 'event', `seq = ${at}`)), at),
      );
    const nul = Buffer.from('\0and more');
    expect(found(bytes(b => b.subarray(0, -1))(5))).toBe(5);
    expect(found(bytes(b => Buffer.concat([b, nul]))(5))).toBe(5);
    expect(found(bytes(b => Buffer.concat([Buffer.from('\ufeff'), b]))(5))).toBe(5);
    expect(found(bytes(() => Buffer.alloc(0))(5))).toBe(5);
    // Event 8 holds U+FFFD: bytes that are no UTF-8 are read as that, in as many characters.
    const broken = (b: Buffer) => {
      const from = b.indexOf(Buffer.from('\ufffd'));
      expect(from).toBeGreaterThan(0);
      return Buffer.concat([b.subarray(0, from), Buffer.from('f09f92', 'hex'), b.subarray(from + 3)]);
    };
    expect(found(bytes(broken)(8))).toBe(8);
    expect(found(bytes(b => Buffer.from(JSON.stringify(JSON.parse(b.toString()), null, 1)))(5))).toBe(5);
  });

  it('names the event that was taken out', () => {
    fc.assert(
      fc.property(seq, at => {
        expect(found(afterwards(sql(['DELETE FROM event WHERE seq = ?', at])))).toBe(at);
      }),
      { numRuns: 40 },
    );
  });

  it('names the first of two events that changed places', () => {
    fc.assert(
      fc.property(seq, seq, fc.boolean(), (a, b, moved) => {
        fc.pre(a !== b);
        const report = afterwards(
          moved
            ? sql(
                ['UPDATE event SET seq = -1 WHERE seq = ?', a],
                ['UPDATE event SET seq = ? WHERE seq = ?', a, b],
                ['UPDATE event SET seq = ? WHERE seq = -1', b],
              )
            : db => {
                const rows = [a, b].map(
                  n =>
                    [
                      bytesOf(db, 'bytes', 'event', `seq = ${n}`),
                      bytesOf(db, 'hash', 'event', `seq = ${n}`),
                    ] as const,
                );
                const update = db.prepare('UPDATE event SET bytes = ?, hash = ? WHERE seq = ?');
                update.run(...(rows[1] ?? [null, null]), a);
                update.run(...(rows[0] ?? [null, null]), b);
              },
        );
        expect(found(report)).toBe(Math.min(a, b));
      }),
      { numRuns: 40 },
    );
  });

  it('names where the journal was cut off below a checkpoint', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: SECOND }), size => {
        const cut = sql(
          ['DELETE FROM event WHERE seq > ?', size],
          ['DELETE FROM subtree WHERE (idx + 1) * 256 > ?', size],
        );
        expect(found(afterwards(cut))).toBe(size + 1);
      }),
      { numRuns: 40 },
    );
  });

  it('names an event that was put in', () => {
    const row = "x'7b7d', zeroblob(32)";
    expect(found(afterwards(db => db.exec(`INSERT INTO event VALUES (0, ${row})`)))).toBe(1);
    expect(found(afterwards(db => db.exec(`INSERT INTO event VALUES (-5, ${row})`)))).toBe(1);
    expect(found(afterwards(db => db.exec(`INSERT INTO event VALUES (${SIZE + 1}, ${row})`)))).toBe(SIZE + 1);
    expect(found(afterwards(db => db.exec(`INSERT INTO event VALUES (${SIZE + 9}, ${row})`)))).toBe(SIZE + 1);
  });

  it('finds any change to a checkpoint, and a checkpoint that is gone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(FIRST, SECOND),
        fc.constantFrom('root', 'note'),
        fc.nat(),
        bit,
        (size, column, place, b) => {
          const type = column === 'note' ? 'TEXT' : 'BLOB';
          expect(found(afterwards(flip('checkpoint', column, `size = ${size}`, place, b, type)))).toBe(size);
        },
      ),
      { numRuns: 60 },
    );
    for (const size of [FIRST, SECOND]) {
      // The event after it tells of it.
      expect(found(afterwards(sql(['DELETE FROM checkpoint WHERE size = ?', size])))).toBe(size + 1);
      for (const to of [size - 1, size + 1, SIZE + 5, -1]) {
        afterwards(sql(['UPDATE checkpoint SET size = ? WHERE size = ?', to, size]));
        expect(
          found(afterwards(sql(['UPDATE checkpoint SET size = ? WHERE size = ?', to, size]))),
        ).toBeLessThanOrEqual(size + 1);
      }
    }
  });

  it('finds any change to the stored subtree hashes, to the name and to the key', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1), fc.nat(), bit, (index, place, b) => {
        expect(found(afterwards(flip('subtree', 'hash', `idx = ${index}`, place, b)))).toBe(index * 256 + 1);
      }),
      { numRuns: 20 },
    );
    expect(found(afterwards(db => db.exec('DELETE FROM subtree WHERE idx = 1')))).toBe(257);
    expect(found(afterwards(db => db.exec('UPDATE subtree SET idx = 7 WHERE idx = 1')))).toBe(257);
    expect(found(afterwards(db => db.exec('UPDATE subtree SET level = 16 WHERE idx = 1')))).toBe(257);
    fc.assert(
      fc.property(fc.constantFrom('origin', 'vkey'), fc.nat(), bit, (name, place, b) => {
        expect(found(afterwards(flip('meta', 'value', `name = '${name}'`, place, b, 'TEXT')))).toBe(1);
      }),
      { numRuns: 40 },
    );
    expect(found(afterwards(db => db.exec('DELETE FROM meta'), { vkey: undefined }))).toBe(1);
  });

  it('finds a history that was rewritten with every hash made to fit, where it was signed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: SECOND }), at => {
        const report = afterwards(db =>
          rewrite(db, at, event => ({ ...event, subject: 'agent:somebody-else' })),
        );
        // Which event it was cannot be told any more, only between which checkpoints; the forged event that told of
        // the checkpoint names itself too.
        expect(found(report)).toBe(at <= FIRST ? 1 : FIRST + 1);
      }),
      { numRuns: 12 },
    );
  });

  it('finds one event changed together with its hash by the link of the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: SIZE - 1 }), at => {
        const report = afterwards(db => {
          const text = bytesOf(db, 'bytes', 'event', `seq = ${at}`).toString();
          const forged = canonical({ ...JSON.parse(text), subject: 'agent:somebody-else' });
          db.prepare('UPDATE event SET bytes = CAST(? AS BLOB), hash = unhex(?) WHERE seq = ?').run(
            forged,
            leafHash(forged),
            at,
          );
        });
        expect(found(report)).toBe(at);
      }),
      { numRuns: 30 },
    );
  });

  it('finds time that goes back and data that does not fit its kind', () => {
    const late = afterwards(db => rewrite(db, SIZE, event => ({ ...event, time: 0 })));
    expect(late.faults).toContainEqual({ seq: SIZE, what: expect.stringMatching(/older/) });
    const odd = (options: object) =>
      afterwards(db => rewrite(db, SECOND - 1, e => ({ ...e, data: { agent: 7 } })), options);
    expect(odd({ deep: true }).faults).toContainEqual({
      seq: SECOND - 1,
      what: expect.stringMatching(/does not fit/),
    });
    expect(odd({}).faults).not.toContainEqual({ seq: SECOND - 1, what: expect.anything() });
  });

  it('needs a checkpoint from outside to tell a journal whose end and last checkpoint were both cut off', () => {
    // What the key's holder, or anybody before the next checkpoint, can do: go back to an earlier whole journal.
    const cut = sql(
      ['DELETE FROM event WHERE seq > ?', FIRST - 20],
      ['DELETE FROM checkpoint'],
      ['DELETE FROM subtree WHERE (idx + 1) * 256 > ?', FIRST - 20],
    );
    expect(afterwards(cut).ok).toBe(true);
    expect(found(afterwards(cut, { kept: firstNote }))).toBe(FIRST - 19);
    expect(afterwards(() => undefined, { kept: firstNote }).ok).toBe(true);
    const rewritten = (db: DatabaseSync) => {
      rewrite(db, 9, event => ({ ...event, subject: 'x' }));
      db.exec('DELETE FROM checkpoint');
    };
    expect(afterwards(rewritten, { kept: firstNote }).faults).toContainEqual({
      seq: 1,
      what: expect.stringMatching(/kept/),
    });
    const bad = firstNote.replace(`\n${FIRST}\n`, '\n299\n');
    expect(() => afterwards(() => undefined, { kept: bad })).toThrow(
      expect.objectContaining({ code: 'bad-checkpoint' }),
    );
  });

  it('does not believe a journal about its key when it is told the key', () => {
    const other = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
    expect(found(verifyJournal(whole, { vkey: other }))).toBe(1);
    expect(found(verifyJournal(whole, { vkey: 'nonsense' }))).toBe(1);
  });

  it('says when it cannot read: no file, or no journal', () => {
    expect(() => verifyJournal(join(dir, 'none.db'))).toThrow(
      expect.objectContaining({ code: 'no-journal' }),
    );
    expect(() => verifyJournal(journalIn(dir).key)).toThrow(
      expect.objectContaining({ code: 'not-a-journal' }),
    );
  });

  it('never calls a file good in which something else stands, whatever was damaged below SQLite', () => {
    const bytes = readFileSync(whole);
    const good = verifyJournal(whole, { vkey });
    const damage = fc.uint8Array({ minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), damage, (at, garbage) => {
        const damaged = Buffer.from(bytes);
        damaged.set(garbage.subarray(0, bytes.length - at), at);
        const copy = join(dir, 'damaged.db');
        for (const end of ['-wal', '-shm']) rmSync(copy + end, { force: true });
        writeFileSync(copy, damaged);
        let report: VerifyReport | undefined;
        try {
          report = verifyJournal(copy, { vkey });
        } catch (error) {
          expect(error).toBeInstanceOf(HmsError);
        }
        // Free space and SQLite's own bookkeeping hold nothing of the log.
        if (report?.ok) expect(report).toEqual(good);
      }),
      { numRuns: 200 },
    );
  });
});
