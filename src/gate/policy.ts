/**
 * The policy in force: Cedar, parsed once, asked with the facts of an action. Three answers out of Cedar's two:
 * a deny that some number of approvals would turn into an allow is a hold for that many people.
 */

import { hash } from 'node:crypto';
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { Role } from '../model/mode.ts';
import { DEFAULT, DEFAULT_FILE, FLOOR, FLOOR_FILE } from './default-policy.ts';
import { PolicyError, type PolicyFile, type Rule, readPolicies } from './policy-source.ts';
import { NAMESPACE, SCHEMA } from './schema.ts';
import type { Policy, PolicyProblem, Question, Verdict } from './types.ts';

/**
 * Reads the policies of a fleet. The floor of forbids is always part of them; without files of its own a fleet has
 * the default policy. Throws PolicyError with every problem when one is an error.
 */
export async function loadPolicy(
  files: readonly PolicyFile[],
): Promise<{ readonly policy: Policy; readonly warnings: readonly PolicyProblem[] }> {
  // 4 MB of WebAssembly: loaded by those that decide, not by every command.
  const cedar = (await import('@cedar-policy/cedar-wasm/nodejs')) as typeof Cedar;
  const all = [
    { file: FLOOR_FILE, text: FLOOR },
    ...(files.length > 0 ? files : [{ file: DEFAULT_FILE, text: DEFAULT }]),
  ];
  const { rules, problems } = readPolicies(cedar, all);
  if (problems.some(p => p.severity === 'error')) throw new PolicyError(problems);
  const warnings = problems.filter(p => p.severity === 'warning');
  return {
    policy: new CedarPolicy(
      cedar,
      rules,
      files.map(({ file }) => file),
    ),
    warnings,
  };
}

class CedarPolicy implements Policy {
  readonly digest: string;
  readonly files: readonly string[];
  readonly rules: readonly string[];
  readonly #cedar: typeof Cedar;
  readonly #byId: ReadonlyMap<string, Rule>;
  /** The most people any rule asks for. */
  readonly #most: number;

  constructor(cedar: typeof Cedar, rules: readonly Rule[], files: readonly string[]) {
    this.#cedar = cedar;
    this.files = files;
    this.rules = rules.map(rule => rule.id);
    this.#byId = new Map(rules.map(rule => [rule.id, rule]));
    this.#most = Math.max(1, ...rules.map(rule => rule.approvals));
    this.digest = hash('sha256', JSON.stringify([SCHEMA, rules.map(({ id, text }) => [id, text])]));
    // Parsed sets are kept by name for good, so a name must never mean two things: the digest.
    const staticPolicies = Object.fromEntries(rules.map(({ id, text }) => [id, text]));
    must(cedar.preparseSchema(this.digest, SCHEMA));
    must(cedar.preparsePolicySet(this.digest, { staticPolicies }));
  }

  decide(question: Question): Verdict {
    const has = [...new Set(question.approvedBy)];
    const now = this.#ask(question, has);
    if (typeof now === 'string')
      return { is: 'forbid', rules: [], why: `the policy could not be asked: ${now}` };
    if (now.decision === 'allow')
      return { is: 'permit', rules: now.rules, why: this.#why(now.rules, 'the policy permits it') };
    if (now.rules.length > 0)
      return { is: 'forbid', rules: now.rules, why: this.#why(now.rules, 'the policy forbids it') };
    return this.#hold(question, has) ?? { is: 'forbid', rules: [], why: 'no rule allows it, whoever agrees' };
  }

  /** The fewest more people whose agreement would allow it. */
  #hold(question: Question, has: readonly string[]): Verdict | undefined {
    const able = Object.keys(question.operators).filter(
      name => question.operators[name] !== 'viewer' && !has.includes(name),
    );
    for (let needs = 1; needs <= this.#most; needs += 1) {
      const more = Array.from({ length: needs }, (_, n) => able[n] ?? `somebody-${n + 1}`);
      const then = this.#ask(question, [...has, ...more]);
      if (typeof then === 'string')
        return { is: 'forbid', rules: [], why: `the policy could not be asked: ${then}` };
      if (then.decision !== 'allow') continue;
      const rule = this.#byId.get(then.rules[0] ?? '');
      const from = rule?.from ?? '';
      const enough = able.filter(name => from === '' || roleIs(question.operators[name], from)).length;
      const short =
        enough < needs
          ? `; it needs ${needs} ${from || 'operator'}s and there ${enough === 1 ? 'is' : 'are'} ${enough}`
          : '';
      return {
        is: 'hold',
        needs,
        from,
        ...(rule?.ttlMs === undefined ? {} : { ttlMs: rule.ttlMs }),
        rules: then.rules,
        why: this.#why(then.rules, 'the policy wants a person to decide') + short,
      };
    }
    return undefined;
  }

  /** Cedar's answer, or why it could not give one (then nothing is allowed). */
  #ask(
    question: Question,
    approvedBy: readonly string[],
  ): { decision: Cedar.Decision; rules: readonly string[] } | string {
    const { asker, action, facts } = question;
    const type = `${NAMESPACE}::${asker.type === 'cell' ? 'Cell' : 'Agent'}`;
    const principal = { type, id: asker.id };
    const answer = this.#cedar.statefulIsAuthorized({
      principal,
      action: { type: `${NAMESPACE}::Action`, id: facts.verb },
      resource: { type: `${NAMESPACE}::Tool`, id: action.tool },
      context: {
        tool: action.tool,
        cwd: action.cwd,
        programs: [...facts.programs],
        classes: [...facts.classes],
        targets: [...facts.targets],
        inside: facts.inside,
        risk: Math.round(facts.risk),
        level: facts.level,
        approvals: approvedBy.map(id => ({ __entity: { type: `${NAMESPACE}::Operator`, id } })),
        approvalCount: approvedBy.length,
      },
      entities: [
        {
          uid: principal,
          attrs: { driver: asker.driver, capabilities: [...asker.capabilities] },
          parents: [],
        },
        { uid: { type: `${NAMESPACE}::Tool`, id: action.tool }, attrs: {}, parents: [] },
      ],
      preparsedSchemaName: this.digest,
      preparsedPolicySetId: this.digest,
      validateRequest: true,
    });
    if (answer.type === 'failure') return answer.errors.map(error => error.message).join('; ');
    const { decision, diagnostics } = answer.response;
    // A rule that fails is passed over by Cedar; a forbid that fails must not be.
    if (diagnostics.errors.length > 0)
      return diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`).join('; ');
    return { decision, rules: diagnostics.reason };
  }

  #why(rules: readonly string[], otherwise: string): string {
    const words = rules.map(id => this.#byId.get(id)?.why ?? '').filter(Boolean);
    return words.length > 0 ? words.join('; ') : otherwise;
  }
}

function roleIs(role: Role | undefined, wanted: Role): boolean {
  return role === wanted || (role === 'lead' && wanted === 'operator');
}

function must(answer: Cedar.CheckParseAnswer): void {
  if (answer.type === 'failure') throw new Error(answer.errors.map(error => error.message).join('; '));
}
