/** Breakers in the state: those that ever opened, so that another engine and every console know of them. */
import type { BreakerState as Is } from './breaker.ts';
import type { Millis } from './ids.ts';
import type { Reducers } from './reducers.ts';
import type { FleetState } from './state.ts';

export interface BreakerState {
  readonly name: string;
  readonly is: Is;
  readonly since: Millis;
  readonly why: string;
  /** Who it was, where it was done by hand; ''. */
  readonly by: string;
  /** When a trial may be let through, while it is open; 0. */
  readonly until: Millis;
  /** How often it opened since it was last closed. */
  readonly openings: number;
  /** What was counted when it last opened. */
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
}

/** How many are kept; of more the closed ones go, the longest closed first. */
export const BREAKERS_KEPT = 200;

const NEW = { openings: 0, calls: 0, failed: 0, slow: 0 } as const;

type Entered = Pick<BreakerState, 'is' | 'why'> & Partial<BreakerState>;

function enter(
  state: FleetState,
  name: string,
  { time, actor }: { readonly time: Millis; readonly actor: { readonly type: string; readonly id: string } },
  entered: Entered,
): FleetState {
  const by = actor.type === 'operator' ? actor.id : '';
  const before = state.breakers[name] ?? NEW;
  const next: BreakerState = { ...before, name, since: time, by, until: 0, ...entered };
  return { ...state, breakers: bounded({ ...state.breakers, [name]: next }) };
}

function bounded(breakers: FleetState['breakers']): FleetState['breakers'] {
  const all = Object.values(breakers);
  if (all.length <= BREAKERS_KEPT) return breakers;
  const closed = all.filter(({ is }) => is === 'closed').toSorted((a, b) => a.since - b.since);
  const gone = new Set(closed.slice(0, all.length - BREAKERS_KEPT).map(({ name }) => name));
  return Object.fromEntries(Object.entries(breakers).filter(([name]) => !gone.has(name)));
}

export const BREAKERS: Reducers = {
  'breaker.opened': (s, event) => {
    const { breaker, waitMs, ...rest } = event.data;
    return enter(s, breaker, event, { is: 'open', until: event.time + waitMs, ...rest });
  },
  'breaker.half-opened': (s, event) =>
    enter(s, event.data.breaker, event, { is: 'half-open', why: event.data.why }),
  'breaker.closed': (s, event) =>
    enter(s, event.data.breaker, event, { is: 'closed', why: event.data.why, ...NEW }),
  'breaker.isolated': (s, event) =>
    enter(s, event.data.breaker, event, { is: 'isolated', why: event.data.why }),
};
