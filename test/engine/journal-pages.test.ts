import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { journalPage } from '../../src/engine/journal-pages.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { isStory } from '../../src/model/concern.ts';
import type { Event } from '../../src/model/event.ts';
import { fits, parseQuery } from '../../src/model/query.ts';
import { OPERATOR_REQUESTS } from '../../src/protocol/messages.ts';
import { asks, settled, started, status } from '../console/events.ts';
import { withFolder } from '../support/scratch.ts';

const asked = (given: object) => OPERATOR_REQUESTS['journal.read'].with.parse(given);

test('pages, one after the other in either direction, hold every event that fits, once and in order', async () => {
  await withFolder(async dir => {
    const journal = openJournal(join(dir, 'j.db'), { key: join(dir, 'key'), origin: 'test', log: () => {} });
    const names = ['builder', 'deployer', 'docs'];
    for (let i = 0; i < 3000; i += 1) {
      const agent = names[i % 3] ?? '';
      journal.append(
        i % 7 === 0
          ? asks({ id: `r-${1000 + i}`, agent })
          : i % 7 === 1
            ? settled(`r-${1000 + i - 1}`, 'approved')
            : i % 2 === 0
              ? status(agent, 'working', `step ${i}`)
              : started(agent, i),
      );
    }
    await journal.append(started('builder', 1)).durable;
    const all = [...journal.read()];
    const queries = fc.constantFrom(
      '',
      'agent:docs',
      'kind:approval',
      '-kind:status "step 2"',
      'ref:r-1007',
      'nothing',
    );
    fc.assert(
      fc.property(
        queries,
        fc.boolean(),
        fc.integer({ min: 1, max: 500 }),
        fc.boolean(),
        (query, story, limit, back) => {
          const parsed = parseQuery(query);
          const wanted = all.filter(e => fits(parsed, e) && (!story || isStory(e))).map(e => e.seq);
          const pages: Event[][] = [];
          let place = back ? journal.head().seq + 1 : 0;
          for (let n = 0; n < 4000; n += 1) {
            const page = journalPage(
              journal,
              asked({ query, story, limit, ...(back ? { before: place } : { after: place }) }),
            );
            expect(page.events.length).toBeLessThanOrEqual(limit);
            pages.push([...page.events]);
            if (back ? page.from <= 1 : page.to >= journal.head().seq) break;
            expect(back ? page.from < place : page.to > place).toBe(true);
            place = back ? page.from : page.to;
          }
          const got = (back ? pages.reverse() : pages).flat().map(e => e.seq);
          expect(got).toEqual(wanted);
        },
      ),
      { numRuns: 25 },
    );
    // By time: nothing later than asked for.
    const middle = all[1500]?.time ?? 0;
    const page = journalPage(journal, asked({ until: middle, limit: 10 }));
    expect(page.events.every(e => e.time <= middle)).toBe(true);
    expect(all[page.to]?.time ?? Infinity).toBeGreaterThan(middle);
    expect(journalPage(journal, asked({ until: 1, limit: 10 })).events).toEqual([]);
    expect(journalPage(journal, asked({ before: 1 }))).toEqual({ events: [], from: 1, to: 0 });
    journal.close();
  });
});
