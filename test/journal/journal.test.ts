import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJournal } from '../../src/journal/journal.ts';
import { leafHash, NO_HASH } from '../../src/journal/merkle.ts';
import { openReader } from '../../src/journal/reader.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import type { Event } from '../../src/model/event.ts';
import { arbitraryDraft as anyDraft } from '../support/arbitrary-events.ts';
import { journalIn, noted, ORIGIN, openIn, START, working } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

/** What others may append: the journal tells of its checkpoints itself. */
const arbitraryDraft = anyDraft.filter(draft => draft.kind !== 'journal.checkpointed');

function rowsOf(path: string) {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare('SELECT seq, bytes, lower(hex(hash)) AS hash FROM event ORDER BY seq').all();
  } finally {
    db.close();
  }
}

/** Another program that changes the file behind the journal's back. */
function tamper(path: string, ...sql: string[]): void {
  const db = new DatabaseSync(path);
  try {
    for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()) {
      db.exec(`DROP TRIGGER ${name}`);
    }
    for (const statement of sql) db.exec(statement);
  } finally {
    db.close();
  }
}

describe('append', () => {
  it('keeps exactly the canonical bytes of every event, in order, linked, and gives them back', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await fc.assert(
        fc.asyncProperty(fc.array(arbitraryDraft, { minLength: 1, maxLength: 5 }), async drafts => {
          const before = journal.head();
          const { events, durable } = journal.append(...drafts);
          await durable;
          expect([...journal.read({ from: before.seq + 1 })]).toEqual(JSON.parse(JSON.stringify(events)));
          expect(events.map(e => e.seq)).toEqual(drafts.map((_draft, i) => before.seq + 1 + i));
          expect(events[0]?.prev).toBe(before.hash);
        }),
        { numRuns: 60 },
      );
      journal.close();
      const { path } = journalIn(dir);
      let prev = NO_HASH;
      for (const { seq, bytes, hash } of rowsOf(path)) {
        const text = Buffer.from(bytes as Uint8Array).toString();
        const event = JSON.parse(text) as Event;
        expect(canonicalize(event)).toBe(text);
        expect({ seq: event.seq, prev: event.prev }).toEqual({ seq, prev });
        expect(hash).toBe(leafHash(bytes as Uint8Array));
        prev = String(hash);
      }
      expect(verifyJournal(path, { deep: true })).toMatchObject({ ok: true, faults: [] });
    });
  });

  it('gives places at once and shows events to others only when they are durable', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      const reader = openReader(journalIn(dir).path);
      const first = journal.append(working(1), working(2));
      const second = journal.append(working(3));
      expect([...first.events, ...second.events].map(e => e.seq)).toEqual([1, 2, 3]);
      expect(journal.head()).toEqual({ seq: 0, hash: NO_HASH });
      expect([...reader.read()]).toEqual([]);
      await second.durable;
      expect([...reader.read()].map(e => e.seq)).toEqual([1, 2, 3]);
      expect(reader.head()).toEqual(journal.head());
      reader.close();
      journal.close();
    });
  });

  it('never lets time go back, whatever the clock does', async () => {
    await withFolder(async dir => {
      const clock = [START + 5000, START + 4000, START + 6000.7, START];
      const now = () => clock.shift() ?? START;
      const journal = openIn(dir, { now });
      const times = [1, 2, 3, 4].map(n => journal.append(working(n)).events[0]?.time);
      expect(times).toEqual([START + 5000, START + 5000, START + 6000, START + 6000]);
      journal.close();
      const again = openIn(dir, { now });
      expect(again.append(working(5)).events[0]?.time).toBe(START + 6000);
      again.close();
    });
  });

  it('refuses a group as a whole when one of it is not JSON', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      const bad = noted('x', { half: '\ud800', number: Number.NaN });
      expect(() => journal.append(working(1), bad)).toThrow(expect.objectContaining({ code: 'not-json' }));
      await journal.append(working(2)).durable;
      expect([...journal.read()].map(e => [e.seq, e.kind])).toEqual([[1, 'status.changed']]);
      journal.close();
      expect(verifyJournal(journalIn(dir).path).ok).toBe(true);
    });
  });

  it('puts U+FFFD for half surrogate pairs, which no UTF-8 can hold, and says so in the event', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      const { events, durable } = journal.append(noted('cut \ud83d'));
      await durable;
      expect(events[0]?.data).toMatchObject({ text: 'cut \ufffd' });
      expect([...journal.read()]).toEqual(events);
      journal.close();
      expect(verifyJournal(journalIn(dir).path).ok).toBe(true);
    });
  });

  it('leaves it to the journal to tell of checkpoints', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await journal.checkpoint();
      const [told] = journal.read();
      expect(() => told && journal.append(told)).toThrow(expect.objectContaining({ code: 'reserved-kind' }));
      journal.close();
    });
  });

  it('writes nothing but the envelope, whatever else the caller has in hand', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      const { events } = journal.append(working(1));
      // An event is a draft with more to it.
      await journal.append(...events, { ...working(2), ...{ hash: 'x' } }).durable;
      expect([...journal.read()].map(e => Object.keys(e).length)).toEqual([7, 7, 7]);
      expect([...journal.read()].map(e => e.seq)).toEqual([1, 2, 3]);
      journal.close();
      expect(verifyJournal(journalIn(dir).path).ok).toBe(true);
    });
  });

  it('writes what is still queued when it closes, and takes nothing afterwards', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      const { durable } = journal.append(...Array.from({ length: 3000 }, (_none, n) => working(n)));
      journal.close();
      await durable;
      expect(() => journal.append(working(1))).toThrow(expect.objectContaining({ code: 'journal-closed' }));
      await expect(journal.checkpoint()).rejects.toMatchObject({ code: 'journal-closed' });
      journal.close();
      const again = openIn(dir);
      expect(again.head().seq).toBe(3000);
      again.close();
    });
  });

  it('lets nobody change or delete a row by accident', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await journal.append(working(1)).durable;
      await journal.checkpoint();
      journal.close();
      const db = new DatabaseSync(journalIn(dir).path);
      for (const table of ['event', 'checkpoint', 'meta']) {
        expect(() => db.exec(`DELETE FROM ${table}`)).toThrow(/append-only/);
      }
      expect(() => db.exec("UPDATE event SET bytes = x'00'")).toThrow(/append-only/);
      db.close();
    });
  });
});

describe('subscribe', () => {
  it('tells everything after the cursor once and in order, what is there and what comes', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await journal.append(...Array.from({ length: 700 }, (_none, n) => working(n))).durable;
      const told: [number, number[]][] = [0, 1, 300, 700, 900].map(cursor => [cursor, []]);
      for (const [cursor, seqs] of told) journal.subscribe(cursor, e => seqs.push(e.seq));
      expect(told.every(([, seqs]) => seqs.length === 0)).toBe(true);
      let last = Promise.resolve();
      for (let n = 0; n < 300; n++) {
        last = journal.append(working(n)).durable;
        if (n % 10 === 0) await last;
      }
      await last;
      await waitFor(() => told.every(([, seqs]) => seqs.at(-1) === 1000), {
        what: 'all subscribers to have caught up',
      });
      for (const [cursor, seqs] of told) {
        expect(seqs).toEqual(Array.from({ length: 1000 - cursor }, (_none, i) => cursor + 1 + i));
      }
      journal.close();
    });
  });

  it('tells events before it resolves their promise, and never before they are durable', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      const reader = openReader(journalIn(dir).path);
      const told: number[] = [];
      journal.subscribe(0, event => {
        expect(reader.head().seq).toBeGreaterThanOrEqual(event.seq);
        told.push(event.seq);
        // Appending while being told is queued behind.
        if (event.seq === 1) journal.append(working(2));
      });
      await journal.append(working(1)).durable;
      expect(told).toEqual([1]);
      await waitFor(() => told.length === 2, { what: 'the second event' });
      reader.close();
      journal.close();
    });
  });

  it('tells everybody else when one listener fails, and lets its failure be heard', async () => {
    await withFolder(async dir => {
      const program = `
        import { openIn, working } from ${JSON.stringify(new URL('../support/journals.ts', import.meta.url).href)};
        const journal = openIn(process.argv[1]);
        const told = [];
        process.on('uncaughtException', error => console.log('heard:', error.message));
        journal.subscribe(0, event => { throw new Error('event ' + event.seq) });
        journal.subscribe(0, event => told.push(event.seq));
        await journal.append(working(1), working(2)).durable;
        setTimeout(() => { console.log('told:', told.join()); journal.close(); }, 0);`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, dir], {
        encoding: 'utf8',
      });
      expect(stdout.trim().split('\n').sort()).toEqual(['heard: event 1', 'heard: event 2', 'told: 1,2']);
    });
  });

  it('tells nothing more to who has ended it, even from within', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await journal.append(...Array.from({ length: 300 }, (_none, n) => working(n))).durable;
      const told: number[] = [];
      const end = journal.subscribe(0, event => {
        told.push(event.seq);
        if (event.seq === 3) end();
      });
      const live: number[] = [];
      const endLive = journal.subscribe(300, event => {
        live.push(event.seq);
        endLive();
      });
      const all: number[] = [];
      journal.subscribe(0, event => all.push(event.seq));
      await journal.append(working(1), working(2)).durable;
      await waitFor(() => all.length === 302, { what: 'the one who stays to know all' });
      expect(told).toEqual([1, 2, 3]);
      expect(live).toEqual([301]);
      journal.close();
    });
  });
});

describe('close', () => {
  it('ends every subscription, those that are catching up too', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await journal.append(...Array.from({ length: 600 }, (_none, n) => working(n))).durable;
      const told: number[] = [];
      journal.subscribe(0, event => told.push(event.seq));
      const end = journal.subscribe(10, event => told.push(event.seq));
      await waitFor(() => told.length > 0, { what: 'the first page', everyMs: 0 });
      const before = told.length;
      journal.close();
      end();
      // A turn of the loop later nothing has been read from the closed file.
      await new Promise(resolve => setImmediate(resolve));
      await new Promise(resolve => setImmediate(resolve));
      expect(told).toHaveLength(before);
    });
  });
});

describe('opening', () => {
  it('goes on where it ended, over tile borders too', async () => {
    await withFolder(async dir => {
      let n = 0;
      for (const count of [1, 255, 1, 300, 0, 700]) {
        const journal = openIn(dir);
        expect(journal.head().seq).toBe(n);
        if (count > 0)
          await journal.append(...Array.from({ length: count }, (_none, i) => working(i))).durable;
        await journal.checkpoint();
        n += count + 1;
        journal.close();
      }
      expect(verifyJournal(journalIn(dir).path)).toMatchObject({
        ok: true,
        events: n,
        checkpoints: 6,
        signedUpTo: n - 1,
      });
    });
  });

  it('is for one writer at a time', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      expect(() => openIn(dir, { lockWithinMs: 0 })).toThrow(
        expect.objectContaining({ code: 'journal-locked' }),
      );
      journal.close();
      openIn(dir).close();
    });
  });

  it('makes files that only their owner can read', async () => {
    await withFolder(async dir => {
      openIn(dir).close();
      const { path, key } = journalIn(dir);
      expect(statSync(key).mode & 0o777).toBe(0o600);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    });
  });

  it('refuses another key or name than it was begun with', async () => {
    await withFolder(async dir => {
      const { path, key } = journalIn(dir);
      openIn(dir).close();
      const other = { key: join(dir, 'other.key'), origin: ORIGIN };
      expect(() => openJournal(path, other)).toThrow(expect.objectContaining({ code: 'journal-key' }));
      expect(() => openJournal(path, { key, origin: 'hms/else' })).toThrow(
        expect.objectContaining({ code: 'journal-key' }),
      );
      await writeFile(join(dir, 'bad.key'), 'no key');
      expect(() => openJournal(path, { key: join(dir, 'bad.key'), origin: ORIGIN })).toThrow(
        expect.objectContaining({ code: 'bad-key' }),
      );
      openIn(dir).close();
    });
  });

  it('refuses what is no journal, or one of a later version', async () => {
    await withFolder(async dir => {
      const { path, key } = journalIn(dir);
      const options = { key, origin: ORIGIN };
      await writeFile(path, 'just a text file, long enough to be taken for something else'.repeat(99));
      expect(() => openJournal(path, options)).toThrow(expect.objectContaining({ code: 'not-a-journal' }));
      const other = join(dir, 'other.db');
      const db = new DatabaseSync(other);
      db.exec('CREATE TABLE t (a)');
      db.close();
      expect(() => openJournal(other, options)).toThrow(expect.objectContaining({ code: 'not-a-journal' }));
      const later = join(dir, 'later.db');
      openJournal(later, options).close();
      tamper(later, 'PRAGMA user_version = 99');
      expect(() => openJournal(later, options)).toThrow(expect.objectContaining({ code: 'journal-version' }));
      expect(() => openJournal(join(dir, 'no', 'folder.db'), options)).toThrow(
        expect.objectContaining({ name: 'HmsError' }),
      );
      // A refusal lets go of what it had taken.
      openJournal(join(dir, 'new.db'), options).close();
    });
  });

  it.each([
    [
      'bytes changed',
      "UPDATE event SET bytes = CAST(replace(CAST(bytes AS TEXT), 'number 2', 'number 3') AS BLOB) WHERE seq = 303",
      /event 303/,
    ],
    ['hash changed', 'UPDATE event SET hash = zeroblob(32) WHERE seq = 303', /event 303/],
    ['event gone', 'DELETE FROM event WHERE seq = 303', /missing/],
    ['cut below a checkpoint', 'DELETE FROM event WHERE seq > 280', /ends at event 280/],
    ['subtree gone', 'DELETE FROM subtree', /subtree/],
    ['subtree changed', 'UPDATE subtree SET hash = zeroblob(32)', /not what was signed/],
    ['checkpoint changed', 'UPDATE checkpoint SET root = zeroblob(32)', /not signed/],
  ])('says where it was changed and refuses: %s', async (_what, sql, says) => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await journal.append(...Array.from({ length: 300 }, (_none, n) => working(n))).durable;
      await journal.checkpoint();
      await journal.append(working(1), working(2), working(3)).durable;
      journal.close();
      tamper(journalIn(dir).path, sql);
      expect(() => openIn(dir)).toThrow(
        expect.objectContaining({ code: 'journal-corrupt', message: expect.stringMatching(says) }),
      );
    });
  });
});

describe('when the disk does not take it', () => {
  it('keeps everything queued while another program holds the file, says so, and goes on by itself', async () => {
    await withFolder(async dir => {
      const lines: string[] = [];
      const journal = openIn(dir, { log: line => lines.push(line) });
      const told: number[] = [];
      journal.subscribe(0, event => told.push(event.seq));
      const other = new DatabaseSync(journalIn(dir).path);
      other.exec('BEGIN IMMEDIATE');
      let durable = 0;
      const all = [1, 2, 3].map(n => journal.append(working(n)).durable.then(() => durable++));
      const why = await waitFor(() => journal.stalled(), { what: 'the journal to say that it is stalled' });
      expect(why).toMatch(/locked.*3 events wait from 1 on/);
      all.push(journal.append(working(4)).durable.then(() => durable++));
      expect(journal.stalled()).toMatch(/4 events wait/);
      expect({ durable, told, head: journal.head().seq }).toEqual({ durable: 0, told: [], head: 0 });
      other.exec('ROLLBACK');
      other.close();
      await Promise.all(all);
      expect(journal.stalled()).toBe('');
      expect(told).toEqual([1, 2, 3, 4]);
      expect(lines).toEqual([expect.stringMatching(/locked/), expect.stringMatching(/writing again/)]);
      journal.close();
      expect(verifyJournal(journalIn(dir).path)).toMatchObject({ ok: true, events: 4 });
    });
  });

  it('tells those who wait when it has to close before', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      const other = new DatabaseSync(journalIn(dir).path);
      other.exec('BEGIN IMMEDIATE');
      const { durable } = journal.append(working(1));
      journal.close();
      await expect(durable).rejects.toMatchObject({ code: 'journal-stalled' });
      other.close();
    });
  });

  it('does not go on after another program has written events of its own', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await journal.append(working(1)).durable;
      const other = new DatabaseSync(journalIn(dir).path);
      other.exec("INSERT INTO event VALUES (2, x'7b7d', zeroblob(32))");
      other.close();
      journal.append(working(2));
      expect(await waitFor(() => journal.stalled(), { what: 'a complaint' })).toMatch(
        /another program has written/,
      );
      journal.close();
    });
  });
});
