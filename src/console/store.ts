/** The store: holds the state, lets only `update` change it, and hands what is to be done to the shell. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Kind } from '../model/event.ts';
import type { Effect, Happening } from './effects.ts';
import type { ConsoleState } from './state.ts';
import { update } from './update.ts';

interface ConsoleStore {
  readonly api: StoreApi<ConsoleState>;
  /** Folds what happened into the state, then runs what follows from it. */
  act(happening: Happening): void;
}

export function consoleStore(initial: ConsoleState, perform: (effect: Effect) => void): ConsoleStore {
  const api = createStore<ConsoleState>()(() => initial);
  return {
    api,
    act(happening) {
      const { state, effects } = update(api.getState(), happening);
      if (state !== api.getState()) api.setState(state, true);
      for (const effect of effects) perform(effect);
    },
  };
}

/** Does the difference show? The clock of a decision is not drawn; what agents use is drawn with the next tick. */
export function showsDifference(a: ConsoleState, b: ConsoleState): boolean {
  return (Object.keys(a) as (keyof ConsoleState)[]).some(
    key =>
      key !== 'shown' &&
      key !== 'offset' &&
      key !== 'resources' &&
      key !== 'probes' &&
      key !== 'breakers' &&
      key !== 'window' &&
      a[key] !== b[key],
  );
}

/** What recorders write down as they go on: of an agent that prints without end, every few seconds. */
const BOOKKEEPING: ReadonlySet<Kind> = new Set<Kind>([
  'recording.chunked',
  'recording.ended',
  'recording.removed',
]);

/** Has nothing come but bookkeeping? Only the number of events shows it: that is drawn with the next tick. */
export function canWait(a: ConsoleState, b: ConsoleState): boolean {
  const others = (Object.keys(a) as (keyof ConsoleState)[]).filter(
    key => key !== 'fleet' && key !== 'tail' && key !== 'history' && key !== 'now',
  );
  const fresh = b.tail.slice(a.fleet.seq - b.fleet.seq);
  return (
    b.fleet.seq > a.fleet.seq &&
    fresh.length === b.fleet.seq - a.fleet.seq &&
    fresh.every(({ kind }) => BOOKKEEPING.has(kind)) &&
    others.every(key => a[key] === b[key])
  );
}
