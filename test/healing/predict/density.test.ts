import { describe, expect, it } from 'vitest';
import { Density } from '../../../src/healing/predict/density.ts';
import { exponential, seeded } from '../../../src/healing/random.ts';

/** Failures at random with this mean time between them; the most evidence there was. */
function most(density: Density, meanMs: number, from: number, to: number, random = seeded(3)): number {
  let highest = 0;
  for (let now = from + exponential(meanMs, random); now < to; now += exponential(meanMs, random)) {
    density.happened(now, false);
    highest = Math.max(highest, density.evidence(now));
  }
  return highest;
}

describe('the density of failures', () => {
  it('is evidence when they come much more often than usual, soon', () => {
    const density = new Density();
    most(density, 120_000, 0, 3_600_000);
    expect(most(density, 10_000, 3_600_000, 3_660_000)).toBeGreaterThan(3);
    expect(density.burst.count).toBeGreaterThan(3);
    expect(density.burst.since).toBeGreaterThanOrEqual(3_500_000);
  });

  it('is none when they come as often as always, for one that fails often as for one that does not', () => {
    for (const mean of [20_000, 120_000]) {
      const density = new Density();
      most(density, mean, 0, 3_600_000);
      const later = Array.from({ length: 20 }, (_, hour) =>
        most(density, mean, (hour + 1) * 3_600_000, (hour + 2) * 3_600_000, seeded(hour + 1)),
      );
      expect(later.filter(highest => highest > 4).length).toBeLessThan(3);
    }
  });

  it('is soon over when they stop', () => {
    const density = new Density();
    most(density, 120_000, 0, 3_600_000);
    most(density, 10_000, 3_600_000, 3_700_000);
    expect(density.evidence(3_700_000)).toBeGreaterThan(3);
    expect(density.evidence(3_850_000)).toBeLessThan(1);
  });
});
