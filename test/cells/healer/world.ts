/** A world whose time passes by hand. */
import { setImmediate } from 'node:timers/promises';
import type { World } from '../../../src/cells/cell.ts';
import { EMPTY, type FleetState } from '../../../src/model/state.ts';

export function worldByHand() {
  let now = 0;
  let state = EMPTY;
  let timers: { readonly at: number; readonly ring: () => void }[] = [];
  const world: World = {
    get state() {
      return state;
    },
    emit: () => ({ events: [], durable: Promise.resolve() }),
    now: () => now,
    random: () => 0.5,
    log: () => {},
    after: (ms, ring) => {
      const timer = { at: now + ms, ring };
      timers.push(timer);
      return () => {
        timers = timers.filter(one => one !== timer);
      };
    },
  };
  return {
    world,
    be(next: FleetState): void {
      state = next;
    },
    /** Everything that is due within so long, and what comes of it. */
    async pass(ms: number): Promise<void> {
      const until = now + ms;
      for (;;) {
        await setImmediate();
        const next = timers.toSorted((a, b) => a.at - b.at)[0];
        if (!next || next.at > until) break;
        timers = timers.filter(one => one !== next);
        now = Math.max(now, next.at);
        next.ring();
      }
      now = until;
    },
  };
}
