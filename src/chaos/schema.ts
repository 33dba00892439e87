/**
 * What an experiment's file may say: Chaos Toolkit's shape (title, steady-state-hypothesis, method), with faults of our
 * own catalogue as actions. YAML or JSON. What the schema cannot say is in `check.ts`.
 */
import * as z from 'zod';
import { Duration } from '../model/duration.ts';
import { Size } from '../model/fleet.ts';

const name = z.string().min(1).max(100);
const line = z.string().min(1).max(200);

/** A value is steady when it is this one, one of these, in this range, or fits this pattern. */
export const Tolerance = z.union([
  z.number(),
  z.boolean(),
  z.string().max(400),
  z
    .array(z.union([z.number(), z.string().max(400)]))
    .min(1)
    .max(64),
  z.strictObject({ min: z.number().optional(), max: z.number().optional() }),
  z.strictObject({ type: z.literal('range'), range: z.tuple([z.number(), z.number()]) }),
  z.strictObject({ type: z.literal('regex'), pattern: z.string().min(1).max(400) }),
]);
export type Tolerance = z.infer<typeof Tolerance>;

const timeout = Duration.default(2000);

/** What is looked at. */
export const Provider = z.discriminatedUnion('type', [
  /** Percent of these agents that are in one of these states (default: alive and not failing). */
  z.strictObject({
    type: z.literal('agent-state'),
    agents: z.union([line, z.array(line).min(1).max(64)]).default('*'),
    status: z.array(z.string().max(32)).min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('http'),
    url: z.url({ protocol: /^https?$/ }).max(2000),
    method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
    measure: z.enum(['status', 'ms', 'body']).default('status'),
    timeout,
  }),
  /** ms until it is connected. */
  z.strictObject({
    type: z.literal('tcp'),
    host: line.default('127.0.0.1'),
    port: z.int().min(1).max(65_535),
    timeout,
  }),
  z.strictObject({
    type: z.literal('exec'),
    argv: z.array(z.string().max(4096)).min(1).max(64),
    measure: z.enum(['exit', 'stdout', 'ms']).default('exit'),
    timeout,
  }),
  /** ms until the engine answers. */
  z.strictObject({ type: z.literal('engine'), timeout }),
  /** What an agent uses, as the resources page shows it. */
  z.strictObject({
    type: z.literal('metric'),
    agent: line,
    metric: z.enum(['cpu', 'rss', 'threads', 'processes', 'output']),
  }),
]);
export type Provider = z.infer<typeof Provider>;

const probe = { name, provider: Provider, tolerance: Tolerance.optional() };
export const Probe = z.strictObject({ type: z.literal('probe').default('probe'), ...probe });
export type Probe = z.infer<typeof Probe>;

const Target = z.union([line, z.array(line).min(1).max(64)]);
const action = {
  type: z.literal('action'),
  name: name.optional(),
  for: Duration.default(10_000),
  /** Stillness before and after it. */
  pauses: z.strictObject({ before: Duration.default(0), after: Duration.default(0) }).prefault({}),
};
const onTarget = { ...action, target: Target };
const perhaps = { ...action, target: Target.optional() };
const onProxy = {
  ...action,
  proxy: name,
  direction: z.enum(['up', 'down', 'both']).default('both'),
  toxicity: z.number().min(0).max(1).default(1),
};

/** One thing that is broken, in the words of the catalogue. */
export const Action = z.discriminatedUnion('fault', [
  z.strictObject({
    ...perhaps,
    fault: z.literal('cpu'),
    cores: z.int().min(1).max(256).default(1),
    load: z.int().min(1).max(100).default(100),
  }),
  z.strictObject({ ...perhaps, fault: z.literal('memory'), size: Size }),
  z.strictObject({
    ...onTarget,
    fault: z.literal('kill'),
    signal: z.enum(['KILL', 'TERM', 'INT', 'HUP', 'QUIT', 'SEGV', 'ABRT']).default('KILL'),
    tree: z.boolean().default(false),
  }),
  z.strictObject({ ...onTarget, fault: z.literal('pause'), tree: z.boolean().default(false) }),
  z.strictObject({ ...onTarget, fault: z.literal('crash_loop'), after: Duration.default(0) }),
  z.strictObject({ ...onProxy, fault: z.literal('net_delay'), delay: Duration, jitter: Duration.default(0) }),
  z.strictObject({ ...onProxy, fault: z.literal('net_loss'), percent: z.number().min(0).max(100) }),
  z.strictObject({ ...onProxy, fault: z.literal('net_bandwidth'), rate: Size }),
  z.strictObject({ ...onProxy, fault: z.literal('net_reset'), after: Duration.default(0) }),
  z.strictObject({ ...onProxy, fault: z.literal('net_drop') }),
  z.strictObject({ ...onTarget, fault: z.literal('net_partition') }),
  z.strictObject({ ...perhaps, fault: z.literal('disk_fill'), path: line.default('.'), size: Size }),
  z.strictObject({ ...perhaps, fault: z.literal('io_delay'), path: line.default('.'), delay: Duration }),
  z.strictObject({
    ...onTarget,
    fault: z.literal('fd_exhaust'),
    left: z.int().min(0).max(65_536).default(0),
  }),
  z.strictObject({
    ...onTarget,
    fault: z.literal('pty_storm'),
    'per-second': z.int().min(1).max(10_000).default(100),
  }),
  z.strictObject({ ...onTarget, fault: z.literal('output_flood'), rate: Size.default(10 << 20) }),
  z.strictObject({ ...onTarget, fault: z.literal('client_stall') }),
  z.strictObject({
    ...onTarget,
    fault: z.literal('clock_skew'),
    offset: Duration,
    back: z.boolean().default(false),
  }),
  z.strictObject({ ...onTarget, fault: z.literal('lost_death') }),
  /** One cell of the engine hears nothing and does nothing meanwhile. */
  z.strictObject({ ...onTarget, fault: z.literal('cell_hang') }),
  /** One cell of the engine ends as if it had thrown. */
  z.strictObject({ ...onTarget, fault: z.literal('cell_kill') }),
]);
export type Action = z.infer<typeof Action>;
export type FaultName = Action['fault'];

const Step = z.discriminatedUnion('type', [Action, z.strictObject({ type: z.literal('probe'), ...probe })]);

const Address = z
  .string()
  .max(300)
  .regex(/^(?:[^\s:]+:\d{1,5}|unix:\/.+)$/, 'an address is 127.0.0.1:8080 or unix:/path');

const Blast = z.strictObject({
  /** Of the agents that run, at most so many percent at once; one at least. */
  percent: z.int().min(1).max(100).default(34),
  /** Memory and disk that stay free, and cores that are left alone. */
  'memory-floor': Size.default(512 << 20),
  'disk-floor': Size.default(2 ** 30),
  'cores-left': z.int().min(0).max(256).default(1),
  /** No fault lasts longer. */
  longest: Duration.refine(ms => ms > 0 && ms <= 300_000, '300s at most').default(30_000),
  /** Nothing begins while the machine stalls for longer than this share of its time, percent (PSI). */
  pressure: z.number().min(0).max(100).default(40),
});

export const Experiment = z.strictObject({
  version: z.union([z.string(), z.number()]).optional(),
  title: line,
  description: z.string().max(4000).default(''),
  tags: z.array(z.string().max(100)).max(64).default([]),
  'steady-state-hypothesis': z
    .strictObject({ title: line.default('all is well'), probes: z.array(Probe).min(1).max(32) })
    .optional(),
  /** Ways through which traffic can be disturbed, open while the experiment runs. */
  proxies: z.record(name, z.strictObject({ listen: Address, upstream: Address })).default({}),
  method: z.array(Step).min(1).max(64),
  rollbacks: z.array(z.unknown()).optional(),
  blast: Blast.prefault({}),
  /** What `random` chooses; drawn and told when it is not given. */
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  /** Ends the experiment at once. Without it: any probe that is not steady for `patience`. */
  'abort-if': z
    .array(z.strictObject({ probe: name, for: Duration.default(0), unless: Tolerance.optional() }))
    .max(32)
    .default([]),
  patience: Duration.default(15_000),
  /** How long the steady state may take to return. */
  'recover-within': Duration.default(30_000),
  /** How often the probes are looked at. */
  every: Duration.refine(ms => ms >= 50, '50ms at least').default(500),
});
export type Experiment = z.infer<typeof Experiment>;

/** Several experiments, one after the other. */
export const GameDay = z.strictObject({
  title: line,
  description: z.string().max(4000).default(''),
  /** Files, relative to this one. */
  'game-day': z.array(line).min(1).max(64),
  pause: Duration.default(5000),
  'stop-on': z.enum(['deviated', 'never']).default('deviated'),
});
export type GameDay = z.infer<typeof GameDay>;
