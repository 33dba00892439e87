/**
 * What the evolutionary level starts from, until it has evolved in its own fleet. Bred on the simulated world's seeds 1
 * to 30 by bench/healbench/breed.ts (1069 genomes judged); bench/healbench measures it on others.
 */
import { Genome } from './genome.ts';

export const CHAMPION: Genome = Genome.parse({
  numbers: {
    threshold: 5.01,
    pause: 786,
    minDeviation: 0.348,
    growthTimes: 4.05,
    growthLasting: 4080,
    paceTimes: 5.27,
    paceEvidence: 9.28,
    discount: 0.972,
    prior: 9.34,
    deviations: 3.34,
    leastPatience: 4040,
    inHandS: 87.6,
  },
  playbook: {
    hang: ['interrupt', 'resume', 'swap', 'restore', 'shed', 'nudge'],
    overload: ['wait', 'interrupt', 'swap', 'nudge', 'shed'],
    'disk-full': ['wait', 'shed'],
    slow: ['shed', 'restore', 'restart', 'interrupt', 'wait', 'resume', 'swap'],
    'crash-loop': ['restore', 'nudge', 'shed', 'restart'],
    busy: ['restore', 'wait', 'resume', 'interrupt'],
    storm: ['interrupt', 'restart', 'resume'],
    'rate-limit': ['interrupt', 'shed', 'resume', 'restore', 'nudge', 'swap', 'wait'],
    'fd-exhausted': ['resume', 'wait'],
    crash: ['restore', 'restart', 'interrupt', 'resume', 'wait'],
  },
});
