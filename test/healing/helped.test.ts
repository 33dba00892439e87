import { expect, test } from 'vitest';
import { doing, fleet, started } from './support/fleet.ts';

test('starting a dependency again has helped when it answers, not when the agent goes on printing', () => {
  const one = fleet({
    config: {
      ...{ verify: '2s', patience: '10s', ladder: { dependency: ['restart-dependency'] } },
      probes: { live: { tcp: 'localhost:1', failures: 1 } },
    },
    abilities: { dependencies: new Set(['db']) },
  });
  one.at(0, 'a', started(1));
  one.at(1, 'a', doing('working'));
  one.at(100, 'a', { signal: 'dependency', name: 'db', up: false });
  const probe = { signal: 'probe', probe: 'live', purpose: 'live', tookMs: 1, words: '' } as const;
  one.at(5000, 'a', { ...probe, ok: false });
  expect(one.strategies()).toEqual(['restart-dependency']);
  one.at(6000, 'a', { ...probe, ok: true });
  one.works('a', 6100, 12_000, 1000);
  expect(one.closed()).toEqual([]);
  one.at(12_100, 'a', { signal: 'dependency', name: 'db', up: true });
  one.works('a', 12_200, 15_000, 1000);
  expect(one.closed()).toMatchObject([{ outcome: 'recovered' }]);
});

test('what comes back before anybody has agreed to a step was not cured by it', () => {
  const one = fleet({ config: { silence: '5s', verify: '2s', ladder: { hang: ['restore'] } } });
  one.at(0, 'a', started(1));
  one.at(1, 'a', doing('working'));
  one.until(6000);
  expect(one.strategies()).toEqual(['restore']);
  one.works('a', 6100, 10_000, 1000);
  expect(one.closed()).toMatchObject([
    { outcome: 'organic', incident: { attempts: [{ result: 'refused' }] } },
  ]);
});

test('another model is not kept waiting for the time a provider gave, where it comes first', () => {
  const one = fleet({ config: { ladder: { 'usage-limit': ['swap', 'wait'] } } });
  one.at(0, 'a', started(1));
  one.at(1, 'a', doing('working'));
  one.at(2000, 'a', { signal: 'error', error: 'usage-limit', until: 3_600_000, words: 'limit reached' });
  // An error stands after two seconds, and a start comes after its delay.
  one.until(5000);
  expect(one.strategies()).toEqual(['swap']);
});
