/** What people do to breakers. */
import type { Breakers } from '../cells/breakers/breakers.ts';
import type { Operators, Session } from '../cells/operators.ts';
import { type BreakerName, kindOf } from '../model/breaker.ts';
import { HmsError } from '../model/errors.ts';
import { StrategyName } from '../model/healing.ts';
import type { OPERATOR_REQUESTS, Push } from '../protocol/messages.ts';
import type { RequestOf } from '../protocol/server.ts';
import type { Core } from './core.ts';

export interface BreakerDesk {
  readonly core: Core;
  readonly operators: Operators;
  readonly breakers: Breakers;
  toFollowers(push: Push): void;
}

type BreakerRequest = Extract<RequestOf<typeof OPERATOR_REQUESTS>, { do: `breaker.${string}` }>;

export function carryOutBreaker(
  { core, operators, breakers, toFollowers }: BreakerDesk,
  session: Session,
  request: BreakerRequest,
): unknown {
  if (request.do === 'breaker.list') {
    operators.require(session, 'look');
    const listed = breakers.list();
    if (session.follows) toFollowers({ push: 'breakers', breakers: listed });
    return { breakers: listed };
  }
  operators.require(session, 'operate');
  const { breaker, reason } = request.with;
  requireKnown(core, breakers, breaker);
  const verb = VERBS[request.do];
  const why = reason || `by hand: ${session.operator}`;
  const forMs = request.do === 'breaker.open' ? request.with.forMs : undefined;
  breakers.operate(breaker, verb, { actor: operators.actor(session), why, forMs });
  return undefined;
}

const VERBS = {
  'breaker.open': 'open',
  'breaker.close': 'close',
  'breaker.isolate': 'isolate',
  'breaker.reset': 'reset',
} as const;

/** Throws HmsError `unknown-breaker`: a slip must not make one that nothing ever asks. */
function requireKnown(core: Core, breakers: Breakers, name: BreakerName): void {
  const kind = kindOf(name);
  const what = name.slice(kind.length + 1);
  const { agents, breakers: told } = core.state;
  const known =
    name in told ||
    breakers.list().some(one => one.name === name) ||
    kind === 'tool' ||
    kind === 'provider' ||
    name === 'call:git' ||
    (kind === 'strategy' && StrategyName.safeParse(what).success) ||
    ((kind === 'start' || kind === 'probe') && agents[what.split('/')[0] ?? ''] !== undefined);
  if (known) return;
  throw new HmsError(
    'unknown-breaker',
    `there is no breaker ${name}`,
    'hms breaker list names those that were used',
  );
}
