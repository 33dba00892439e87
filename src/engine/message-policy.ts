/** What the policy says of messages: they pass unless a rule forbids them outright. Nobody is asked about one. */
import type { Forbids } from '../cells/messages/messages.ts';
import { readFacts } from '../gate/facts.ts';
import type { Asker, Policy } from '../gate/types.ts';
import type { Core } from './core.ts';

/** The tool's name in policies: `Hms::Tool::"Message"`; `context.targets` holds whom it is to. */
const MESSAGE_TOOL = 'Message';

export function messagesForbidden(
  core: Core,
  policy: () => Policy,
  askerOf: (agent: string) => Asker,
): Forbids {
  return (agent, to) => {
    const action = { tool: MESSAGE_TOOL, input: { to }, cwd: core.state.agents[agent]?.cwd ?? '/' };
    const { operators } = core.state;
    const question = { asker: askerOf(agent), action, facts: readFacts(action), operators, approvedBy: [] };
    const verdict = policy().decide(question);
    return verdict.is === 'forbid' && verdict.rules.length > 0 ? verdict.why : undefined;
  };
}
