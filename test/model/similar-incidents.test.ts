import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultClass, StrategyName } from '../../src/model/healing.ts';
import type { ClosedIncident } from '../../src/model/incident-state.ts';
import { likeness, similarTo, similarWords } from '../../src/model/similar-incidents.ts';

const drivers = { driverOf: (agent: string): string => (agent.startsWith('c') ? 'claude' : 'command') };

interface Told {
  readonly id?: string;
  readonly agent?: string;
  readonly fault?: FaultClass;
  readonly detectors?: readonly string[];
  readonly result?: ClosedIncident['result'];
  readonly cure?: StrategyName;
  readonly ms?: number;
}

function past({
  id = 'i-1',
  agent = 'one',
  fault = 'hang',
  detectors = ['silence'],
  ...more
}: Told): ClosedIncident {
  const { result = 'recovered', cure = 'restart', ms = 3000 } = more;
  const rung = {
    strategy: cure,
    rung: 0,
    fault,
    at: 0,
    incarnation: 1,
    reason: '',
    delayMs: 0,
    patienceMs: 1000,
    candidates: [],
    result: 'recovered' as const,
    detail: '',
    ms,
  };
  const findings = detectors.map(detector => ({ detector, words: '', score: 1 }));
  const ladder = {
    level: 'basic',
    since: 0,
    findings,
    similar: [],
    rungs: [rung],
    waits: '',
    asked: '',
  } as const;
  return {
    id,
    agent,
    class: fault,
    detail: '',
    at: 0,
    ladder,
    closed: 1,
    outcome: '',
    result,
    ms,
    lesson: '',
  };
}

test('the same trouble of the same agent comes before that of another, and another trouble is not told of', () => {
  const all = [
    past({ id: 'i-other', agent: 'two' }),
    past({ id: 'i-storm', fault: 'storm', detectors: ['limits'] }),
    past({ id: 'i-same' }),
  ];
  expect(similarTo(past({ id: 'i-now' }), all, drivers).map(({ id }) => id)).toEqual(['i-same', 'i-other']);
});

test('what was let go teaches nothing, nor does an end that a restart policy saw to', () => {
  const { ladder: _, ...end } = past({ id: 'i-end' });
  const all = [past({ id: 'i-gone', result: 'closed' }), end, past({ id: 'i-now' })];
  expect(similarTo(past({ id: 'i-now' }), all, drivers)).toEqual([]);
});

test('likeness is symmetric, within 0 and 1, and 1 with itself', () => {
  const told = fc.record({
    agent: fc.constantFrom('one', 'two', 'claude'),
    fault: fc.constantFrom<FaultClass>('hang', 'crash', 'leak'),
    detectors: fc.subarray(['silence', 'limits', 'quiet']),
  });
  fc.assert(
    fc.property(told, told, (one, two) => {
      const [a, b] = [past(one), past(two)];
      expect(likeness(a, b, drivers)).toBe(likeness(b, a, drivers));
      expect(likeness(a, b, drivers)).toBeGreaterThanOrEqual(0);
      expect(likeness(a, b, drivers)).toBeLessThanOrEqual(1);
      expect(likeness(a, a, drivers)).toBe(1);
    }),
  );
});

test('what cured them is told, the most frequent first', () => {
  const similar = [
    past({ cure: 'interrupt', ms: 1000 }),
    past({ ms: 3000 }),
    past({ ms: 5000 }),
    past({ result: 'organic' }),
    past({ result: 'person' }),
  ];
  expect(similarWords(similar)).toBe(
    'of 5 incidents like it restart cured 2, in 4 s on average; interrupt cured 1, in 1 s; 1 went by itself; 1 took a person',
  );
  expect(similarWords([])).toBe('');
});
