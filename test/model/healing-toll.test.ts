import { expect, test } from 'vitest';
import { tollOf, tollWords } from '../../src/model/healing-toll.ts';
import type { ClosedIncident } from '../../src/model/incident-state.ts';

const over = (more: Partial<ClosedIncident> & { readonly since?: number }): ClosedIncident => {
  const { since = 0, ...rest } = more;
  const ladder = {
    level: 'basic',
    since,
    findings: [],
    similar: [],
    rungs: [],
    waits: '',
    asked: '',
  } as const;
  const base = {
    id: 'i-1',
    agent: 'one',
    class: 'hang',
    detail: '',
    at: 0,
    ladder,
    closed: 1,
    outcome: '',
    lesson: '',
  };
  return { ...base, result: 'recovered', ms: 1000, ...rest };
};

test('what is told of incidents that are over leaves out those that were let go, and counts false alarms apart', () => {
  const toll = tollOf([
    over({ at: 2000, ms: 6000, cost: { lostMs: 60_000, wasted: 1, tokens: 1 } }),
    over({ at: 5000, since: 1000, ms: 2000, result: 'person' }),
    over({ ms: 99_000, result: 'closed' }),
    over({ ms: 9000, result: 'false-alarm' }),
  ]);
  expect(toll).toEqual({
    incidents: 2,
    detectMs: 3000,
    repairMs: 4000,
    by: { recovered: 1, organic: 0, person: 1, 'false-alarm': 1 },
    wasted: 1,
    lostMs: 60_000,
  });
  expect(tollWords(toll)).toBe(
    '2 incidents over: noticed after 3 s, repaired in 4 s on average · 1 by a person · 1 false alarm · 1 start in vain · 60 s of work lost',
  );
});

test('an end that its restart policy saw to counts as brought back, noticed at once', () => {
  const { ladder: _, ...end } = over({ at: 500, ms: 800 });
  expect(tollOf([{ ...end, result: null }])).toMatchObject({ incidents: 1, detectMs: 0, repairMs: 800 });
});

test('nothing is said where nothing is over', () => {
  expect(tollWords(tollOf([]))).toBe('');
});
