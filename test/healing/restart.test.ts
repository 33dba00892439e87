import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRestart, endingWords } from '../../src/healing/restart.ts';
import { RestartPolicy } from '../../src/model/fleet.ts';

const killed = { status: null, signal: 'SIGKILL', lost: false };
const clean = { status: 0, signal: '', lost: false };
const policy = RestartPolicy.parse({ when: 'on-failure', max: 3, within: '10s', from: '100ms', to: '1s' });

describe('decideRestart', () => {
  test('an agent that ended well stays down under on-failure and comes back under always', () => {
    expect(decideRestart(policy, clean, [], 0, 0).do).toBe('stay');
    expect(decideRestart({ ...policy, when: 'always' }, clean, [], 0, 0).do).toBe('restart');
  });

  test('never means never, also when the tmux server was lost', () => {
    const never = { ...policy, when: 'never' as const };
    expect(decideRestart(never, { status: null, signal: '', lost: true }, [], 0, 0).do).toBe('stay');
  });

  test('an agent lost with its tmux server comes back under on-failure although it did not fail', () => {
    expect(decideRestart(policy, { status: 0, signal: '', lost: true }, [], 0, 0).do).toBe('restart');
  });

  test('the restart after the last allowed one is a question to a person', () => {
    const decision = decideRestart(policy, killed, [1000, 2000, 3000], 4000, 0.5);
    expect(decision).toEqual({ do: 'ask', reason: 'SIGKILL; restarted 3 times within 10 s' });
  });

  test('restarts older than the window no longer count', () => {
    expect(decideRestart(policy, killed, [1000, 2000, 3000], 13_500, 0)).toMatchObject({
      do: 'restart',
      attempt: 1,
    });
  });

  test('no back-off means at once', () => {
    const now = RestartPolicy.parse({ from: '0ms', to: '0ms' });
    expect(decideRestart(now, killed, [1, 2], 3, 0.99)).toMatchObject({ do: 'restart', delayMs: 0 });
  });

  test('each delay is drawn from the first one to three times the last', () => {
    const patient = { ...policy, max: 9, to: 60_000 };
    const delayOf = (last: number, random: number) => decideRestart(patient, killed, [1], 2, random, last);
    expect(decideRestart(patient, killed, [], 2, 0.99, 900)).toMatchObject({ delayMs: 100 });
    expect(delayOf(400, 0)).toMatchObject({ delayMs: 100 });
    expect(delayOf(400, 0.5)).toMatchObject({ delayMs: 650 });
    expect(delayOf(0, 0.5)).toMatchObject({ delayMs: 200 });
    expect(delayOf(50_000, 0.9999)).toMatchObject({ delayMs: 59_994 });
  });

  test('the delay lies between its bounds, and more than max restarts never fit in one window', () => {
    fc.assert(
      fc.property(
        fc.record({
          max: fc.nat(20),
          within: fc.integer({ min: 1, max: 100_000 }),
          from: fc.nat(5000),
          to: fc.nat(60_000),
        }),
        fc.array(fc.tuple(fc.nat(20_000), fc.double({ min: 0, max: 0.999, noNaN: true })), { maxLength: 60 }),
        (numbers, deaths) => {
          const p = { ...policy, ...numbers };
          const restarts: number[] = [];
          let now = 0;
          let last = 0;
          for (const [gap, random] of deaths) {
            now += gap;
            const decision = decideRestart(p, killed, restarts, now, random, last);
            if (decision.do !== 'restart') continue;
            expect(decision.delayMs).toBeGreaterThanOrEqual(p.from);
            expect(decision.delayMs).toBeLessThanOrEqual(Math.max(p.from, p.to));
            expect(decision.delayMs).toBeLessThanOrEqual(Math.max(p.from, 3 * last, 3 * p.from));
            last = decision.delayMs;
            restarts.push(now);
            expect(restarts.filter(at => now - at < p.within).length).toBeLessThanOrEqual(p.max);
          }
        },
      ),
    );
  });
});

test('an ending reads as a person would say it', () => {
  expect(endingWords({ status: 137, signal: '', lost: false })).toBe('exit 137');
  expect(endingWords(killed)).toBe('SIGKILL');
  expect(endingWords({ status: null, signal: '', lost: false })).toBe('ended, status unknown');
});
