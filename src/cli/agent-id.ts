/** An agent's name as it was typed. */
import { HmsError } from '../model/errors.ts';
import { AgentId } from '../model/ids.ts';

/** Throws HmsError `bad-agent` for what can be nobody's name. */
export function agentId(text: string): AgentId {
  const parsed = AgentId.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new HmsError('bad-agent', `${JSON.stringify(text)} is no agent's name`, 'hms status lists them');
}
