/** Whether the gate does its work, from what the state says it should have done by now. Pure. */
import type { CellHealth } from '../../model/cell.ts';
import { gateHeld } from '../../model/freeze.ts';
import type { FleetState } from '../../model/state.ts';
import { plural } from '../../model/text.ts';
import { healthy } from '../cell.ts';

/** A hold that is so much older than it may become has been forgotten, ms. */
const FORGOTTEN_MS = 10_000;

export function healthOf(state: FleetState, now: number): CellHealth {
  const held = Object.values(state.pending);
  const forgotten = held.find(
    request => request.expires > 0 && now - request.expires > FORGOTTEN_MS && !gateHeld(state, request),
  );
  if (forgotten) return { state: 'failing', words: `${forgotten.id} should have expired` };
  return healthy(`${plural(held.length, 'request')} held`);
}
