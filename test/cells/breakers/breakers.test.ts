import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/healing/breaker/breaker.ts';
import { breakerName } from '../../../src/model/breaker.ts';
import { BreakersConfig } from '../../../src/model/breaker-settings.ts';
import { BREAKERS_KEPT } from '../../../src/model/breaker-state.ts';
import { HmsError } from '../../../src/model/errors.ts';
import type { Draft } from '../../../src/model/event.ts';
import { Little } from './little.ts';

const bash = breakerName('tool', 'Bash');
const ann: Draft['actor'] = { type: 'operator', id: 'ann', via: 'cli' };

let little = new Little();
let breakers = little.breakers();
beforeEach(() => {
  little = new Little();
  little.config = BreakersConfig.parse({
    tool: { consecutiveFailures: 2, waitDurationInOpenState: '10s', maxWaitDurationInHalfOpenState: '5s' },
  });
  breakers = little.breakers();
});

const observe = (...outcomes: readonly Outcome[]): void => {
  for (const outcome of outcomes) breakers.observe(bash, outcome);
};

describe('breakers of a fleet', () => {
  test('what failed too often is refused for a while, then tried once, and closes when that went well', () => {
    observe('failure', 'failure');
    expect(breakers.refusal(bash)).toMatch(/^the breaker of tool:Bash is open until /);
    expect(little.state.breakers[bash]).toMatchObject({ is: 'open', until: little.time + 10_000, failed: 2 });
    little.pass(10_000);
    expect(breakers.refusal(bash)).toBeUndefined();
    const trial = breakers.tryAcquire(bash);
    expect(trial).not.toBe(0);
    expect(breakers.refusal(bash)).toMatch(/half-open/);
    breakers.record(bash, trial, 'success');
    expect(breakers.refusal(bash)).toBeUndefined();
    expect(little.kinds()).toEqual(['breaker.opened', 'breaker.half-opened', 'breaker.closed']);
  });

  test('a trial that is never answered is a failure, without anybody asking', () => {
    observe('failure', 'failure');
    little.pass(10_000);
    breakers.tryAcquire(bash);
    little.pass(5_000);
    expect(little.state.breakers[bash]).toMatchObject({ is: 'open', openings: 2 });
  });

  test('there are so many at most, whatever is named; one that refuses something is not among those that go', () => {
    observe('failure', 'failure');
    for (let n = 0; n < 1000; n += 1) breakers.observe(breakerName('tool', `t${n}`), 'success');
    expect(breakers.list()).toHaveLength(BREAKERS_KEPT);
    expect(breakers.refusal(bash)).toBeDefined();
    expect(breakers.list().map(({ name }) => name)).toContain('tool:t999');
  });

  test('slow calls count where the file says how slow', () => {
    little.config = BreakersConfig.parse({
      tool: { consecutiveFailures: 2, slowCallDurationThreshold: '1s' },
    });
    for (const ms of [999, 1000, 1001]) breakers.observe(bash, 'success', ms);
    expect(breakers.refusal(bash)).toBeDefined();
  });

  test('another engine goes on with what is open or isolated, and with how long it has been so', () => {
    const git = breakerName('call', 'git');
    observe('failure', 'failure');
    breakers.operate(git, 'isolate', { actor: ann, why: 'it is being moved' });
    little.time += 4_000;
    const next = little.breakers();
    expect(next.refusal(bash)).toBeDefined();
    expect(next.refusal(git)).toBe('the breaker of call:git is isolated');
    expect(next.list().find(({ name }) => name === bash)).toMatchObject({ is: 'open', waitMs: 6_000 });
    little.time += 6_000;
    expect(next.refusal(bash)).toBeUndefined();
    expect(next.refusal(git)).toBeDefined();
  });

  test('by hand it is opened for as long as somebody says, and what was done is on record with who did it', () => {
    breakers.operate(bash, 'open', { actor: ann, why: 'a release', forMs: 60_000 });
    little.pass(59_999);
    expect(breakers.refusal(bash)).toBeDefined();
    little.pass(1);
    expect(breakers.refusal(bash)).toBeUndefined();
    breakers.operate(bash, 'close', { actor: ann, why: 'it is over' });
    expect(little.state.breakers[bash]).toMatchObject({ is: 'closed', by: 'ann', why: 'it is over' });
    expect(little.events.map(({ actor }) => actor.id)).toEqual(['ann', 'ann']);
  });

  test('closing or resetting one that is closed is on record too, and a reset forgets what was counted', () => {
    observe('failure');
    breakers.operate(bash, 'reset', { actor: ann, why: '' });
    observe('failure');
    expect(breakers.refusal(bash)).toBeUndefined();
    expect(little.kinds()).toEqual(['breaker.closed']);
  });

  test('whoever is kept back hears of every change, and when a trial may pass', () => {
    const start = breakerName('start', 'one');
    breakers.operate(start, 'open', { actor: ann, why: '' });
    little.pass(5_000);
    expect(little.turns).toEqual([`one waits for ${start}`, `one is free of ${start}`, 'may start one']);
  });

  test('new settings hold at once, in the state it is in', () => {
    breakers.operate(bash, 'isolate', { actor: ann, why: '' });
    little.config = BreakersConfig.parse({ tool: { consecutiveFailures: 1, waitDurationInOpenState: '1s' } });
    breakers.reconfigure();
    expect(breakers.refusal(bash)).toMatch(/isolated/);
    breakers.operate(bash, 'close', { actor: ann, why: '' });
    observe('failure');
    expect(little.state.breakers[bash]).toMatchObject({ is: 'open', until: little.time + 1_000 });
  });

  test('calls of our own fail at once while it is open; what says nothing of what is called does not open it', async () => {
    const git = breakerName('call', 'git');
    const absent = (error: unknown): boolean => error instanceof HmsError && error.code === 'no-git';
    const call = <T>(work: () => Promise<T>): Promise<T> => breakers.call(git, absent, work);
    const fails = (code: string) => () => Promise.reject(new HmsError(code, 'no'));
    for (let n = 0; n < 10; n += 1)
      await expect(call(fails('git-failed'))).rejects.toMatchObject({ code: 'git-failed' });
    for (let n = 0; n < 3; n += 1)
      await expect(call(fails('no-git'))).rejects.toMatchObject({ code: 'no-git' });
    await expect(call(async () => 1)).rejects.toMatchObject({ code: 'breaker-open' });
    little.pass(5_000);
    await expect(call(async () => 1)).resolves.toBe(1);
    expect(breakers.refusal(git)).toBeUndefined();
  });
});

const act = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Outcome>('success', 'failure', 'failure') },
  { weight: 2, arbitrary: fc.constantFrom('open' as const, 'close' as const, 'isolate' as const) },
  { weight: 1, arbitrary: fc.constant('another engine' as const) },
);
const story = fc.array(fc.record({ ms: fc.constantFrom(0, 1, 400, 5_000, 10_000, 40_000), act }), {
  maxLength: 60,
});

test('the state, folded from what is told, is that of the breaker, whatever happens and however often engines change', () => {
  fc.assert(
    fc.property(story, happenings => {
      const it = new Little();
      it.config = BreakersConfig.parse({ tool: { consecutiveFailures: 2, waitDurationInOpenState: '5s' } });
      let cell = it.breakers();
      for (const { ms, act: does } of happenings) {
        it.pass(ms);
        if (does === 'another engine') {
          const [refused, is] = [cell.refusal(bash), cell.stateOf(bash)];
          cell.stop();
          cell = it.breakers();
          // The trial of a half-open one died with its engine: another may be made at once.
          if (is !== 'half-open') expect([cell.refusal(bash), cell.stateOf(bash)]).toEqual([refused, is]);
        } else if (does === 'open' || does === 'close' || does === 'isolate')
          cell.operate(bash, does, { actor: ann, why: 'so' });
        else cell.observe(bash, does);
        const told = it.state.breakers[bash];
        const live = cell.list().find(({ name }) => name === bash);
        if (!told) expect(live?.is ?? 'closed').toBe('closed');
        else if (told.is !== 'half-open') {
          expect(live?.is ?? 'closed').toBe(told.is);
          expect(live?.openings ?? 0).toBe(told.openings);
          expect(live?.waitMs ?? 0).toBe(Math.max(0, told.until === 0 ? 0 : told.until - it.time));
        }
      }
    }),
    { numRuns: 300 },
  );
});
