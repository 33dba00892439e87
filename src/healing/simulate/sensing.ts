/** What the sensors of the simulated world read off an agent, with the noise real ones have. */
import type { Millis } from '../../model/ids.ts';
import { exponential, quickNormal, type Random } from '../random.ts';
import type { ResourceUse, Signal } from '../types.ts';
import type { SimulatedAgent } from './agent.ts';
import { isHealthy, type Sign, type Symptom } from './catalogue.ts';

const MB = 1 << 20;
/** Share of looks at a working agent that find it waiting for its provider's answer, at next to no CPU. */
const ANSWERING = 0.4;
/** Percent of a core. */
const WORKS = 12;
const RESTS = 0.3;
const SPINS = 97;
const STORMS = 80;

/** What is used of something that ends before it begins to run out, and all of it: MB, files, a share. */
const MEMORY_MB = [200, 4000] as const;
const FDS = [40, 1024] as const;
const ALLOWANCE = [0.4, 1] as const;
/** What settles has done so after this share of its time. */
const SETTLED = 0.7;
/** Before it hangs it does its work so many times as slowly. */
export const SLOWER = 2.5;
/** Mean time between two failures of an agent's tools: of one that works (a search without a find, a test), and of one
 * that gets nowhere, ms. */
const TOOL_FAILS_MS = 120_000;
const TOOLS_FAIL_MS = 10_000;

export function sampled(agent: SimulatedAgent, now: Millis): ResourceUse {
  const { random, symptom } = agent;
  const does = symptom?.does;
  const storm = does === 'storm';
  const silent = does === 'spin' || does === 'compile' || does === 'hang' || does === 'wait';
  const full = symptom?.does === 'refuse' && symptom.error === 'fd-exhausted';
  return {
    cpu: Math.max(0, cpuOf(does, random) * (1 + 0.1 * quickNormal(random))),
    rss:
      Math.max(1, between(MEMORY_MB, levelOf(agent, 'memory', now)) * (1 + 0.1 * quickNormal(random))) * MB,
    fds: Math.round(between(FDS, full ? 1 : levelOf(agent, 'fds', now))),
    threads: 12,
    children: does === 'compile' ? 4 : 0,
    output: storm ? 20 * MB * (1 + 0.1 * Math.abs(quickNormal(random))) : silent ? 0 : 2000,
  };
}

/** What is told of a window or an allowance while it fills, and that it was emptied. */
export function allowanceOf(agent: SimulatedAgent, now: Millis): Signal | undefined {
  const { symptom } = agent;
  if (symptom?.does !== 'show') return undefined;
  const { sign } = symptom;
  if (sign !== 'context' && sign !== 'quota' && sign !== 'disk') return undefined;
  return allowance(sign, between(ALLOWANCE, levelOf(agent, sign, now)));
}

export const emptied = (sign: Sign | undefined): Signal | undefined =>
  sign === 'context' || sign === 'quota' || sign === 'disk' ? allowance(sign, ALLOWANCE[0]) : undefined;

const allowance = (of: 'context' | 'quota' | 'disk', share: number): Signal =>
  of === 'context'
    ? { signal: 'usage', context: share, tokensPerMin: 4000 }
    : { signal: 'allowance', of, share };

/** How much of the way to its end what is shown has gone. */
function levelOf({ symptom, condition }: SimulatedAgent, of: Sign, now: Millis): number {
  if (symptom?.does !== 'show' || symptom.sign !== of || !condition) return 0;
  const { since, holdsAt, until, model } = condition;
  const span = isHealthy(model) ? SETTLED * (until - since) : holdsAt - since;
  return symptom.upTo * Math.min(1, (now - since) / span);
}

const between = ([from, to]: readonly [number, number], share: number): number => from + (to - from) * share;

/** Time until the next tool of its fails, ms; Infinity when it uses none. */
export function nextFailure({ symptom, random, alive }: SimulatedAgent): Millis {
  const does = symptom?.does;
  if (!alive || (does !== undefined && SILENT.has(does))) return Number.POSITIVE_INFINITY;
  const gets = symptom?.does === 'show' && symptom.sign === 'tools';
  return exponential(gets ? TOOLS_FAIL_MS : TOOL_FAILS_MS, random);
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
  const { symptom } = agent;
  const does = symptom?.does;
  if (does !== undefined && SILENT.has(does)) return Number.POSITIVE_INFINITY;
  const slowing = symptom?.does === 'show' && symptom.sign === 'slower';
  const slower = slowing ? SLOWER : does === 'crawl' ? 5 : does === 'think' ? 2 : does === 'storm' ? 0.2 : 1;
  const sigma = does === 'think' ? 1 : 0.6;
  return agent.pace * slower * Math.exp(sigma * quickNormal(agent.random));
}

const SILENT: ReadonlySet<Symptom['does']> = new Set(['die', 'hang', 'spin', 'wait', 'refuse', 'compile']);
