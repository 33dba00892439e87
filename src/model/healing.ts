/** Healing as people set it up: one schema for all levels. Times are ms once parsed, written as `3s`. */
import * as z from 'zod';
import { Duration } from './duration.ts';
import { GeneValues } from './genes.ts';
import { Alternative } from './swap.ts';

/** How much an agent's healing decides by itself; each level has all that the ones before it have. */
export const HealingLevel = z.enum(['basic', 'hybrid', 'evolutionary']);
export type HealingLevel = z.infer<typeof HealingLevel>;

/** What is wrong with an agent, by what would cure it. */
export const FaultClass = z.enum([
  'crash',
  'crash-loop',
  'hang',
  'busy',
  'storm',
  'slow',
  'leak',
  'repeat',
  'runaway',
  'rate-limit',
  'overload',
  'authentication',
  'context-full',
  'usage-limit',
  'dependency',
  'unreachable',
  'disk-full',
  'fd-exhausted',
  'lost',
  'failing',
]);
export type FaultClass = z.infer<typeof FaultClass>;

/** Errors of providers and tools as drivers report them. */
export const ErrorClass = FaultClass.extract([
  'rate-limit',
  'overload',
  'authentication',
  'context-full',
  'usage-limit',
  'disk-full',
  'fd-exhausted',
]);
export type ErrorClass = z.infer<typeof ErrorClass>;

/** What can be done about it, from the smallest to the largest. docs/healing-strategies.md says what each does. */
export const StrategyName = z.enum([
  'wait',
  'save',
  'nudge',
  'interrupt',
  'resume',
  'restart',
  'restore',
  'restart-dependency',
  'swap',
  'shed',
  'isolate',
]);
export type StrategyName = z.infer<typeof StrategyName>;

/** Live: heal it when this fails. Ready: it can take work. Health: it is shown; nothing is done for it. */
export const ProbePurpose = z.enum(['live', 'ready', 'health']);
export type ProbePurpose = z.infer<typeof ProbePurpose>;

const threshold = z.int().min(1).max(1000);

/** Field names and defaults as Kubernetes has them for its probes. */
const probing = {
  every: Duration.default(10_000).describe('Time between two looks'),
  timeout: Duration.default(500).describe('A look that takes longer has failed'),
  failures: threshold.default(3).describe('Failed looks in a row until it counts as failing'),
  successes: threshold.default(1).describe('Good looks in a row until it counts as good again'),
  after: Duration.default(0).describe('Wait so long after a start before the first look'),
};

/** How one finds out: exactly one of exec, http, tcp, file. */
const means = {
  exec: z
    .union([z.string().min(1), z.array(z.string()).min(1)])
    .optional()
    .describe('A command; 0 is good'),
  http: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('A URL; any answer below 400 is good'),
  tcp: z
    .string()
    .regex(/^.+:\d{1,5}$/, 'it is written host:port')
    .optional()
    .describe('host:port that accepts a connection'),
  file: z.string().min(1).optional().describe('A file that is there'),
  fresh: Duration.optional().describe('The file must have been written within this time'),
};

const oneMeans = (probe: Readonly<Record<string, unknown>>): boolean =>
  ['exec', 'http', 'tcp', 'file'].filter(name => probe[name] !== undefined).length === 1;
const ONE_MEANS = 'a probe has exactly one of exec, http, tcp and file';

export const ProbeConfig = z
  .strictObject({
    purpose: ProbePurpose.default('live').describe(
      'live: heal it when this fails. ready: it can take work. health: shown, nothing is done',
    ),
    ...means,
    ...probing,
  })
  .refine(oneMeans, ONE_MEANS);
export type ProbeConfig = z.infer<typeof ProbeConfig>;

export const DependencyConfig = z
  .strictObject({
    ...means,
    ...probing,
    every: Duration.default(250).describe('Time between two looks while it is down'),
  })
  .refine(oneMeans, ONE_MEANS);
export type DependencyConfig = z.infer<typeof DependencyConfig>;

export const HealingConfig = z.strictObject({
  level: HealingLevel.default('basic').describe('Who decides: rules, rules that adapt, or rules that evolve'),
  silence: z
    .union([z.literal('off').transform(() => 0), Duration])
    .default(0)
    .describe(
      'Nothing printed for so long while it works counts as hanging; off: only what is learnt counts',
    ),
  heartbeat: z
    .union([z.literal('off').transform(() => 0), Duration])
    .default(0)
    .describe('It promises to beat (hms agent beat); no beat for so long while it works counts as hanging'),
  verify: Duration.default(3000).describe('How long it must be well before it counts as recovered'),
  save: z
    .string()
    .max(1000)
    .regex(/^[^\p{Cc}]*$/u, 'one line, without control characters')
    .default('')
    .describe(
      'Typed, with Enter, to have it save its work before what announces itself comes; empty: never (evolutionary)',
    ),
  patience: Duration.default(15_000).describe('How long what was tried may take to show'),
  stable: Duration.default(30_000).describe('After so long without trouble its restarts are forgiven'),
  errors: z
    .partialRecord(ErrorClass, z.string().min(1).max(400))
    .default({})
    .describe('Words in what it prints that mean such an error, with | between them: "429|rate limit"'),
  probes: z
    .record(z.string().min(1).max(64), ProbeConfig)
    .default({})
    .describe('Ways to look at it, by name'),
  depends: z
    .record(z.string().min(1).max(64), DependencyConfig)
    .default({})
    .describe('What it cannot do without, by name: while one is down, nothing is restarted in vain'),
  ladder: z
    .partialRecord(FaultClass, z.array(StrategyName).max(12))
    .default({})
    .describe('What is tried in which order, by fault; after the last a person is asked'),
  limits: z
    .strictObject({
      memory: z.number().positive().optional().describe('Megabytes'),
      fds: z.int().positive().optional().describe('Open files'),
      output: z.number().positive().optional().describe('Megabytes a second'),
      cost: z
        .number()
        .positive()
        .optional()
        .describe('US dollars an hour, where its tool says what it costs'),
      tokens: z.number().positive().optional().describe('Tokens an hour'),
      context: z.number().positive().max(100).optional().describe('Percent of what its model keeps in mind'),
    })
    .prefault({})
    .describe('More than this for ten seconds is an anomaly'),
  budget: z
    .number()
    .positive()
    .max(1000)
    .default(1)
    .describe('False alarms one puts up with, an agent and day'),
  tuning: GeneValues.default({}).describe(
    'Numbers that the learning levels run on, set by hand: what is set does not evolve',
  ),
  swap: z
    .array(Alternative)
    .max(8)
    .default([])
    .describe('Other models or providers it can go on with for a while, the first choice first'),
  snapshots: z
    .union([z.literal('off').transform(() => 0), Duration])
    .default(120_000)
    .describe('Of its own worktree, at most one so often, each time it comes to rest and is well'),
  priority: z
    .int()
    .min(0)
    .max(100)
    .default(50)
    .describe('The least important are frozen first when load is shed'),
});
export type HealingConfig = z.infer<typeof HealingConfig>;
