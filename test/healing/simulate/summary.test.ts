import { expect, test } from 'vitest';
import { noCosts, PRICES, type Score } from '../../../src/healing/simulate/score.ts';
import { summaryOf } from '../../../src/healing/simulate/summary.ts';

const score = (more: Partial<Score>): Score => ({
  ...{
    total: noCosts(),
    after: noCosts(),
    byFault: {},
    counts: {},
    starts: 0,
    wasted: 0,
    averted: 0,
    reach: [],
    announced: 0,
    course: [],
  },
  ...{ startsWhileWaiting: 0, giveUps: 0, missed: 0, faults: 0, detectS: [], recoverS: [] },
  ...{ agentDays: 1, availability: 1 },
  ...more,
});

test('worlds are summed up by the agent and hour, or day', () => {
  const one = score({
    total: { ...noCosts(), downS: 24, persons: 2 },
    faults: 3,
    recoverS: [1, 9],
    wasted: 4,
  });
  const two = score({ recoverS: [5], availability: 0.5 });
  expect(summaryOf([one, two])).toEqual({
    faults: 3,
    costPerHour: (24 + 2 * PRICES.person) / 48,
    availability: 0.75,
    recoverS: { p50: 5, p95: 5 },
    personsPerDay: 1,
    wastedPerDay: 2,
    falseActsPerDay: 0,
  });
});

test('where nothing went wrong there is no time to recover', () => {
  expect(summaryOf([score({})]).recoverS).toBeNull();
});
