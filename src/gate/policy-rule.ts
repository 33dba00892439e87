/** One rule of a policy: its annotations, and what it asks of approvals. */

import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';
import { Role } from '../model/mode.ts';
import { approvalUse } from './monotone.ts';

/** More people than this are never asked for. */
const MOST_APPROVALS = 9;

export interface Rule {
  readonly id: string;
  readonly text: string;
  readonly effect: 'permit' | 'forbid';
  /** @why, or ''. */
  readonly why: string;
  /** The most people its condition asks for; 0 when approvals do not matter to it. */
  readonly approvals: number;
  /** Its condition asks who has approved, not only how many. */
  readonly byName: boolean;
  /** @from: role its approvers need. */
  readonly from: Role | '';
  /** @ttl in ms. */
  readonly ttlMs: number | undefined;
}

type Complain = (message: string, help: string) => void;

/** Reads a rule and says what is wrong with it. `fallback` is its id when it has no @id. */
export function readRule(
  json: Cedar.PolicyJson,
  text: string,
  fallback: string,
  before: readonly Rule[],
  complain: Complain,
): Rule {
  const said = json.annotations ?? {};
  const id = said['id'] || fallback;
  if (before.some(rule => rule.id === id)) complain(`two rules are called ${id}`, 'give each its own @id');
  const use = approvalUse(json.conditions);
  const wrong = json.effect === 'permit' ? 'down' : 'up';
  if (use.trend === wrong || use.trend === 'mixed') {
    complain(
      `a ${json.effect} must not ${json.effect === 'permit' ? 'end' : 'begin'} because more people approve`,
      json.effect === 'permit' ? 'such as context.approvalCount >= 2' : 'such as context.approvalCount < 2',
    );
  }
  const approvals = use.trend === 'none' ? 0 : Math.min(MOST_APPROVALS, Math.max(1, use.most));
  checkApprovals(said['approvals'], approvals, complain);
  const role = Role.safeParse(said['from']);
  if (said['from'] !== undefined && (!role.success || role.data === 'viewer')) {
    complain(`@from("${said['from']}") is no role that approves`, 'operator or lead');
  }
  if (role.success && json.effect === 'forbid') {
    complain('@from says who may fulfil a permit', 'in a forbid ask for leads: context.leadCount < 1');
  } else if (said['from'] !== undefined && approvals === 0) {
    complain('@from without approvals to ask for', 'add context.approvalCount >= 1 to its condition');
  }
  const ttlMs = said['ttl'] === undefined ? undefined : readTtl(said['ttl']);
  if (Number.isNaN(ttlMs))
    complain(`@ttl("${said['ttl']}") is no duration`, 'such as @ttl("15m") or @ttl("PT15M")');
  return {
    id,
    text,
    effect: json.effect,
    why: said['why'] ?? '',
    approvals,
    byName: use.byName,
    from: role.success ? role.data : '',
    ttlMs,
  };
}

/** The annotation is for people; the condition is what counts. They must not tell different stories. */
function checkApprovals(said: string | undefined, asked: number, complain: Complain): void {
  if (said === undefined) return;
  const count = Number(said);
  if (!Number.isInteger(count) || count < 1 || count > MOST_APPROVALS) {
    complain(`@approvals("${said}") is not a number from 1 to ${MOST_APPROVALS}`, 'such as @approvals("2")');
  } else if (asked !== count) {
    const asks = asked === 0 ? 'asks for none' : `asks for ${asked}`;
    complain(`@approvals("${said}") but its condition ${asks}`, `context.approvalCount >= ${count}`);
  }
}

/** `15m` or the common part of ISO 8601: `PT15M`, `PT1H30M`. ms; NaN when it is neither. */
function readTtl(text: string): number {
  const short = /^(\d+)(s|m|h)$/.exec(text);
  const iso = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(text);
  if (short) return Number(short[1]) * (short[2] === 's' ? 1000 : short[2] === 'm' ? 60_000 : 3_600_000);
  if (!iso || text === 'PT') return Number.NaN;
  return ((Number(iso[1] ?? 0) * 60 + Number(iso[2] ?? 0)) * 60 + Number(iso[3] ?? 0)) * 1000;
}
