import { DatabaseSync } from 'node:sqlite';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash, NO_HASH } from '../../src/journal/merkle.ts';
import { openReader } from '../../src/journal/reader.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import type { Event } from '../../src/model/event.ts';
import { arbitraryDraft as anyDraft } from '../support/arbitrary-events.ts';
import { journalIn, noted, openIn, START, working } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';

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
