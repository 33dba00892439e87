/**
 * What the evolutionary level starts from, until it has evolved in its own fleet. Bred on the simulated world's seeds 1
 * to 30 by bench/healbench/breed.ts (820 genomes judged); bench/healbench measures it on others.
 */
import { Genome } from './genome.ts';

export const CHAMPION: Genome = Genome.parse({
  numbers: {
    threshold: 5.58,
    pause: 880,
    minDeviation: 0.379,
    growthTimes: 3.69,
    growthLasting: 4360,
    paceTimes: 4.56,
    paceEvidence: 10,
    discount: 0.928,
    prior: 9.66,
    deviations: 3.49,
    leastPatience: 5020,
    inHandS: 111,
  },
  playbook: {
    hang: ['interrupt', 'resume', 'swap', 'restore', 'restart', 'shed', 'nudge'],
    overload: ['wait', 'interrupt', 'swap', 'nudge', 'shed'],
    'disk-full': ['wait', 'shed'],
    slow: ['shed', 'restore', 'restart', 'interrupt', 'wait', 'resume', 'swap'],
    'crash-loop': ['restore', 'resume', 'nudge', 'shed', 'restart'],
    busy: ['shed', 'resume', 'interrupt'],
    storm: ['interrupt', 'restart', 'resume'],
    'rate-limit': ['restore', 'interrupt', 'restart', 'shed', 'wait', 'nudge', 'swap'],
    'fd-exhausted': ['swap', 'resume', 'wait'],
  },
});
