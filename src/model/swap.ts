/** Another model or provider that an agent goes on with for a while, as its part of the fleet file names it. */
import * as z from 'zod';
import { AgentId, IncidentId, type Millis } from './ids.ts';
import { onAgent, type Reducers } from './reducers.ts';

const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not an environment variable name');

export const Alternative = z
  .strictObject({
    name: z.string().min(1).max(64).optional().describe('What people call it; its model without one'),
    model: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[^-\s]\S*$/, 'not a model')
      .optional()
      .describe('For a driver that can be told a model'),
    env: z
      .record(VariableName, z.string())
      .default({})
      .describe('Variables instead of, or beside, those of the agent: another provider'),
  })
  .refine(
    ({ model, env }) => model !== undefined || Object.keys(env).length > 0,
    'it has neither a model nor env',
  );
export type Alternative = z.infer<typeof Alternative>;

/** Never a value of `env`, which may be a secret. */
export function alternativeName({ name, model, env }: Alternative): string {
  return name ?? model ?? Object.keys(env).join(', ').slice(0, 64);
}

export const SWAP_EVENTS = {
  /** From its next start on it runs with this alternative, until then; '' for its own model and provider again. */
  'provider.swapped': z.object({
    agent: AgentId,
    to: z.string().max(64),
    /** ms since the epoch; 0 for as long as nobody takes it back. */
    until: z.int().min(0),
    detail: z.string().max(400),
    incident: IncidentId.optional(),
  }),
} as const;

export interface SwapState {
  /** The alternative's name. */
  readonly to: string;
  readonly since: Millis;
  readonly until: Millis;
  /** ''. */
  readonly incident: string;
}

export const SWAPS: Reducers = {
  'provider.swapped': (s, { data, time }) =>
    onAgent(s, data.agent, ({ healing }) => {
      if (!healing) return {};
      const { swapped: _before, ...rest } = healing;
      const { to, until, incident = '' } = data;
      return { healing: to === '' ? rest : { ...rest, swapped: { to, since: time, until, incident } } };
    }),
};
