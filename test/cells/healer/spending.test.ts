import { expect, test } from 'vitest';
import { Spending } from '../../../src/cells/healer/spending.ts';

const used = (input: number, cost: number | null = null) => ({
  input,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cost,
});
const minute = 60_000;

test('what was spent within the last hour counts, and is forgotten after it', () => {
  const spending = new Spending();
  expect(spending.add(used(6000, 1), 0)).toEqual({ tokensPerMin: 100, costPerHour: 1 });
  expect(spending.add(used(6000, 2), 30 * minute)).toEqual({ tokensPerMin: 200, costPerHour: 3 });
  expect(spending.add(used(0, 0), 61 * minute)).toEqual({ tokensPerMin: 100, costPerHour: 2 });
});

test('what it cost is not guessed where it is not told', () => {
  const spending = new Spending();
  expect(spending.add(used(60), 0)).toEqual({ tokensPerMin: 1 });
  expect(spending.add(used(0, 0.5), 1000)).toEqual({ tokensPerMin: 1, costPerHour: 0.5 });
});
