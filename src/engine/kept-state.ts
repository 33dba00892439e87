/** The state an engine begins with: folded from the journal, from where the last engine had got to. */
import { basename } from 'node:path';
import type { Journal } from '../journal/types.ts';
import { wordsOf } from '../model/errors.ts';
import { fold } from '../model/reduce.ts';
import { EMPTY, type FleetState } from '../model/state.ts';
import type { Core } from './core.ts';

/** So many events are folded in some ms; more are not left to the next engine. */
const EVERY = 2000;

/**
 * Names the reducers: a chunk of the built program is called by a hash of what is in it and in all that it imports.
 * '' where this is no such chunk; then nothing is kept.
 */
const WHOSE = /-[A-Z0-9]{8}\.mjs$/.test(import.meta.url) ? basename(import.meta.url) : '';

export function stateOf(journal: Journal, by = WHOSE): FleetState {
  const kept = by === '' ? undefined : journal.kept(by);
  // Written by `keepState`, and signed.
  const before = kept ? (JSON.parse(kept.text) as FleetState) : EMPTY;
  return fold(before, journal.read({ from: before.seq + 1 }));
}

/** Keeps the state now and then, from what is durable. */
export function keepState(core: Core, journal: Journal, by = WHOSE): void {
  if (by === '') return;
  let last = 0;
  let writing = false;
  core.add({
    name: 'kept-state',
    onEvent: event => {
      if (writing || event.seq < last + EVERY) return;
      last = event.seq;
      writing = true;
      const { durableState: state } = core;
      journal
        .keep(by, { seq: state.seq, text: JSON.stringify(state) })
        .catch((error: unknown) => core.log(`the state is not kept: ${wordsOf(error)}`))
        .finally(() => {
          writing = false;
        });
    },
    stop: () => {},
  });
}
