/** The fleet file `hms.yaml` as a schema. One source for validation, the exported JSON Schema and the types. */
import * as z from 'zod';
import { BreakersConfig } from './breaker-settings.ts';
import { Duration } from './duration.ts';
import { EvolutionConfig } from './evolution.ts';
import { GroupConfig, GroupName } from './group.ts';
import { HealingConfig, HealingLevel } from './healing.ts';
import { AgentId, OperatorId } from './ids.ts';
import { Role } from './mode.ts';
import { Notifications } from './notifications.ts';
import { RESTARTS_KEPT } from './state.ts';

export { Duration };

export const RestartWhen = z.enum(['always', 'on-failure', 'never']);
export type RestartWhen = z.infer<typeof RestartWhen>;

/** OTP-like restart intensity: at most `max` restarts within `within`, then a person is asked. */
export const RestartPolicy = z.strictObject({
  when: RestartWhen.default('on-failure').describe('on-failure: not after an exit with status 0'),
  max: z
    .int()
    .min(0)
    .max(RESTARTS_KEPT)
    .default(5)
    .describe('Restarts within the window; one more, and a person is asked'),
  within: Duration.default(60_000).describe('The window'),
  from: Duration.default(250).describe(
    'Delay before the first restart; each further one in the window waits between that and three times as long as the last (decorrelated jitter)',
  ),
  to: Duration.default(30_000).describe('The longest delay'),
});
export type RestartPolicy = z.infer<typeof RestartPolicy>;

export const DriverName = z.enum(['command', 'claude']);
export type DriverName = z.infer<typeof DriverName>;

/** ask: gated, holds reach people · observe: decisions are logged, never held · off: no gate, a standing warning. */
export const GateSetting = z.enum(['ask', 'observe', 'off']);
export type GateSetting = z.infer<typeof GateSetting>;

const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not an environment variable name');

/** A way out of an agent that can be disturbed: through a proxy where the native helper is there, straight without it. */
export const EndpointConfig = z.strictObject({
  upstream: z
    .string()
    .max(300)
    .regex(/^(?:unix:\/.+|(?:[^\s:/[\]]+|\[[0-9a-fA-F:]+\]):\d{1,5})$/, 'not HOST:PORT or unix:/PATH')
    .describe('Where it goes: HOST:PORT or unix:/PATH'),
  env: z
    .record(
      VariableName,
      z.string().regex(/\{(?:address|host|port)\}/, 'it has none of {address}, {host} and {port}'),
    )
    .refine(env => Object.keys(env).length > 0, 'a variable has to tell the agent of it')
    .describe(
      'Variables that tell the agent: {address} is HOST:PORT (of a socket its path), {host} and {port} its parts',
    ),
});
export type EndpointConfig = z.infer<typeof EndpointConfig>;

export const AgentConfig = z.strictObject({
  driver: DriverName.default('command').describe('What kind of agent it is'),
  command: z
    .union([z.string().min(1), z.array(z.string()).min(1)])
    .optional()
    .describe('A list is run as it is, text by sh -c. Without one, the claude driver runs claude'),
  prompt: z.string().optional().describe('First prompt of an agent that takes one'),
  cwd: z
    .string()
    .min(1)
    .default('.')
    .describe('Working folder, relative to the fleet file; ~/ is the home folder'),
  env: z.record(VariableName, z.string()).default({}).describe('Added to the environment'),
  endpoints: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a name is a-z, 0-9 and -, and starts with a letter'),
      EndpointConfig,
    )
    .default({})
    .describe('What it talks to, by name: through proxies, which experiments can disturb'),
  restart: z
    .union([RestartWhen.transform(when => RestartPolicy.parse({ when })), RestartPolicy])
    .default(() => RestartPolicy.parse({}))
    .describe('When it is started again'),
  healing: z
    .union([HealingLevel.transform(level => HealingConfig.parse({ level })), HealingConfig])
    .optional()
    .describe(
      'How it is healed when it hangs, leaks or fails without ending; without it, only ends are seen to',
    ),
  gate: GateSetting.default('ask').describe(
    'ask: gated, holds reach people. observe: decisions are logged, never held. off: no gate, a standing warning',
  ),
  capabilities: z
    .array(z.string().min(1))
    .default([])
    .describe('What it is good for; policies can ask for it'),
  needs: z.array(AgentId).default([]).describe('Agents that must be running before this one starts'),
  worktree: z
    .union([
      z.boolean(),
      z.strictObject({
        branch: z.string().min(1).max(200).optional().describe('Its branch; hms/FLEET/AGENT without one'),
        base: z
          .string()
          .min(1)
          .max(200)
          .optional()
          .describe('Branch it starts from and is merged into; the one that is checked out without one'),
        dir: z
          .string()
          .min(1)
          .optional()
          .describe('Its folder; one in the state folder of the fleet without one'),
      }),
    ])
    .default(false)
    .describe('A git worktree of its own, on a branch of its own, made at its first start'),
  title: z.string().max(80).optional().describe('Shown beside its name'),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

export const OperatorConfig = z.union([Role.transform(role => ({ role })), z.strictObject({ role: Role })]);

const SIZES = { kb: 1 << 10, mb: 1 << 20, gb: 1 << 30 } as const;
const SIZE = /^(\d+(?:\.\d+)?)(kb|mb|gb)$/;

/** A size such as `500mb`, `2gb` (powers of 1024); in bytes once parsed. */
export const Size = z
  .string()
  .regex(SIZE, 'a size is a number and a unit: 64mb, 2gb')
  .transform(text => {
    const [, amount = '0', unit = 'kb'] = SIZE.exec(text) ?? [];
    return Math.round(Number(amount) * SIZES[unit as keyof typeof SIZES]);
  });

const Pattern = z.string().min(1).refine(isPattern, 'not a regular expression');

function isPattern(text: string): boolean {
  try {
    return !new RegExp(text, 'u').test('');
  } catch {
    return false;
  }
}

export const RedactConfig = z.strictObject({
  known: z
    .boolean()
    .default(true)
    .describe(
      'Tokens of well-known forms, and values of variables of the agents named *_TOKEN, *_KEY, *_SECRET or *_PASSWORD',
    ),
  patterns: z
    .array(Pattern)
    .default([])
    .describe('Regular expressions (JavaScript) of what else is a secret; none may match nothing'),
  env: z
    .array(z.string().min(1))
    .default([])
    .describe('Variables whose values are secrets, whatever their names'),
});
export type RedactConfig = z.infer<typeof RedactConfig>;

export const RecordingConfig = z.strictObject({
  enabled: z.boolean().default(true).describe("Record every agent's pane and every operator's stage"),
  keep: Duration.default(14 * 86_400_000).describe('How long an ended recording is kept'),
  max_size: Size.default(2 * 2 ** 30).describe(
    'All recordings of the fleet together; beyond it the oldest that have ended go',
  ),
  redact: RedactConfig.default(() => RedactConfig.parse({})).describe(
    'Secrets are painted over before anything is written',
  ),
});
export type RecordingConfig = z.infer<typeof RecordingConfig>;

/** When an agent's resources stand out. */
export const AlertConfig = z.strictObject({
  cpu: z.number().min(1).default(90).describe('Percent of one core, for as long as `for` says'),
  output: z.int().min(1).default(1024).describe('Printed kilobytes a second, for as long as `for` says'),
  for: Duration.default(30_000).describe('How long it must last'),
  memory_growth: z.int().min(1).default(500).describe('Megabytes more within the window'),
  threads_growth: z.int().min(1).default(100).describe('Threads more within the window'),
  window: Duration.default(120_000).describe('The time growth is measured over, at most 3m'),
});
export type AlertConfig = z.infer<typeof AlertConfig>;

export const FleetConfig = z.strictObject({
  version: z.literal(1).default(1).describe('Version of this format'),
  fleet: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{0,31}$/,
      'a fleet name is a-z, 0-9 and -, starts with a letter, 32 characters at most',
    )
    .describe('Name of the fleet'),
  agents: z
    .record(AgentId, AgentConfig)
    .refine(a => Object.keys(a).length > 0, 'a fleet has at least one agent')
    .describe('The agents by name'),
  groups: z
    .record(GroupName, GroupConfig)
    .default({})
    .describe('Agents that are restarted together, by name of the group'),
  operators: z
    .record(OperatorId, OperatorConfig)
    .default({})
    .describe('People by name, each with a role. Whose account it is, is a lead'),
  policies: z
    .array(z.string().min(1))
    .default([])
    .describe('Cedar files, relative to the fleet file. With none, the default policy holds'),
  approvals: z
    .strictObject({
      ttl: Duration.default(600_000).describe(
        'A held request that nobody answers ends as expired, never as approved, after this',
      ),
    })
    .default({ ttl: 600_000 })
    .describe('How requests are held'),
  alerts: AlertConfig.default(() => AlertConfig.parse({})).describe(
    'When the resources an agent uses are marked',
  ),
  evolution: z
    .union([z.literal('off').transform(() => null), EvolutionConfig])
    .default(() => EvolutionConfig.parse({}))
    .describe('When the level evolutionary evolves; off for never'),
  recording: RecordingConfig.default(() => RecordingConfig.parse({})).describe(
    'What is recorded, and for how long',
  ),
  breakers: BreakersConfig.default({}).describe(
    'When what fails is not called for a while: by what breakers stand before (start, provider, tool, probe, strategy, call), or by the name of one such as provider:anthropic',
  ),
  notifications: Notifications.describe(
    'Who is told of what, by rule; without any, a new request rings in consoles nobody looks at; off for nothing',
  ),
});
export type FleetConfig = z.infer<typeof FleetConfig>;
