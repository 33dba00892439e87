/**
 * What the evolutionary level starts from, until it has evolved in its own fleet. Bred on the simulated world's seeds 1
 * to 30 by bench/healbench/breed.ts (298 genomes judged); bench/healbench measures it on others.
 */
import { Genome } from './genome.ts';

export const CHAMPION: Genome = Genome.parse({
  numbers: {
    threshold: 5.01,
    pause: 1020,
    minDeviation: 0.385,
    growthTimes: 3.83,
    growthLasting: 4400,
    paceTimes: 4.72,
    paceEvidence: 10,
    discount: 0.925,
    prior: 10.4,
    deviations: 3.52,
    leastPatience: 4920,
    inHandS: 111,
  },
  playbook: {
    hang: ['swap', 'interrupt', 'resume', 'restart', 'nudge'],
    overload: ['swap', 'wait', 'nudge'],
    'disk-full': ['restart', 'shed', 'restore', 'swap', 'interrupt'],
    slow: ['wait', 'shed', 'resume', 'interrupt', 'swap', 'restart'],
    'crash-loop': ['nudge', 'restart', 'wait', 'restore', 'interrupt'],
    busy: ['interrupt', 'resume', 'restart', 'nudge'],
    storm: ['wait', 'swap', 'nudge', 'shed', 'resume', 'restore'],
    'rate-limit': ['swap', 'restore', 'wait', 'nudge', 'restart'],
  },
});
