/** Where evolution is kept that is meant: a fleet's, or a folder's own. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findFleet } from '../fleet/registry.ts';
import type { FleetState } from '../model/state.ts';
import { EMPTY } from '../model/state.ts';
import { lastState } from './last-state.ts';

export interface GaOptions {
  readonly fleet?: string;
  readonly as?: string;
  readonly mode?: import('../model/mode.ts').Mode;
  readonly dir?: string;
  readonly json?: boolean;
}

export interface GaPlace {
  readonly file: string;
  readonly lock: string;
  /** Of the fleet; '' where there is none. */
  readonly journal: string;
  /** What the fleet's journal says; nothing for a folder of its own. */
  state(): FleetState;
}

/** Throws HmsError as findFleet. */
export async function placeOf({ dir, fleet }: GaOptions): Promise<GaPlace> {
  if (dir !== undefined) {
    const folder = resolve(dir);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'evolution.json');
    return { file, lock: `${file}.lock`, journal: '', state: () => EMPTY };
  }
  const { evolution: file, journal } = await findFleet(fleet, process.cwd());
  return { file, lock: `${file}.lock`, journal, state: () => lastState(journal) };
}
