import { normal, type Random } from '../../../src/healing/random.ts';

/** Log-normal with this median: as intervals between lines are. */
export const lognormal = (median: number, sigma: number, random: Random): number =>
  median * Math.exp(sigma * normal(random));
