/** What else is unusual of an agent: it bears guesses out, and never accuses alone. */
import { expect, it } from 'vitest';
import { Witness } from '../../../src/healing/adapt/witness.ts';
import { createSelfHealing } from '../../../src/healing/factory.ts';
import { seeded } from '../../../src/healing/random.ts';
import type { Anomaly, ResourceUse, Signal } from '../../../src/healing/types.ts';
import { RestartPolicy } from '../../../src/model/fleet.ts';
import { HealingConfig } from '../../../src/model/healing.ts';
import { ALL, doing, started } from '../support/fleet.ts';
import { lognormal } from '../support/lognormal.ts';

const MB = 1 << 20;

function agent(witness?: Witness) {
  const random = seeded(4);
  const healing = createSelfHealing({
    config: HealingConfig.parse({ level: 'hybrid' }),
    policy: RestartPolicy.parse({}),
    abilities: ALL,
    random,
    lag: () => 1,
    ...(witness && { witness }),
  });
  let now = 0;
  let nextLine = 0;
  const tell = (signal: Signal): Anomaly | undefined => healing.detectAnomaly(signal, now);
  const uses = (more: Partial<ResourceUse> = {}): Signal => ({
    signal: 'resources',
    use: {
      cpu: 10 + 5 * random(),
      rss: (200 + 2 * random()) * MB,
      fds: 40 + Math.floor(3 * random()),
      ...{ threads: 9, children: 0, output: 1000 * random() },
      ...more,
    },
  });
  tell(started(1));
  tell(doing('working'));
  return {
    /** Works and prints for so many seconds. */
    works(seconds: number, more: Partial<ResourceUse> = {}): readonly Anomaly[] {
      const found: (Anomaly | undefined)[] = [];
      for (let n = 0; n < seconds; n += 1) {
        now += 1000;
        if (now >= nextLine) {
          found.push(tell({ signal: 'progress' }));
          nextLine = now + lognormal(2000, 0.5, random);
        }
        found.push(tell(uses(more)));
      }
      return found.filter(one => one !== undefined);
    },
    /** Prints nothing for so many seconds, or until something is found. */
    silent(seconds: number, more: Partial<ResourceUse>): { found: Anomaly; after: number } | undefined {
      for (let n = 1; n <= seconds; n += 1) {
        now += 1000;
        const found = tell(uses(more)) ?? tell({ signal: 'time' });
        if (found) return { found, after: n };
      }
      return undefined;
    },
  };
}

it('says beside a silence what else was unusual, in words', () => {
  const witnessed = agent(new Witness(seeded(1)));
  witnessed.works(3000);
  const hung = witnessed.silent(120, { cpu: 0, output: 0, rss: 500 * MB });
  expect(hung?.found).toMatchObject({ fault: 'hang' });
  expect(hung?.found.findings[0]?.detector).toBe('quiet');
  expect(
    hung?.found.findings
      .slice(1)
      .map(({ words }) => words)
      .join('\n'),
  ).toMatch(/memory 500 MB/);
});

it('alone is no reason to act: a new kind of work is as strange', () => {
  const witness = new Witness(seeded(1));
  const busy = agent(witness);
  busy.works(3000);
  expect(busy.works(600, { cpu: 85, rss: 800 * MB, fds: 150, children: 6, output: 300_000 })).toEqual([]);
});

it('knows nothing of who waits, nor of what was long ago', () => {
  const witness = new Witness(seeded(1));
  const one = agent(witness);
  one.works(3000);
  one.works(1, { rss: 900 * MB });
  const at = 3_001_000;
  expect(witness.findings(at)).not.toEqual([]);
  expect(witness.findings(at + 31_000)).toEqual([]);
});
