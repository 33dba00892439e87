/** What an open breaker keeps back, and what it does not. */
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../src/healing/types.ts';
import { crashed, doing, fleet, started } from './support/fleet.ts';

const breaker = (name: string, refuses: boolean): Signal => ({ signal: 'breaker', name, refuses });
const overload: Signal = { signal: 'error', error: 'overload', words: 'overloaded' };

describe('an agent whose breaker is open', () => {
  it('is not started while that of its start is, and at once when it lets a start pass', () => {
    const f = fleet();
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    // Decided, and waiting for its delay.
    f.at(60_100, 'a', breaker('start:a', true));
    f.until(90_000);
    expect(f.performed).toEqual([]);
    f.at(90_000, 'a', breaker('start:a', false));
    f.until(91_000);
    expect(f.strategies()).toEqual(['resume']);
  });

  it('is neither woken nor started anew while that of its provider is', () => {
    const f = fleet();
    f.at(0, 'a', started(1));
    f.at(0, 'a', doing('working'));
    f.at(10_000, 'a', overload);
    f.at(10_000, 'a', breaker('provider:x', true));
    f.until(100_000);
    expect(f.performed).toEqual([]);
    f.at(100_000, 'a', breaker('provider:x', false));
    f.until(160_000);
    expect(f.performed).not.toEqual([]);
  });

  it('is started when it dies, whatever its provider does', () => {
    const f = fleet();
    f.at(0, 'a', started(1));
    f.at(0, 'a', breaker('provider:x', true));
    f.at(60_000, 'a', crashed(1));
    f.until(61_000);
    expect(f.strategies()).toEqual(['resume']);
  });

  it('is not tried with a strategy whose breaker is open', () => {
    const f = fleet({ abilities: { refuses: one => (one === 'resume' ? 'for now' : undefined) } });
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.until(61_000);
    expect(f.strategies()).toEqual(['restart']);
  });

  it('is started again all the same when nothing else is left, unless a person has isolated that', () => {
    const dies = (refuses: 'for now' | 'by hand'): readonly string[] => {
      const f = fleet({ abilities: { refuses: () => refuses } });
      f.at(0, 'a', started(1));
      f.at(60_000, 'a', crashed(1));
      f.until(61_000);
      return [...f.strategies(), ...f.asked().map(() => 'asked')];
    };
    expect(dies('for now')).toEqual(['restart']);
    expect(dies('by hand')).toEqual(['asked']);
  });
});
