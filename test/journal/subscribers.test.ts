import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/journal/reader.ts';
import { journalIn, openIn, working } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

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
