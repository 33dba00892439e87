import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { verifyJournal } from '../../src/journal/verify.ts';
import { journalIn, openIn } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';

const CRASHES = 30;
const program = join(import.meta.dirname, 'append-under-load.ts');

/** Runs the program until it has said `lines` lines, kills it, and gives all it said. */
async function killedAfter(dir: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  let trouble = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    trouble += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > lines) child.kill('SIGKILL');
  });
  const [code, signal] = await exited;
  if (signal !== 'SIGKILL') throw new Error(`ended by itself with ${code}: ${trouble}`);
  // What it wrote before it died arrives to the end.
  if (!child.stdout.readableEnded) await once(child.stdout, 'end');
  return said.split('\n').slice(0, -1);
}

describe('a journal whose writer is killed', () => {
  it(`has every event it said was durable, and verifies, after ${CRASHES} kills at any moment`, async () => {
    await withFolder(async dir => {
      const { path } = journalIn(dir);
      const durable = new Map<number, string>();
      let signed = 0;
      for (let crash = 0; crash < CRASHES; crash++) {
        // From the first line on: opening and recovery are killed too.
        const lines = await killedAfter(dir, 1 + ((crash * 37) % 200));
        expect(Number(lines[0]?.split(' ')[1])).toBeGreaterThanOrEqual(durable.size);
        for (const line of lines) {
          const [what = '', value = ''] = line.split(' ');
          if (what === 'checkpoint') signed = Number(value);
          else if (what !== 'open') durable.set(Number(what), value);
        }
        const db = new DatabaseSync(path, { readOnly: true });
        const rows = db.prepare('SELECT seq, lower(hex(hash)) AS hash FROM event').all();
        db.close();
        const there = new Map(rows.map(row => [row.seq, row.hash]));
        for (const [seq, hash] of durable) expect(there.get(seq)).toBe(hash);
        if (crash % 5 === 4) {
          const report = verifyJournal(path);
          expect(report.faults).toEqual([]);
          expect(report.signedUpTo).toBeGreaterThanOrEqual(signed);
        }
      }
      expect(durable.size).toBeGreaterThan(CRASHES);
      const journal = openIn(dir, { now: Date.now });
      await journal.checkpoint();
      journal.close();
      expect(verifyJournal(path)).toMatchObject({ ok: true, faults: [] });
    });
  }, 120_000);
});
