/** The two sides of a canary, from the state: those that try it since then, and the others with everybody's past. Pure. */
import { type CanaryVerdict, judgeCanary, type Side } from '../../healing/evolve/canary.ts';
import type { EvolutionConfig } from '../../model/evolution.ts';
import type { CanaryState } from '../../model/evolution-state.ts';

export function verdictOn(
  { agents, cases, before, since }: CanaryState,
  all: readonly string[],
  { canary: rules }: EvolutionConfig,
  now: number,
): CanaryVerdict {
  const ms = Math.max(0, now - since);
  const others = all.filter(agent => !agents.includes(agent)).length;
  const [oldest] = before;
  const past = oldest ? Math.max(0, since - oldest.at) * all.length : 0;
  const mine: Side = {
    cases: cases.filter(({ agent }) => agents.includes(agent)),
    agentMs: ms * agents.length,
  };
  const rest: Side = {
    cases: [...before, ...cases.filter(({ agent }) => !agents.includes(agent))],
    agentMs: ms * others + past,
  };
  return judgeCanary(mine, rest, ms, { incidents: rules.incidents, forMs: rules.for });
}
