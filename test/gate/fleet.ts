import { actionDigest } from '../../src/gate/digest.ts';
import { readFacts } from '../../src/gate/facts.ts';
import * as holds from '../../src/gate/holds.ts';
import { loadPolicy } from '../../src/gate/policy.ts';
import type { Asker, Policy } from '../../src/gate/types.ts';
import type { Action } from '../../src/model/action.ts';
import { HmsError } from '../../src/model/errors.ts';
import { type Draft, EVENT_DATA, type Event } from '../../src/model/event.ts';
import { AgentId, Digest, GrantId, OperatorId, RequestId } from '../../src/model/ids.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { Role } from '../../src/model/mode.ts';
import { fold, reduce } from '../../src/model/reduce.ts';
import { EMPTY, type FleetState, type RequestState } from '../../src/model/state.ts';

export const TTL_MS = 60_000;
const NOTHING = Digest.parse('0'.repeat(64));

export const ROLES: Readonly<Record<string, Role>> = {
  ann: 'lead',
  bob: 'operator',
  cat: 'operator',
  eve: 'viewer',
};

export function bash(command: string): Action {
  return { tool: 'Bash', input: { command }, cwd: '/home/ann/shop' };
}

const TEXT = `
@id("reads") permit (principal, action == Hms::Action::"Read", resource) when { context.risk < 30 };
@id("one") permit (principal, action, resource) when { context.approvalCount >= 1 };
@id("two") @ttl("2m") forbid (principal, action, resource) when { context.classes.contains("deploy") && context.approvalCount < 2 };
@id("lead") forbid (principal, action, resource) when { context.classes.contains("publish") && context.leadCount < 1 };
@id("bob") forbid (principal, action, resource) when { context.classes.contains("database") } unless { context.approvals.contains(Hms::Operator::"bob") };
`;

/** Reads pass; the rest needs one yes, a deploy two, publishing a lead's, a database bob's. */
export async function examplePolicy(): Promise<Policy> {
  return (await loadPolicy([{ file: 'test.cedar', text: TEXT }])).policy;
}

/** The code `act` is refused with. */
export function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof HmsError) return error.code;
    throw error;
  }
  return 'nothing was refused';
}

export const kinds = (drafts: readonly Draft[]): string[] => drafts.map(draft => draft.kind);

/** A fleet of two agents whose gate is asked: state folded from events, and a clock that is set by hand. */
export class Fleet {
  state: FleetState = EMPTY;
  readonly events: Event[] = [];
  now = 1_000_000;
  gate: 'ask' | 'observe' | 'off' = 'ask';
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
    const agent = { driver: 'claude', title: '', gate: 'ask' as const, needs: [], capabilities: [] };
    this.take([
      {
        kind: 'fleet.configured',
        actor: { type: 'system', id: 'test', via: 'test' },
        subject: 'fleet',
        data: {
          digest: NOTHING,
          agents: { [AgentId.parse('builder')]: agent, [AgentId.parse('tester')]: agent },
          operators: Object.fromEntries(
            Object.entries(ROLES).map(([name, role]) => [OperatorId.parse(name), role]),
          ),
        },
      },
    ]);
  }

  /** Puts drafts into the journal, after checking that each is what its schema says. */
  take(drafts: readonly Draft[]): readonly Draft[] {
    for (const draft of drafts) {
      EVENT_DATA[draft.kind].parse(draft.data);
      const event = { ...draft, seq: this.state.seq + 1, time: this.now, prev: NOTHING } as Event;
      this.events.push(event);
      this.state = reduce(this.state, event);
    }
    return drafts;
  }

  /** What an engine that starts now makes of the journal. */
  restarted(): FleetState {
    return fold(EMPTY, JSON.parse(JSON.stringify(this.events)) as Event[]);
  }

  ask(
    request: string,
    action: Action,
    more: { agent?: string; type?: Asker['type']; ttlMs?: number; edit?: boolean } = {},
  ): readonly Draft[] {
    const type = more.type ?? 'agent';
    const asker: Asker = {
      id: more.agent ?? 'builder',
      type,
      driver: type === 'cell' ? 'supervisor' : 'claude',
      capabilities: [],
    };
    return this.take(
      holds.ask(this.state, this.#policy, {
        request: RequestId.parse(request),
        asker,
        action,
        facts: readFacts(action),
        digest: actionDigest(action),
        can: { edit: more.edit ?? true, note: true },
        via: type === 'cell' ? 'cell' : 'gate',
        now: this.now,
        ttlMs: more.ttlMs ?? TTL_MS,
        gate: this.gate,
      }),
    );
  }

  decide(
    request: string,
    operator: string,
    decision: 'approve' | 'deny' | 'override',
    more: { note?: string; edit?: JsonObject; digest?: string } = {},
  ): readonly Draft[] {
    const digest = more.digest ?? this.find(request)?.digest ?? NOTHING;
    return this.take(
      holds.decide(this.state, this.#policy, {
        ...this.by(operator),
        request: RequestId.parse(request),
        decision,
        digest: Digest.parse(digest),
        note: more.note ?? '',
        edit: more.edit,
        evidence: { keys: ['a'] },
        now: this.now,
        readFacts,
        digestOf: actionDigest,
      }),
    );
  }

  grant(request: string, operator: string, uses = 2, minutes = 15): readonly Draft[] {
    const ofWhat = { request: RequestId.parse(request), minutes, uses, reason: '', now: this.now };
    return this.take(holds.issueGrant(this.state, { ...this.by(operator), ...ofWhat }));
  }

  revoke(grant: string, operator: string): readonly Draft[] {
    return this.take(
      holds.revokeGrant(this.state, { ...this.by(operator), grant: GrantId.parse(grant), reason: '' }),
    );
  }

  defer(request: string, operator: string): readonly Draft[] {
    return this.take(
      holds.defer(this.state, {
        ...this.by(operator),
        request: RequestId.parse(request),
        until: this.now + 1000,
      }),
    );
  }

  expire(): readonly Draft[] {
    return this.take(holds.expire(this.state, this.now));
  }

  withdraw(request: string): readonly Draft[] {
    return this.take(holds.withdraw(this.state, request, 'gone'));
  }

  by(operator: string): holds.By {
    return { operator: OperatorId.parse(operator), role: ROLES[operator] ?? 'operator', via: 'console:s-1' };
  }

  find(request: string): RequestState | undefined {
    return this.state.pending[request] ?? this.state.settled.find(r => r.id === request);
  }

  outcome(request: string): string | null | undefined {
    return this.find(request)?.outcome;
  }
}
