import { describe, expect, test } from 'vitest';
import { breakerName } from '../../src/model/breaker.ts';
import { BreakersConfig, breakerOptions } from '../../src/model/breaker-settings.ts';

const anthropic = breakerName('provider', 'anthropic');
const problems = (config: unknown): readonly string[] =>
  (BreakersConfig.safeParse(config).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

describe('what a breaker is told', () => {
  test('is built in, then as its kind says, then as its own name says', () => {
    const config = BreakersConfig.parse({
      provider: { minimumNumberOfCalls: 4, waitDurationInOpenState: '1m' },
      'provider:anthropic': { waitDurationInOpenState: '2m' },
    });
    expect(breakerOptions(anthropic, config, false)).toMatchObject({
      kind: 'time',
      slidingWindowDuration: 120_000,
      minimumNumberOfCalls: 4,
      waitDurationInOpenState: 120_000,
    });
    expect(breakerOptions(breakerName('provider', 'other'), config, false)).toMatchObject({
      waitDurationInOpenState: 60_000,
    });
  });

  test('follows what is usual where the level has it so, unless the file says otherwise', () => {
    const config = BreakersConfig.parse({ tool: { adaptive: false } });
    expect(breakerOptions(anthropic, config, true).adaptive).toBe(true);
    expect(breakerOptions(breakerName('tool', 'Bash'), config, true).adaptive).toBe(false);
  });

  test('counts in another way when it is told to', () => {
    const config = BreakersConfig.parse({ 'provider:anthropic': { kind: 'count', slidingWindowSize: 20 } });
    expect(breakerOptions(anthropic, config, false)).toEqual(
      expect.objectContaining({ kind: 'count', slidingWindowSize: 20, minimumNumberOfCalls: 2 }),
    );
  });
});

describe('what cannot hold is said', () => {
  test('a setting that its way of counting does not know', () => {
    expect(problems({ start: { slidingWindowSize: 10 } })).toEqual([
      'start.slidingWindowSize: a breaker of the kind consecutive has no such setting; it counts failures in a row',
    ]);
  });

  test('a breaker that could never open', () => {
    expect(problems({ tool: { kind: 'count', slidingWindowSize: 5, minimumNumberOfCalls: 9 } })).toEqual([
      'tool.minimumNumberOfCalls: minimumNumberOfCalls is more than slidingWindowSize: this breaker could never open',
    ]);
  });

  test('a name that is none, and a duration that is none', () => {
    expect(problems({ providers: {} })[0]).toMatch(/^providers: /);
    expect(problems({ tool: { waitDurationInOpenState: 5 } })[0]).toMatch(/^tool.waitDurationInOpenState: /);
  });
});
