import { describe, expect, test } from 'vitest';
import type { World } from '../../../src/cells/cell.ts';
import { CellWorld } from '../../../src/engine/cells/cell-world.ts';
import type { Draft } from '../../../src/model/event.ts';
import { EMPTY } from '../../../src/model/state.ts';

const noted: Draft = {
  kind: 'engine.noted',
  actor: { type: 'cell', id: 'unit', via: 'engine' },
  subject: 'fleet',
  data: { level: 'warning', text: 'a word', detail: null },
};

/** An engine's core as far as a cell sees it, on a clock of the test's own. */
function core() {
  const emitted: Draft[] = [];
  const timers = new Set<() => void>();
  const time = { now: 0 };
  const world: World = {
    state: EMPTY,
    emit: (...drafts) => {
      emitted.push(...drafts);
      return { events: [], durable: Promise.resolve() };
    },
    now: () => time.now,
    random: () => 0,
    log: () => {},
    after: (_, callback) => {
      timers.add(callback);
      return () => void timers.delete(callback);
    },
  };
  const fire = (): void => {
    for (const callback of [...timers]) {
      timers.delete(callback);
      callback();
    }
  };
  const failures: string[] = [];
  const cell = new CellWorld(world, 'unit', (what, error) => failures.push(`${what}: ${error}`));
  return { cell, emitted, fire, time, failures };
}

describe('the world of a life of a cell', () => {
  test('is like the engine’s while it lives, and closed to it afterwards', () => {
    const { cell, emitted, fire } = core();
    let rung = 0;
    cell.emit(noted);
    cell.after(1, () => {
      rung += 1;
    });
    cell.end();
    fire();
    cell.after(1, () => {
      rung += 1;
    });
    fire();
    expect([emitted.length, rung]).toEqual([1, 0]);
    expect(() => cell.emit(noted)).toThrow('this unit has been replaced');
  });

  test('tells of a timer that throws, and leaves the others', () => {
    const { cell, fire, failures } = core();
    let rung = 0;
    cell.after(1, () => {
      throw new Error('broken');
    });
    cell.after(1, () => {
      rung += 1;
    });
    cell.after(1, () => {
      rung += 10;
    })();
    fire();
    expect([failures, rung]).toEqual([['a timer: Error: broken'], 1]);
  });

  test('knows which call has not come back, and lets none out when it is over', async () => {
    const { cell, time } = core();
    const { promise, resolve } = Promise.withResolvers<string>();
    class Out {
      #secret = 'kept';
      slow = (): Promise<string> => promise;
      async quick(): Promise<string> {
        return this.#secret;
      }
      plain(): string {
        return this.#secret;
      }
    }
    const out = cell.ways(new Out());
    expect([out.plain(), await out.quick()]).toEqual(['kept', 'kept']);
    const waiting = out.slow();
    time.now = 1000;
    expect(cell.overdue(1000)).toBeUndefined();
    time.now = 1001;
    expect(cell.overdue(1000)).toMatchObject({ what: 'slow', since: 0 });
    resolve('back');
    expect(await waiting).toBe('back');
    expect(cell.overdue(0)).toBeUndefined();
    cell.end();
    expect(() => out.plain()).toThrow('this unit has been replaced');
  });
});
