/** The basic ladder against a model of it: lists and counting, nothing clever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Picture } from '../../src/healing/picture.ts';
import { ladder } from '../../src/healing/selector.ts';
import { STRATEGIES } from '../../src/healing/strategy.ts';
import type { Attempt, Incident } from '../../src/healing/types.ts';
import { RestartPolicy } from '../../src/model/fleet.ts';
import { HealingConfig, type StrategyName } from '../../src/model/healing.ts';
import { ALL } from './support/fleet.ts';

const RUNGS: readonly StrategyName[] = [
  'nudge',
  'interrupt',
  'resume',
  'restart',
  'restore',
  'swap',
  'shed',
  'wait',
];

function attempt(strategy: StrategyName): Attempt {
  const response = { strategy, rung: 0, delayMs: 0, patienceMs: 1, candidates: [], reason: '' };
  return { fault: 'hang', response, at: 0, result: 'failed' };
}

/** What should come next, or undefined to ask. */
function model(
  rungs: readonly StrategyName[],
  tried: readonly StrategyName[],
  mayStart: boolean,
  max: number,
): StrategyName | undefined {
  for (const rung of rungs) {
    if (tried.includes(rung)) continue;
    if (STRATEGIES[rung].restarts && !mayStart) continue;
    return rung;
  }
  const starts = rungs.filter(rung => rung === 'resume' || rung === 'restart');
  return mayStart && tried.filter(rung => STRATEGIES[rung].restarts).length < max ? starts.at(-1) : undefined;
}

describe('the ladder', () => {
  it('is climbed as its model says', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...RUNGS), { minLength: 1 }),
        fc.uniqueArray(fc.constantFrom(...RUNGS)),
        fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 8 }),
        fc.integer({ min: 0, max: 6 }),
        (rungs, tried, ages, max) => {
          const picture = new Picture();
          picture.see({ signal: 'started', incarnation: 1, resumed: false }, 0);
          const now = 200_000;
          const restarts = ages.map(age => now - age).sort((a, b) => a - b);
          const policy = RestartPolicy.parse({ max, within: '60s' });
          const anomaly = { fault: 'hang', at: now, since: now, findings: [], waitFor: {} } as const;
          const attempts = tried.map(attempt);
          const incident: Incident = { id: 'i', agent: 'a', anomaly, attempts, asked: false };
          const config = HealingConfig.parse({ ladder: { hang: rungs } });
          const random = () => 0.5;
          const choosing = {
            incident,
            relapsed: [],
            picture,
            config,
            policy,
            can: ALL,
            restarts,
            pauseMs: Number.POSITIVE_INFINITY,
            now,
            random,
          };
          const chosen = ladder.choose(choosing);
          const mayStart = ages.filter(age => age < 60_000).length < max;
          const expected = model(rungs, tried, mayStart, max);
          if (expected === undefined) expect(chosen).toHaveProperty('ask');
          else expect(chosen).toMatchObject({ strategy: expected });
        },
      ),
    );
  });
});
