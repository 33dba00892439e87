import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configured, dayOfAFleet } from '../../bench/fleet-events.ts';
import { stateOf } from '../../src/engine/kept-state.ts';
import { openJournal } from '../../src/journal/journal.ts';
import type { Journal } from '../../src/journal/types.ts';
import { fold } from '../../src/model/reduce.ts';
import { EMPTY } from '../../src/model/state.ts';

const BY = 'reducers-1';

async function withJournal(body: (journal: Journal, path: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'hms-kept-'));
  const path = join(dir, 'journal.db');
  const journal = openJournal(path, { key: join(dir, 'key'), origin: 'hms/kept' });
  try {
    await journal.append(configured(), ...dayOfAFleet(400)).durable;
    await body(journal, path);
  } finally {
    journal.close();
    await rm(dir, { recursive: true });
  }
}

const keepAt = (journal: Journal, seq: number): Promise<void> =>
  journal.keep(BY, { seq, text: JSON.stringify(fold(EMPTY, journal.read({ to: seq }))) });

describe('what events come to, kept beside the journal', () => {
  test('and folded on from, is what all events come to, wherever it was kept', async () => {
    await withJournal(async journal => {
      const whole = fold(EMPTY, journal.read());
      for (const seq of [1, 2, 57, 200, journal.head().seq]) {
        await keepAt(journal, seq);
        expect(journal.kept(BY)?.seq).toBe(seq);
        expect(stateOf(journal, BY)).toEqual(whole);
      }
    });
  });

  test('is used: what it says is not folded again', async () => {
    await withJournal(async journal => {
      const { seq } = journal.head();
      await journal.keep(BY, { seq, text: JSON.stringify({ ...EMPTY, seq, fleet: 'from what was kept' }) });
      expect(stateOf(journal, BY).fleet).toBe('from what was kept');
    });
  });

  test('is as if it were not there when it is not of this program, not whole, changed, or not of this journal', async () => {
    await withJournal(async (journal, path) => {
      expect(journal.kept(BY)).toBeUndefined();
      await keepAt(journal, 100);
      expect(journal.kept('reducers-2')).toBeUndefined();
      const file = `${path}.fold`;
      const good = readFileSync(file, 'utf8');
      for (const bad of [
        good.slice(0, -1),
        good.replace('"builder"', '"bullder"'),
        good.slice(1),
        '',
        'x\u0000y',
      ]) {
        expect(bad).not.toBe(good);
        writeFileSync(file, bad);
        expect(journal.kept(BY)).toBeUndefined();
      }
      // Signed by another key, or about an event that this journal has otherwise.
      await withJournal(async (_, other) => {
        writeFileSync(`${other}.fold`, good);
        expect(_.kept(BY)).toBeUndefined();
      });
      writeFileSync(file, good);
      expect(journal.kept(BY)?.seq).toBe(100);
      expect(stateOf(journal, 'reducers-2')).toEqual(fold(EMPTY, journal.read()));
    });
  });

  test('is not kept of an event that is not there', async () => {
    await withJournal(async journal => {
      await journal.keep(BY, { seq: journal.head().seq + 1, text: '{}' });
      expect(journal.kept(BY)).toBeUndefined();
    });
  });
});
