/** What the sensors of the simulated world read off an agent. */
import { normal, type Random } from '../random.ts';
import type { ResourceUse } from '../types.ts';
import type { SimulatedAgent } from './agent.ts';
import type { Symptom } from './catalogue.ts';

const MB = 1 << 20;

/** Percent of a core and so on, with the noise real ones have. */
export function sampled(agent: SimulatedAgent, symptom: Symptom | undefined, random: Random): ResourceUse {
  const noise = (): number => 1 + 0.1 * normal(random);
  const does = symptom?.does;
  const busy = does === 'spin' || does === 'compile';
  const cpu = busy
    ? 97
    : does === 'hang' || does === 'refuse' || does === 'wait'
      ? 0.3
      : does === 'storm'
        ? 80
        : 12;
  return {
    cpu: Math.max(0, cpu * noise()),
    rss: Math.max(1, agent.rss * noise()) * MB,
    fds: does === 'refuse' && symptom?.does === 'refuse' && symptom.error === 'fd-exhausted' ? 1024 : 40,
    threads: 12,
    children: does === 'compile' ? 4 : 0,
    output: does === 'storm' ? 20 * MB * Math.abs(noise()) : busy || does === 'hang' ? 0 : 2000,
  };
}
