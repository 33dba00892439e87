/**
 * How fast fleets are simulated: incidents a second of one core's time, at each level, by the Loop that is shipped. A
 * fault a minute and agent is what evolution would do to see much in little time; at one in ten minutes most of the time
 * goes into what agents print in between.
 */
import { cpuUsage } from 'node:process';
import { loopPolicy } from '../src/healing/simulate/loop-policy.ts';
import { World } from '../src/healing/simulate/world.ts';
import { HealingConfig, HealingLevel } from '../src/model/healing.ts';
import type { Measured } from './stats.ts';

const HOUR = 3_600_000;
const WARM_UP = 2;
const RUNS = 8;

interface Pace {
  readonly perSecond: number;
  readonly simulatedPerSecond: number;
}

/** CPU time of this process: others on the machine do not count, though they slow it down. */
function paceOf(level: HealingLevel, faultEveryMs: number): Pace {
  const config = HealingConfig.parse({ level, ...(level === 'basic' ? { silence: '30s' } : {}) });
  let [faults, spent] = [0, 0];
  const durationMs = HOUR;
  for (let seed = 1; seed <= WARM_UP + RUNS; seed += 1) {
    const before = cpuUsage();
    const options = { agents: 16, seed, durationMs, shiftAt: durationMs / 2, faultEveryMs };
    const score = new World(options, loopPolicy(config)).run();
    const { user, system } = cpuUsage(before);
    if (seed <= WARM_UP) continue;
    faults += score.faults;
    spent += (user + system) / 1e6;
  }
  return { perSecond: faults / spent, simulatedPerSecond: (RUNS * 16 * durationMs) / 1000 / spent };
}

export async function run(): Promise<Measured> {
  const rows = HealingLevel.options.flatMap(level =>
    [60_000, 600_000].map(every => ({ level, every, pace: paceOf(level, every) })),
  );
  const dense = rows.find(({ level, every }) => level === 'evolutionary' && every === 60_000);
  return {
    figures: { incidents_per_s: Math.round(dense?.pace.perSecond ?? 0) },
    env: { rows },
    lines: [
      'incidents a second of CPU; agent-hours simulated in it',
      ...rows.map(
        ({ level, every, pace }) =>
          `  ${level.padEnd(14)}a fault in ${String(every / 60_000).padStart(2)} min  ${pace.perSecond.toFixed(0).padStart(6)}  ${(pace.simulatedPerSecond / 3600).toFixed(0).padStart(6)}`,
      ),
    ],
  };
}
