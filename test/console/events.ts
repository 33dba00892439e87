/** Events and states for console tests: a small fleet in the middle of its day. */

import { riskLevel } from '../../src/model/action.ts';
import type { Draft, Event } from '../../src/model/event.ts';
import { AgentId, Digest, OperatorId, PaneId, RequestId, SessionId } from '../../src/model/ids.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { AgentStatus } from '../../src/model/status.ts';

const SYSTEM = { type: 'system', id: 'engine', via: 'engine' } as const;
export const ZEROS = '0'.repeat(64);

/** A digest that is told apart from others: its first letters are hex of `n`. */
export function digest(n: number): Digest {
  return Digest.parse(n.toString(16).padStart(64, '0'));
}

export function fleet(agents: Readonly<Record<string, string>>): Draft[] {
  const configured = Object.entries(agents).map(([id, driver]) => [
    AgentId.parse(id),
    { driver, title: '', gate: 'ask' as const, needs: [], capabilities: [] },
  ]);
  return [
    {
      kind: 'engine.started',
      actor: SYSTEM,
      subject: 'engine',
      data: { pid: 1, version: '0.1.0', fleet: 'payments', dir: '/home/alice/payments', after: 'first' },
    },
    {
      kind: 'fleet.configured',
      actor: SYSTEM,
      subject: 'fleet:payments',
      data: {
        digest: digest(1),
        agents: Object.fromEntries(configured),
        operators: { [OperatorId.parse('alice')]: 'lead' },
      },
    },
  ];
}

export function started(id: string, n: number): Draft {
  const agent = AgentId.parse(id);
  const data = {
    agent,
    incarnation: 1,
    pane: PaneId.parse(`%${n}`),
    pid: 1000 + n,
    born: '1',
    argv: ['agent', id],
    cwd: '/home/alice/payments',
    resumed: '',
  };
  return { kind: 'agent.started', actor: SYSTEM, subject: `agent:${id}`, data };
}

export function status(id: string, to: AgentStatus, detail: string): Draft {
  const data = {
    agent: AgentId.parse(id),
    status: to,
    evidence: { source: 'hook', detail, sure: 0.9 },
  } as const;
  return { kind: 'status.changed', actor: SYSTEM, subject: `agent:${id}`, data };
}

export interface Asked {
  readonly id: string;
  readonly agent: string;
  readonly tool?: string;
  readonly input?: JsonObject;
  readonly risk?: number;
  readonly title?: string;
  readonly effect?: string;
  readonly needs?: number;
  readonly from?: 'lead' | '';
  readonly verdict?: 'hold' | 'forbid' | 'permit';
  readonly expires?: number;
  readonly edit?: boolean;
  readonly note?: boolean;
  readonly digest?: Digest;
}

export function asks({
  id,
  agent,
  tool = 'Bash',
  input = { command: 'ls' },
  risk = 10,
  verdict = 'hold',
  ...more
}: Asked): Draft {
  const title = more.title ?? (typeof input.command === 'string' ? input.command : tool);
  return {
    kind: 'gate.requested',
    actor: { type: 'agent', id: agent, via: 'hook:claude' },
    subject: `request:${id}`,
    data: {
      request: RequestId.parse(id),
      agent: AgentId.parse(agent),
      action: { tool, input, cwd: '/home/alice/payments' },
      digest: more.digest ?? digest(7),
      facts: {
        verb: 'Exec',
        programs: ['kubectl'],
        classes: ['delete', 'network'],
        targets: ['staging'],
        inside: false,
        risk,
        level: riskLevel(risk),
        title,
        effect: more.effect ?? 'changes files',
      },
      verdict,
      needs: more.needs ?? 1,
      from: more.from ?? '',
      rules: ['prod-guard'],
      why: 'production is decided by people',
      policy: digest(2),
      expires: more.expires ?? 0,
      can: { edit: more.edit ?? true, note: more.note ?? true },
      via: 'hook:claude',
    },
  };
}

export function settled(
  id: string,
  outcome: 'approved' | 'denied' | 'forbidden' | 'expired',
  reason = '',
): Draft {
  const data = { request: RequestId.parse(id), outcome, reason, digest: digest(7), grant: '' as const };
  return { kind: 'gate.settled', actor: SYSTEM, subject: `request:${id}`, data };
}

/** Drafts with their places after `seq`, all at `time`. */
export function placed(drafts: readonly Draft[], seq: number, time: number): Event[] {
  return drafts.map((draft, i): Event => ({ ...draft, seq: seq + i + 1, time, prev: ZEROS }));
}

/** Three agents that have started. */
export const FLEET = [
  ...fleet({ builder: 'claude', deployer: 'claude', docs: 'command' }),
  started('builder', 1),
  started('deployer', 2),
  started('docs', 3),
];
export const ALICE = { type: 'operator', id: 'alice', via: 'console' } as const;
/** The session `Desk` is welcomed with. */
export const SESSION = SessionId.parse('s-1');

/** A message to builder that this console has staged. */
export function stagedMessage(item: number): Draft {
  return {
    kind: 'stage.added',
    actor: ALICE,
    subject: 'operator:alice',
    data: {
      session: SESSION,
      item,
      staged: { type: 'message', agent: AgentId.parse('builder'), text: 'go on' },
    },
  };
}
