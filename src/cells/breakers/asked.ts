/** What agents ask to be done to breakers: a request at the gate like any other, carried out when a person says yes. */
import * as z from 'zod';
import { BreakerName } from '../../model/breaker.ts';
import { OperatorId } from '../../model/ids.ts';
import type { RequestState } from '../../model/state.ts';
import type { Hand, Verb } from './breakers.ts';

const Input = z.object({
  breaker: BreakerName,
  reason: z.string().max(300).default(''),
  forMs: z.int().min(1).optional(),
});
const Verbs = z.enum(['open', 'close', 'isolate', 'reset']);

interface AskedAct {
  readonly breaker: BreakerName;
  readonly verb: Verb;
  readonly hand: Hand;
}

/** Undefined unless a person agreed: what a policy lets pass is not enough. */
export function agreedAct({ id, agent, action, outcome, approvals }: RequestState): AskedAct | undefined {
  const [what, verb] = action.tool.split('.');
  if (what !== 'breaker' || (outcome !== 'approved' && outcome !== 'overridden')) return undefined;
  const [asked, input] = [Verbs.safeParse(verb), Input.safeParse(action.input)];
  const by = OperatorId.safeParse(approvals.at(-1)?.by);
  if (!asked.success || !input.success || !by.success) return undefined;
  const { breaker, reason, forMs } = input.data;
  const why = `${agent} asked for it (${id})${reason && `: ${reason}`}`;
  return {
    breaker,
    verb: asked.data,
    hand: { actor: { type: 'operator', id: by.data, via: 'gate' }, why, forMs },
  };
}
