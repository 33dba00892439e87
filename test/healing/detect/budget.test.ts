import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AlertBudget, fuse } from '../../../src/healing/detect/budget.ts';
import { type Finding, scoreOf } from '../../../src/healing/detect/finding.ts';

const finding = (surprise: number): Finding => ({ detector: 'd', words: 'w', score: scoreOf(surprise) });
const DAY = 86_400_000;

test('alarms never cost more than the budget, whatever is measured', () => {
  const happening = fc.tuple(
    fc.integer({ min: 0, max: DAY / 2 }),
    fc.double({ min: 0, max: 36, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 300 }), fc.constantFrom(0.5, 1, 4), (story, perDay) => {
      const budget = new AlertBudget({ perDay });
      let [now, alarms] = [0, 0];
      for (const [gap, surprise] of story) {
        now += gap;
        if (budget.judge([finding(surprise)], now)) alarms += 1;
      }
      expect(alarms).toBeLessThanOrEqual((perDay * now) / DAY + Math.log2(36 / 7) + 1);
    }),
  );
});

test('an alarm needs more after one, and as little as before when its time is served', () => {
  const budget = new AlertBudget({ perDay: 2 });
  expect(budget.judge([finding(6.9)], 0)).toBeUndefined();
  expect(budget.judge([finding(7.1)], 0)).toBeDefined();
  expect(budget.judge([finding(13.9)], 0)).toBeUndefined();
  expect(budget.judge([finding(14.1)], 0)).toBeDefined();
  expect(budget.needed(DAY)).toBeCloseTo(scoreOf(7), 9);
  budget.falseAlarm(DAY);
  expect(budget.judge([finding(13.9)], DAY)).toBeUndefined();
});

test('findings that agree are worth more together, never less than the most telling one', () => {
  const surprises = fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(surprises, fc.double({ min: 0, max: 12, noNaN: true }), (all, more) => {
      const before = fuse(all.map(finding));
      expect(before).toBeGreaterThanOrEqual(Math.max(...all.map(scoreOf)) - 1e-9);
      expect(fuse([...all, more].map(finding))).toBeGreaterThanOrEqual(before - 1e-9);
    }),
  );
  expect(fuse([finding(3), finding(3)])).toBeGreaterThan(fuse([finding(4)]));
  expect(new AlertBudget().judge([finding(5), finding(6)], 0)?.findings[0]?.score).toBe(scoreOf(6));
});
