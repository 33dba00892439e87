import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { verifyJournal } from '../../src/journal/verify.ts';
import { journalIn, openIn, working } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

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
