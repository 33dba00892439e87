/** What the sensors of the simulated world read off an agent, with the noise real ones have. */
import type { Millis } from '../../model/ids.ts';
import { quickNormal, type Random } from '../random.ts';
import type { ResourceUse } from '../types.ts';
import type { SimulatedAgent } from './agent.ts';
import type { Symptom } from './catalogue.ts';

const MB = 1 << 20;
/** Share of looks at a working agent that find it waiting for its provider's answer, at next to no CPU. */
const ANSWERING = 0.4;
/** Percent of a core. */
const WORKS = 12;
const RESTS = 0.3;
const SPINS = 97;
const STORMS = 80;

export function sampled({ rss, random, symptom }: SimulatedAgent): ResourceUse {
  const does = symptom?.does;
  const storm = does === 'storm';
  const silent = does === 'spin' || does === 'compile' || does === 'hang' || does === 'wait';
  return {
    cpu: Math.max(0, cpuOf(does, random) * (1 + 0.1 * quickNormal(random))),
    rss: Math.max(1, rss * (1 + 0.1 * quickNormal(random))) * MB,
    fds: symptom?.does === 'refuse' && symptom.error === 'fd-exhausted' ? 1024 : 40,
    threads: 12,
    children: does === 'compile' ? 4 : 0,
    output: storm ? 20 * MB * (1 + 0.1 * Math.abs(quickNormal(random))) : silent ? 0 : 2000,
  };
}

function cpuOf(does: Symptom['does'] | undefined, random: Random): number {
  switch (does) {
    case 'spin':
    case 'compile':
      return SPINS;
    case 'hang':
    case 'refuse':
    case 'wait':
      return RESTS;
    case 'storm':
      return STORMS;
    default:
      return random() < ANSWERING ? RESTS : WORKS;
  }
}

/** Time until it prints the next line, ms; Infinity when it is silent. */
export function nextLine(agent: SimulatedAgent): Millis {
  const does = agent.symptom?.does;
  if (does !== undefined && SILENT.has(does)) return Number.POSITIVE_INFINITY;
  const slower = does === 'crawl' ? 5 : does === 'think' ? 2 : does === 'storm' ? 0.2 : 1;
  const sigma = does === 'think' ? 1 : 0.6;
  return agent.pace * slower * Math.exp(sigma * quickNormal(agent.random));
}

const SILENT: ReadonlySet<Symptom['does']> = new Set(['die', 'hang', 'spin', 'wait', 'refuse', 'compile']);
