/** The state of a fleet whose engine does not answer: what its journal says up to now. */
import { existsSync } from 'node:fs';
import { openReader } from '../journal/reader.ts';
import { fold } from '../model/reduce.ts';
import { EMPTY, type FleetState } from '../model/state.ts';

/** EMPTY where there is no journal, or none that can be read. */
export function lastState(journal: string): FleetState {
  if (!existsSync(journal)) return EMPTY;
  try {
    const reader = openReader(journal);
    try {
      return fold(EMPTY, reader.read());
    } finally {
      reader.close();
    }
  } catch {
    // The brake must work without it: it only tells what stood still before.
    return EMPTY;
  }
}
