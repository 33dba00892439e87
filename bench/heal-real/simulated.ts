/** The same faults in the simulated world: how long the same Loop takes there, at the same level and with as few ways to act. */

import type { FaultModel } from '../../src/healing/simulate/catalogue.ts';
import { ABILITIES, loopPolicy } from '../../src/healing/simulate/loop-policy.ts';
import { World } from '../../src/healing/simulate/world.ts';
import { TUNING } from '../../src/healing/tuning.ts';
import { HealingConfig } from '../../src/model/healing.ts';
import { median } from '../stats.ts';

/** What a plain program allows: it can be interrupted and started. */
const ABLE = { ...ABILITIES, nudge: false, resume: false, restore: false, swap: false, shed: false };
const HOUR = 3_600_000;
/** tmux tells to the second when something was printed. */
const PACE_MS = 1000;

export type Simulated = Pick<FaultModel, 'symptom' | 'cures' | 'organic' | 'dependency'>;

/** Median time to recover, ms. */
export function simulatedMs(simulated: Simulated, level: 'basic' | 'hybrid'): number {
  const model: FaultModel = { ...simulated, id: 'F', words: 'the fault', share: [1, 1], againS: 1 };
  const options = {
    agents: 16,
    durationMs: 2 * HOUR,
    shiftAt: 2 * HOUR,
    faultEveryMs: 600_000,
    pace: PACE_MS,
  };
  const make = loopPolicy(HealingConfig.parse({ level }), TUNING, ABLE);
  return 1000 * median(new World({ ...options, seed: 101, catalogue: [model] }, make).run().recoverS);
}
