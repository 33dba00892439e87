import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PaneId } from '../../src/model/ids.ts';
import type { ProcessState } from '../../src/processes/process.ts';
import { type DeadPane, Deaths } from '../../src/tmux/deaths.ts';
import type { PaneInfo } from '../../src/tmux/types.ts';

function pane(agent: string, incarnation: number, overrides: Partial<PaneInfo> = {}): PaneInfo {
  return {
    pane: PaneId.parse(`%${incarnation}`),
    agent,
    incarnation,
    pid: 1000 + incarnation,
    dead: false,
    status: null,
    signal: '',
    activity: 0,
    title: '',
    cols: 80,
    rows: 24,
    inMode: false,
    inputOff: false,
    piped: false,
    ...overrides,
  };
}

const running = (): ProcessState => 'running';
const SETTLED = 50;

describe('deaths', () => {
  test('one is told once, with how it ended', () => {
    const deaths = new Deaths(SETTLED);
    deaths.see([pane('a', 1)], running, 0);
    const dead = pane('a', 1, { dead: true, status: 3 });
    expect(deaths.see([dead], running, 100).dead).toMatchObject([
      { agent: 'a', incarnation: 1, status: 3, vanished: false },
    ]);
    expect(deaths.see([dead], running, 200).dead).toEqual([]);
    expect(deaths.see([], running, 300).dead).toEqual([]);
  });

  test('one found dead at the start is told too', () => {
    const deaths = new Deaths(SETTLED);
    const dead = pane('a', 1, { dead: true, status: 0 });
    expect(deaths.see([dead], running, 0).dead).toEqual([]);
    expect(deaths.see([dead], running, SETTLED).dead).toHaveLength(1);
  });

  test('is told when tmux has read the last words, or not within reason', () => {
    const deaths = new Deaths(SETTLED);
    deaths.see([pane('a', 1), pane('b', 2)], running, 0);
    const printing = [pane('a', 1, { status: 3 }), pane('b', 2, { status: 4 })];
    expect(deaths.see(printing, () => 'gone', 100)).toEqual({ dead: [], nudge: false, pending: true });
    const read = pane('a', 1, { status: 3, dead: true });
    const kept = pane('b', 2, { status: 4 });
    expect(deaths.see([read, kept], () => 'gone', 104).dead).toMatchObject([{ agent: 'a', status: 3 }]);
    expect(deaths.see([read, kept], () => 'gone', 700).dead).toMatchObject([{ agent: 'b', status: 4 }]);
  });

  test('how it ended is waited for, with nudges, but not for ever', () => {
    const deaths = new Deaths(SETTLED);
    deaths.see([pane('a', 1)], running, 0);
    const dead = pane('a', 1, { dead: true });
    expect(deaths.see([dead], running, 100)).toEqual({ dead: [], nudge: true, pending: true });
    expect(deaths.see([pane('a', 1, { dead: true, signal: 'SIGKILL' })], running, 104).dead).toMatchObject([
      { signal: 'SIGKILL' },
    ]);
    deaths.see([pane('b', 2)], running, 200);
    expect(deaths.see([pane('b', 2, { dead: true })], running, 300).dead).toEqual([]);
    expect(deaths.see([pane('b', 2, { dead: true })], running, 900).dead).toMatchObject([
      { agent: 'b', status: null, signal: '' },
    ]);
  });

  test('a process that ended counts although tmux holds its pane for alive', () => {
    for (const state of ['zombie', 'gone'] as const) {
      const deaths = new Deaths(SETTLED);
      deaths.see([pane('a', 1)], running, 0);
      expect(deaths.see([pane('a', 1)], () => state, 100)).toMatchObject({
        dead: [],
        nudge: true,
        pending: true,
      });
      expect(deaths.see([pane('a', 1)], () => state, 700).dead).toMatchObject([{ agent: 'a', status: null }]);
    }
  });

  test('a pane that went away has died, nobody knows how', () => {
    const deaths = new Deaths(SETTLED);
    deaths.see([pane('a', 1)], running, 0);
    expect(deaths.see([], running, 10).dead).toMatchObject([
      { agent: 'a', incarnation: 1, status: null, signal: '', vanished: true },
    ]);
  });

  test('panes that are no agents’ die unheard', () => {
    const deaths = new Deaths(SETTLED);
    deaths.see([pane('', 0)], running, 0);
    expect(deaths.see([pane('', 0, { dead: true, status: 1 })], running, 100).dead).toEqual([]);
    expect(deaths.see([], running, 200).dead).toEqual([]);
  });

  test('whatever happens in whatever order, every incarnation that ended is told exactly once, no other ever', () => {
    // A history: for each incarnation, at which look it appears, ends, has its ending known, is removed.
    const life = fc.record({
      appears: fc.nat({ max: 5 }),
      lives: fc.nat({ max: 6 }),
      unknownFor: fc.nat({ max: 40 }),
      staysFor: fc.nat({ max: 60 }),
      ends: fc.boolean(),
      by: fc.constantFrom('status', 'signal', 'zombie'),
    });
    fc.assert(
      fc.property(fc.array(life, { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (lives, stepMs) => {
        const deaths = new Deaths(SETTLED);
        const told: DeadPane[] = [];
        const looks = 120;
        for (let look = 0; look < looks; look++) {
          const zombies = new Set<number>();
          const panes = lives.flatMap((one, i) => {
            const end = one.appears + one.lives + 1;
            if (look < one.appears || (one.ends && look > end + one.staysFor)) return [];
            if (!one.ends || look < end) return [pane('a', i + 1)];
            const known = look >= end + one.unknownFor;
            if (one.by === 'zombie' && !known) {
              zombies.add(1000 + i + 1);
              return [pane('a', i + 1)];
            }
            return [
              pane('a', i + 1, {
                dead: true,
                ...(known ? (one.by === 'signal' ? { signal: 'SIGTERM' } : { status: 1 }) : {}),
              }),
            ];
          });
          told.push(
            ...deaths.see(panes, pid => (zombies.has(pid) ? 'zombie' : 'running'), look * stepMs).dead,
          );
        }
        // Long after the last change everything is settled.
        const last = lives.flatMap((one, i) => {
          const end = one.appears + one.lives + 1;
          if (!one.ends) return [pane('a', i + 1)];
          return looks > end + one.staysFor ? [] : [pane('a', i + 1, { dead: true, status: 1 })];
        });
        told.push(...deaths.see(last, running, looks * stepMs + 10_000).dead);
        const expected = lives.flatMap((one, i) => (one.ends ? [i + 1] : []));
        expect(told.map(dead => dead.incarnation).sort((x, y) => x - y)).toEqual(expected);
      }),
    );
  });
});
