import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { leafHash, TreeHead } from '../../src/journal/merkle.ts';
import { openCheckpoint, parseVkey } from '../../src/journal/note.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { journalIn, ORIGIN, openIn, working } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';

function metaOf(path: string, name: string): string {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return String(db.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.value);
  } finally {
    db.close();
  }
}

describe('checkpoint', () => {
  it('signs the root of all that was appended before it and puts itself on the record', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      journal.append(...Array.from({ length: 600 }, (_none, n) => working(n)));
      const checkpoint = await journal.checkpoint();
      const verifier = parseVkey(metaOf(journalIn(dir).path, 'vkey'));
      expect(verifier && openCheckpoint(checkpoint.note, verifier)).toEqual({
        origin: ORIGIN,
        size: 600,
        root: checkpoint.root,
      });
      const events = [...journal.read()];
      expect(events).toHaveLength(601);
      expect(events.at(-1)).toMatchObject({
        kind: 'journal.checkpointed',
        data: { size: 600, root: checkpoint.root, note: checkpoint.note },
      });
      // Recomputed from the stored bytes alone.
      const tree = new TreeHead();
      const db = new DatabaseSync(journalIn(dir).path, { readOnly: true });
      for (const row of db.prepare('SELECT bytes FROM event ORDER BY seq LIMIT 600').all()) {
        tree.push(leafHash(row.bytes instanceof Uint8Array ? row.bytes : ''));
      }
      db.close();
      expect(tree.root()).toBe(checkpoint.root);
      journal.close();
    });
  });

  it('is made one after the other, each with the one before in it, however many are asked for at once', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      const all = await Promise.all([1, 2, 3, 4].map(() => journal.checkpoint()));
      expect(all.map(c => c.size)).toEqual([0, 1, 2, 3]);
      journal.close();
      expect(verifyJournal(journalIn(dir).path)).toMatchObject({ ok: true, checkpoints: 4, signedUpTo: 3 });
    });
  });

  it('is never signed over a history that does not extend the one signed before', async () => {
    await withFolder(async dir => {
      const journal = openIn(dir);
      await journal.append(...Array.from({ length: 20 }, (_none, n) => working(n))).durable;
      await journal.checkpoint();
      // Somebody rewrites what was signed while the engine runs.
      const other = new DatabaseSync(journalIn(dir).path);
      other.exec('DROP TRIGGER event_no_update; UPDATE event SET hash = zeroblob(32) WHERE seq = 7');
      other.close();
      await journal.append(working(21)).durable;
      await expect(journal.checkpoint()).rejects.toMatchObject({ code: 'journal-inconsistent' });
      await expect(journal.checkpoint()).rejects.toMatchObject({ code: 'journal-inconsistent' });
      expect([...journal.read({ kinds: ['journal.checkpointed'] })]).toHaveLength(1);
      journal.close();
    });
  });
});
