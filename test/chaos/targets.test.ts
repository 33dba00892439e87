import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFrom, sample } from '../../src/chaos/random.ts';
import { mostTargets, resolveTargets } from '../../src/chaos/targets.ts';

const agent = (id: string, alive = true, driver = 'command') => ({ id, alive, driver });
const view = {
  agents: [agent('builder'), agent('build-2', true, 'claude'), agent('tester', false), agent('crawler')],
};
const meant = (...wanted: string[]): readonly string[] => resolveTargets(wanted, view, randomFrom(7));

describe('targets', () => {
  test('are names, patterns, drivers and places, each once and in the order of the fleet', () => {
    expect(meant('crawler', 'build*')).toEqual(['builder', 'build-2', 'crawler']);
    expect(meant('driver:claude')).toEqual(['build-2']);
    expect(meant('engine', 'builder', 'tmux', 'builder')).toEqual(['builder', 'engine', 'tmux']);
    expect(meant('cell:status')).toEqual(['cell:status']);
  });

  test('leave out what does not run, unless it was named: then that is said', () => {
    expect(meant('all')).toEqual(['builder', 'build-2', 'crawler']);
    expect(() => meant('tester')).toThrow('tester is not running');
    expect(() => meant('t*')).toThrow('no running agent is meant by t*');
    expect(() => meant('nobody')).toThrow('there is no agent nobody');
  });

  test('drawn by a seed are the same every time, and others by other seeds', () => {
    const drawn = (seed: number) => resolveTargets(['random:2'], view, randomFrom(seed)).join();
    expect(drawn(1)).toBe(drawn(1));
    expect(new Set(Array.from({ length: 50 }, (_, seed) => drawn(seed))).size).toBe(3);
  });

  test('are at most the share that is allowed, and one at least', () => {
    expect([1, 2, 3, 6, 100].map(n => mostTargets(n, 34))).toEqual([1, 1, 1, 2, 34]);
  });
});

describe('a sample', () => {
  test('is so many different ones, in their order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), fc.nat(20), fc.nat(), (all, count, seed) => {
        const drawn = sample(all, count, randomFrom(seed));
        expect(drawn).toHaveLength(Math.min(count, all.length));
        expect(drawn).toEqual(all.filter(one => drawn.includes(one)));
      }),
    );
  });

  test('prefers none', () => {
    const counts = new Map<number, number>();
    const random = randomFrom(42);
    for (let round = 0; round < 4000; round += 1)
      for (const one of sample([0, 1, 2, 3], 1, random)) counts.set(one, (counts.get(one) ?? 0) + 1);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
