/** What a new fleet file changes, in words people read and the engine acts on. Values of variables are never in it. */
import * as z from 'zod';
import { AgentId } from './ids.ts';

/** A setting before and after, as text; '' where it is not given. */
export const FieldChange = z.object({ name: z.string(), from: z.string(), to: z.string() });
export type FieldChange = z.infer<typeof FieldChange>;

export const AgentChange = z.object({
  agent: AgentId,
  what: z.enum(['added', 'removed', 'changed']),
  fields: z.array(FieldChange),
  /** It must end and start again for this to hold. */
  restart: z.boolean(),
});
export type AgentChange = z.infer<typeof AgentChange>;

export const FleetChange = z.object({
  /** In the order of the new file; removed ones last. */
  agents: z.array(AgentChange),
  /** Operators, policies, settings of the fleet as a whole. */
  fleet: z.array(FieldChange),
});
export type FleetChange = z.infer<typeof FleetChange>;
