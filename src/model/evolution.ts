/** Evolution of what the evolutionary level runs on, as the fleet file sets it up and as the journal tells of it. */
import * as z from 'zod';
import { Duration } from './duration.ts';
import { AgentId, RequestId } from './ids.ts';
import { JsonObject } from './json.ts';

const Count = z.int().min(0);
const words = z.string().max(4096);
const minutes = 60_000;

export const EvolutionConfig = z.strictObject({
  every: Duration.refine(ms => ms >= 1000, 'at least 1s')
    .default(5 * minutes)
    .describe('Time between two cycles; one comes sooner when an incident opens, none when nothing happened'),
  cap: Duration.refine(ms => ms >= 1000, 'at least 1s')
    .default(30_000)
    .describe('Time a cycle may take, on one core at the lowest priority'),
  canary: z
    .strictObject({
      share: z
        .int()
        .min(1)
        .max(100)
        .default(34)
        .describe('Percent of the evolutionary agents that try it first, one at least'),
      incidents: z.int().min(3).max(100).default(10).describe('Incidents of theirs that are enough'),
      for: Duration.default(24 * 60 * minutes).describe('Or this time, once they had three incidents'),
    })
    .prefault({})
    .describe('How what people agreed to is tried before all agents have it'),
});
export type EvolutionConfig = z.infer<typeof EvolutionConfig>;

export const EVOLUTION_EVENTS = {
  /** A generation is judged: its best, against rules alone (1). */
  'evolution.stepped': z.object({
    step: Count,
    evaluations: Count,
    fitness: z.number(),
    /** Ways to behave that the archive holds. */
    elites: Count,
    /** Incidents of this fleet that the simulated world was fitted to. */
    incidents: Count,
  }),
  /** A cycle is over, and why. `due`: a challenge is not played to its end. */
  'evolution.ended': z.object({
    began: z.int().min(0),
    ms: Count,
    steps: Count,
    due: z.boolean(),
    detail: words,
  }),
  /** A person agreed: these agents try it first. */
  'tuning.adopted': z.object({ request: RequestId, genome: JsonObject, agents: z.array(AgentId) }),
  /** It was not worse: all agents at the level evolutionary have it. */
  'tuning.promoted': z.object({ request: RequestId, detail: words }),
  /** Taken back: from those that tried it, or from all, who have again what they had before it. */
  'tuning.reverted': z.object({ from: z.enum(['canary', 'all']), detail: words }),
} as const;
