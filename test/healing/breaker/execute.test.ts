import { expect, test } from 'vitest';
import { Breaker } from '../../../src/healing/breaker/breaker.ts';
import { BrokenCircuitError, through } from '../../../src/healing/breaker/execute.ts';
import { BreakerOptions } from '../../../src/model/breaker-options.ts';

const options = BreakerOptions.parse({
  kind: 'consecutive',
  consecutiveFailures: 2,
  waitDurationInOpenState: '1s',
});
const fault = new Error('no route');
const fails = () => Promise.reject(fault);

test('passes on what the call gives and throws, and fails fast once open, without making the call', async () => {
  let now = 0;
  const call = through(new Breaker(options), 'probe api', () => now);
  expect(await call(async () => 7)).toBe(7);
  for (let n = 0; n < 2; n += 1) await expect(call(fails)).rejects.toBe(fault);
  let made = 0;
  const count = async () => (made += 1);
  const refused = await call(count).catch(error => error);
  expect(refused).toBeInstanceOf(BrokenCircuitError);
  expect(refused).toMatchObject({ code: 'breaker-open', message: expect.stringContaining('probe api') });
  expect(refused.stack).not.toContain('\n');
  now = 1000;
  expect(await call(count)).toBe(1);
  expect(await call(count)).toBe(2);
});

test('a call that throws before it gives a promise is a failure too', async () => {
  const breaker = new Breaker(options);
  const call = through(breaker, 'probe', () => 0);
  const throws = (): Promise<never> => {
    throw fault;
  };
  for (let n = 0; n < 2; n += 1) await expect(call(throws)).rejects.toBe(fault);
  expect(breaker.state).toBe('open');
});

test('what the judge says is not the fault of what is guarded opens nothing', async () => {
  const breaker = new Breaker(options);
  const call = through(
    breaker,
    'probe',
    () => 0,
    () => 'ignored',
  );
  for (let n = 0; n < 5; n += 1) await expect(call(fails)).rejects.toBe(fault);
  expect(breaker.state).toBe('closed');
});

test('an isolated breaker says so, and is ended by hand only', async () => {
  const breaker = new Breaker(options);
  let now = 0;
  const call = through(breaker, 'probe', () => now);
  breaker.isolate(0);
  now = 1e9;
  await expect(call(async () => 1)).rejects.toMatchObject({ code: 'breaker-isolated' });
  breaker.close(now);
  expect(await call(async () => 1)).toBe(1);
});

test('the time a call takes is told by the clock it was given', async () => {
  let now = 0;
  const breaker = new Breaker(BreakerOptions.parse({ ...rawSlow, consecutiveFailures: 1 }));
  const call = through(breaker, 'probe', () => now);
  await call(async () => {
    now += 499;
  });
  expect(breaker.state).toBe('closed');
  await call(async () => {
    now += 500;
  });
  expect(breaker.state).toBe('open');
});

const rawSlow = { kind: 'consecutive', slowCallDurationThreshold: '500ms' };
