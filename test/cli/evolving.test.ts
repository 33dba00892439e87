/** A cycle's files: what is kept, what is put aside, who may write, and what a fleet's journal says of its incidents. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evolveJob, readKept } from '../../src/cli/evolving.ts';
import { CHAMPION } from '../../src/healing/evolve/champion.ts';
import { type Kept, nothingYet } from '../../src/healing/evolve/kept.ts';
import type { Job, Said } from '../../src/healing/evolve/worker.ts';
import { lockFile } from '../../src/journal/sqlite.ts';
import type { Draft } from '../../src/model/event.ts';
import { AgentId, IncidentId } from '../../src/model/ids.ts';
import { journalIn, openIn } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';

const job = (dir: string, more: Partial<Job> = {}): Job => {
  const file = join(dir, 'evolution.json');
  return {
    ...{ file, lock: `${file}.lock`, journal: '', incumbent: CHAMPION, seed: 1, steps: 0, capMs: 60_000 },
    ...{ challenger: 'none', nice: 0 },
    ...more,
  };
};

async function said(given: Job, isOver = (): boolean => false): Promise<readonly Said[]> {
  const heard: Said[] = [];
  await evolveJob(given, { say: one => void heard.push(one), isOver });
  return heard;
}

test('what another version has written is put aside, and evolution begins anew', async () => {
  await withFolder(async dir => {
    const given = job(dir);
    await writeFile(given.file, '{"version":99}');
    expect(() => readKept(given.file)).toThrow('is not what was written there');
    expect(await said(given)).toMatchObject([{ said: 'ended', steps: 0 }]);
    expect(await readFile(`${given.file}.bad`, 'utf8')).toBe('{"version":99}');
    expect(existsSync(given.file)).toBe(false);
  });
});

test('two never evolve in one place', async () => {
  await withFolder(async dir => {
    const given = job(dir);
    const unlock = lockFile(given.lock, 0);
    await expect(said(given)).rejects.toMatchObject({ code: 'evolution-runs' });
    unlock?.();
    await said(given);
  });
});

test('a place of the archive where nothing is cannot be proposed', async () => {
  await withFolder(async dir => {
    const kept: Kept = {
      ...nothingYet(1),
      state: {
        ...{ step: 1, evaluations: 1, best: CHAMPION, fitness: 1, history: [1] },
        elites: [{ genes: CHAMPION, value: 1, behaviour: [0, 0] }],
      },
    };
    const given = job(dir, { challenger: [3, 4] });
    await writeFile(given.file, JSON.stringify(kept));
    await expect(said(given)).rejects.toMatchObject({ code: 'no-elite' });
    await expect(said({ ...given, challenger: [60, 0] })).rejects.toMatchObject({ code: 'no-elite' });
    expect(await said({ ...given, challenger: [0, 0], capMs: 1e-6 })).toMatchObject([
      { said: 'ended', due: true, words: '0 of 30 held-out seeds are played' },
    ]);
  });
});

test('the incidents of a fleet are read from its journal, those alone that healing saw to', async () => {
  await withFolder(async dir => {
    const journal = openIn(dir);
    const about = { actor: { type: 'cell', id: 'healer', via: 'engine' }, subject: 'agent:one' } as const;
    const agent = AgentId.parse('one');
    const incident = (n: number, level: object): readonly Draft[] => {
      const id = IncidentId.parse(`i-00000${n}`);
      return [
        {
          kind: 'incident.opened',
          ...about,
          data: { incident: id, agent, class: 'leak', detail: '', ...level },
        },
        { kind: 'incident.closed', ...about, data: { incident: id, outcome: '', ms: 5, result: 'organic' } },
      ];
    };
    const { durable } = journal.append(
      ...incident(1, { level: 'basic', since: 0, findings: [] }),
      ...incident(2, {}),
      ...incident(3, { level: 'evolutionary', since: 0, findings: [] }),
    );
    await durable;
    journal.close();
    const heard = await said(job(dir, { journal: journalIn(dir).path }));
    expect(heard.at(-1)).toMatchObject({ said: 'ended', incidents: 2 });
  });
});
