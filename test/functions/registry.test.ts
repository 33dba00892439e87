import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type CellFunction, FunctionRegistry } from '../../src/functions/registry.ts';

const at = (after: (ms: number, late: () => void) => () => void, stretch = () => 1) =>
  new FunctionRegistry(after, stretch);
const never = () => () => {};

const answers = (run: () => unknown, more: Partial<CellFunction<number>> = {}): CellFunction<number> => ({
  of: 'status',
  name: 'healthCheck',
  result: z.int(),
  deadlineMs: 500,
  run: run as () => number,
  ...more,
});

describe('a function of the registry', () => {
  test('answers as its schema says, or not at all', async () => {
    expect(await at(never).register(answers(() => 1))()).toBe(1);
    await expect(at(never).register(answers(() => 'one'))()).rejects.toThrow();
  });

  test('is answered for by its fallback when it throws, lies or is late', async () => {
    const fallback = (why: string): number => (why.includes('within 1000 ms') ? -2 : -1);
    const atOnce = (ms: number, late: () => void) => {
      expect(ms).toBe(1000);
      queueMicrotask(late);
      return () => {};
    };
    const thrown = () => {
      throw new Error('no');
    };
    expect(await at(never).register(answers(thrown, { fallback }))()).toBe(-1);
    expect(await at(never).register(answers(() => 'a lie', { fallback }))()).toBe(-1);
    // The deadline of one that is late itself is longer.
    const late = at(atOnce, () => 2).register(answers(() => new Promise(() => {}), { fallback }));
    expect(await late()).toBe(-2);
  });

  test('is there once, and says in the list what it does', () => {
    const registry = at(never);
    const effect = { radius: 'cell', undo: 'nothing', risky: false } as const;
    registry.register(answers(() => 1, { name: 'repair', effect }));
    expect(() => registry.register(answers(() => 1, { name: 'repair' }))).toThrow('registered already');
    expect(registry.list()).toEqual([
      { of: 'status', name: 'repair', deadlineMs: 500, effect, hasFallback: false },
    ]);
  });
});
