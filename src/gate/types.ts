/** The gate's words. Everything in this room is a function of its arguments; only `policy.ts` holds parsed Cedar. */
import type { Action, Facts } from '../model/action.ts';
import type { Role } from '../model/mode.ts';

/** Who asks. */
export interface Asker {
  /** Agent's name, or the name of a cell such as `supervisor`. */
  readonly id: string;
  readonly type: 'agent' | 'cell';
  readonly driver: string;
  readonly capabilities: readonly string[];
}

export interface Question {
  readonly asker: Asker;
  readonly action: Action;
  readonly facts: Facts;
  /** Operators who could approve, with their roles: how far a hold can get. */
  readonly operators: Readonly<Record<string, Role>>;
  /** Distinct operators who have approved already. */
  readonly approvedBy: readonly string[];
}

export type Verdict =
  | { readonly is: 'permit'; readonly rules: readonly string[]; readonly why: string }
  | { readonly is: 'forbid'; readonly rules: readonly string[]; readonly why: string }
  | {
      readonly is: 'hold';
      /** How many more distinct people must approve. */
      readonly needs: number;
      /** Role they must have, '' for any that may decide. */
      readonly from: Role | '';
      /** ms until it expires, from @ttl; undefined leaves it to the fleet's approvals.ttl. */
      readonly ttlMs?: number;
      readonly rules: readonly string[];
      readonly why: string;
    };

export interface Policy {
  /** SHA-256 over the policy texts and the schema: names this set in every event it decides. */
  readonly digest: string;
  readonly files: readonly string[];
  /** Ids of all rules. */
  readonly rules: readonly string[];
  decide(question: Question): Verdict;
}

/** A problem in a policy, as shown to a person: `policy.cedar:12:7: …` with Cedar's own help. */
export interface PolicyProblem {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly help: string;
}

export type FactsReader = (action: Action) => Facts;
