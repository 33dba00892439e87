/** Groups of agents that are restarted together. Names and meaning are OTP's (supervisor(3), restart strategies). */
import * as z from 'zod';
import { AgentId } from './ids.ts';
import { count, onAgent, type Reducers } from './reducers.ts';

export const GroupConfig = z.strictObject({
  agents: z.array(AgentId).min(2).describe('Its agents; where none needs another they start in this order'),
  restart: z
    .enum(['one_for_one', 'one_for_all', 'rest_for_one'])
    .default('one_for_one')
    .describe(
      'When one is restarted: it alone, all of them, or those that start after it. In order of need; counted once',
    ),
});
export type GroupConfig = z.infer<typeof GroupConfig>;

export const GroupName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'a name is a-z, 0-9 and -, and starts with a letter');

export const GROUP_EVENTS = {
  /** It is started again with another one of its group: its own restart policy does not count it. */
  'restart.shared': z.object({ agent: AgentId, with: AgentId, group: z.string().max(64) }),
} as const;

export const GROUPS: Reducers = {
  'restart.shared': (s, { data, time }) => {
    const { agent, with: first, group } = data;
    const evidence = { source: 'engine', detail: `restarted with ${first} (${group})`, sure: 1 } as const;
    const due = onAgent(s, agent, ({ restartCount }) => ({
      // As one whose start is due: the next engine starts it if this one does not live to.
      ...{ status: 'starting', evidence, since: time },
      restartCount: restartCount + 1,
    }));
    const incident = Object.values(s.incidents).find(one => one.agent === first);
    if (!incident) return count(due, { restarts: 1 });
    const along = [...(incident.along ?? []), agent];
    const incidents = { ...due.incidents, [incident.id]: { ...incident, along } };
    return count({ ...due, incidents }, { restarts: 1 });
  },
};
