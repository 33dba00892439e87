import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openJournal } from '../../src/journal/journal.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { journalIn, ORIGIN, openIn, working } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';

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
