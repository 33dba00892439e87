/**
 * Against series recorded from real processes: a program that works in bursts, sampled from /proc ten times a second for
 * 100 s; in three of four recordings a fault begins after 80 s.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AlertBudget } from '../../../src/healing/detect/budget.ts';
import type { Finding } from '../../../src/healing/detect/finding.ts';
import { JointDetector } from '../../../src/healing/detect/joint.ts';
import { seeded } from '../../../src/healing/random.ts';

/** The look at which faults begin, give or take a few. */
const FAULT = 785;
const EVERY_MS = 100;

function watch(name: string): { alarms: number[]; findings: Finding[][] } {
  const rows = readFileSync(join(import.meta.dirname, 'recorded', `${name}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map(line => line.split(',').map(Number));
  const detector = new JointDetector(
    [
      { name: 'cpu', unit: ' %' },
      { name: 'memory', unit: ' MB' },
      { name: 'output', unit: ' B/s' },
    ],
    seeded(1),
  );
  const budget = new AlertBudget();
  const alarms: number[] = [];
  const findings = rows.map((row, look) => {
    const found = detector.push(row);
    if (budget.judge(found, look * EVERY_MS)) alarms.push(look);
    return found;
  });
  return { alarms, findings };
}

test('healthy work in bursts, with a heap that grows at first, raises no alarm', () => {
  expect(watch('healthy').alarms).toEqual([]);
});

test.each([
  ['busy', /cpu \d+ % (varies more than usual|jumped)/],
  ['storm', /output \d+ B\/s jumped/],
])('%s raises one alarm, within a second, that says what it is about', (name, words) => {
  const { alarms, findings } = watch(name);
  expect(alarms).toHaveLength(1);
  expect(alarms[0]).toBeGreaterThanOrEqual(FAULT);
  expect(alarms[0]).toBeLessThan(FAULT + 1000 / EVERY_MS);
  expect(findings[alarms[0] ?? 0]?.map(finding => finding.words).join('\n')).toMatch(words);
});

test('a leak of 7 MB a second is found as memory that goes up, within 10 s', () => {
  const { findings } = watch('leak');
  const up = findings.findIndex(
    (found, look) => look >= FAULT && found.some(({ words }) => /^memory has gone up .* MB now/.test(words)),
  );
  expect(up).toBeGreaterThanOrEqual(FAULT);
  expect(up).toBeLessThan(FAULT + 10_000 / EVERY_MS);
});

test('a value that is missing is passed over', () => {
  const detector = new JointDetector([{ name: 'cpu', unit: ' %' }], seeded(1));
  for (let look = 0; look < 1000; look += 1) {
    for (const { score } of detector.push([look % 2 ? Number.NaN : look % 7])) expect(score).toBeLessThan(1);
  }
});
