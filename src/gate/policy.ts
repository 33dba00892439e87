/**
 * The policy in force: Cedar, parsed once, asked with the facts of an action. Three answers out of Cedar's two:
 * a deny that some number of approvals would turn into an allow is a hold for that many people.
 */

import { hash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { Role } from '../model/mode.ts';
import { DEFAULT, DEFAULT_FILE, FLOOR, FLOOR_FILE } from './default-policy.ts';
import type { Rule } from './policy-rule.ts';
import { PolicyError, type PolicyFile, readPolicies } from './policy-source.ts';
import { NAMESPACE, SCHEMA } from './schema.ts';
import type { Policy, PolicyProblem, Question, Verdict } from './types.ts';

/**
 * Reads the policies of a fleet. The floor of forbids is always part of them; without files of its own a fleet has
 * the default policy. Throws PolicyError with every problem when one is an error.
 */
export async function loadPolicy(
  files: readonly PolicyFile[],
): Promise<{ readonly policy: Policy; readonly warnings: readonly PolicyProblem[] }> {
  // 4 MB of WebAssembly: loaded by those that decide, not by every command. What it runs to read policies is not worth
  // optimising, which takes longer than the rest of a start: V8's default budget is 13 million.
  setFlagsFromString('--wasm-tiering-budget=200000000');
  const cedar = (await import('@cedar-policy/cedar-wasm/nodejs')) as typeof Cedar;
  const all = [
    { file: FLOOR_FILE, text: FLOOR, ours: true as const },
    ...(files.length > 0 ? files : [{ file: DEFAULT_FILE, text: DEFAULT, ours: true as const }]),
  ];
  const { rules, problems } = readPolicies(cedar, all);
  if (problems.some(p => p.severity === 'error')) throw new PolicyError(problems);
  const warnings = problems.filter(p => p.severity === 'warning');
  const names = files.map(({ file }) => file);
  return { policy: new CedarPolicy(cedar, rules, names), warnings };
}

/** People who approved, or might: name → role. */
type People = Readonly<Record<string, Role>>;

interface Answer {
  readonly allows: boolean;
  /** The rules that made it so. */
  readonly rules: readonly Rule[];
}

class CedarPolicy implements Policy {
  readonly digest: string;
  readonly files: readonly string[];
  readonly rules: readonly string[];
  readonly #cedar: typeof Cedar;
  readonly #byId: ReadonlyMap<string, Rule>;
  /** The most people any rule asks for. */
  readonly #most: number;
  readonly #asksLeads: boolean;
  readonly #asksNames: boolean;

  constructor(cedar: typeof Cedar, rules: readonly Rule[], files: readonly string[]) {
    this.#cedar = cedar;
    this.files = files;
    this.rules = rules.map(rule => rule.id);
    this.#byId = new Map(rules.map(rule => [rule.id, rule]));
    this.#most = Math.max(0, ...rules.map(rule => rule.approvals));
    this.#asksLeads = rules.some(rule => rule.from === 'lead' || /\bleadCount\b/.test(rule.text));
    this.#asksNames = rules.some(rule => rule.byName);
    this.digest = hash('sha256', JSON.stringify([SCHEMA, rules.map(({ id, text }) => [id, text])]));
    // Parsed sets are kept by name for good, so a name must never mean two things: the digest.
    const staticPolicies = Object.fromEntries(rules.map(({ id, text }) => [id, text]));
    must(cedar.preparseSchema(this.digest, SCHEMA));
    must(cedar.preparsePolicySet(this.digest, { staticPolicies }));
  }

  decide(question: Question): Verdict {
    try {
      return this.#decide(question);
    } catch (error) {
      // Whatever goes wrong, nothing is let through.
      const words = error instanceof Error ? error.message : String(error);
      return { is: 'forbid', rules: [], why: `the policy could not be asked: ${words}` };
    }
  }

  #decide(question: Question): Verdict {
    const has: People = Object.fromEntries(
      question.approvedBy.map(name => [name, question.operators[name] ?? 'operator']),
    );
    const now = this.#ask(question, has);
    const permits = this.#permitting(question, now, has);
    if (permits) return { is: 'permit', rules: ids(permits), why: whyOf(permits, 'the policy permits it') };
    const final = now.rules.filter(rule => rule.effect === 'forbid' && rule.approvals === 0);
    if (final.length > 0)
      return { is: 'forbid', rules: ids(final), why: whyOf(final, 'the policy forbids it') };
    const held = this.#hold(question, now, has);
    if (held) return held;
    const forbids = now.allows ? [] : now.rules;
    const why = forbids.length > 0 ? 'the policy forbids it' : 'no rule allows it, whoever agrees';
    return { is: 'forbid', rules: ids(forbids), why: whyOf(forbids, why) };
  }

  /** The permits that hold with these approvals, each by people of the role it asks for. */
  #permitting(question: Question, answer: Answer, by: People): readonly Rule[] | undefined {
    const any = answer.allows ? answer.rules.filter(rule => rule.from !== 'lead') : [];
    if (any.length > 0) return any;
    if (!this.#asksLeads || !answer.allows) return undefined;
    const leads = Object.fromEntries(Object.entries(by).filter(([, role]) => role === 'lead'));
    const among = this.#ask(question, leads);
    return among.allows ? among.rules : undefined;
  }

  /** The fewest more people whose agreement would allow it: of any role if that is enough, else leads. */
  #hold(question: Question, now: Answer, has: People): Verdict | undefined {
    for (let needs = 1; needs <= this.#most; needs += 1) {
      for (const from of this.#asksLeads ? (['', 'lead'] as const) : ['' as const]) {
        // Nobody in particular, so that a rule about a person is not met by chance.
        const more = Array.from({ length: needs }, (_, n) => [`?${n + 1}`, from || 'operator'] as const);
        const verdict = this.#heldFor(question, now, { ...has, ...Object.fromEntries(more) }, needs, from);
        if (verdict) return verdict;
      }
    }
    return this.#asksNames ? this.#holdForSomebody(question, now, has) : undefined;
  }

  /** Rules may name people: then somebody's word may be enough, or everybody's needed. */
  #holdForSomebody(question: Question, now: Answer, has: People): Verdict | undefined {
    const able = ableOf(question, has);
    for (const [name, role] of Object.entries(able)) {
      const verdict = this.#heldFor(question, now, { ...has, [name]: role }, 1, '');
      if (verdict) return { ...verdict, why: `${verdict.why}; it needs ${name}` };
    }
    const count = Object.keys(able).length;
    return count > 1 ? this.#heldFor(question, now, { ...has, ...able }, count, '') : undefined;
  }

  #heldFor(
    question: Question,
    now: Answer,
    by: People,
    needs: number,
    from: Role | '',
  ): (Verdict & { is: 'hold' }) | undefined {
    const permits = this.#permitting(question, this.#ask(question, by), by);
    if (!permits) return undefined;
    // What stood against it until people agree says most about why.
    const against = now.rules.filter(rule => rule.effect === 'forbid');
    const rules = [...against, ...permits.filter(rule => rule.approvals > 0 || against.length === 0)];
    const role = from || (permits.every(rule => rule.from === 'operator') ? 'operator' : '');
    const ttls = rules.flatMap(rule => (rule.ttlMs === undefined ? [] : [rule.ttlMs]));
    return {
      is: 'hold',
      needs,
      from: role,
      ...(ttls.length > 0 ? { ttlMs: Math.min(...ttls) } : {}),
      rules: ids(rules),
      why: whyOf(rules, 'the policy wants a person to decide') + shortOf(question, by, needs, role),
    };
  }

  /** Cedar's answer with these approvals. Throws when it cannot give one. */
  #ask(question: Question, by: People): Answer {
    const { asker, action, facts } = question;
    const type = `${NAMESPACE}::${asker.type === 'cell' ? 'Cell' : 'Agent'}`;
    const principal = { type, id: asker.id };
    const roles = Object.values(by);
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
        approvals: Object.keys(by).map(id => ({ __entity: { type: `${NAMESPACE}::Operator`, id } })),
        approvalCount: roles.length,
        leadCount: roles.filter(role => role === 'lead').length,
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
    if (answer.type === 'failure') throw new Error(answer.errors.map(error => error.message).join('; '));
    const { decision, diagnostics } = answer.response;
    // A rule that fails is passed over by Cedar; a forbid that fails must not be.
    const failed = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`);
    if (failed.length > 0) throw new Error(failed.join('; '));
    // Cedar's order is a set's: by id, so that the same question has the same answer to the letter.
    const rules = [...diagnostics.reason].sort().flatMap(id => this.#byId.get(id) ?? []);
    return { allows: decision === 'allow', rules };
  }
}

function ids(rules: readonly Rule[]): readonly string[] {
  return rules.map(rule => rule.id);
}

function whyOf(rules: readonly Rule[], otherwise: string): string {
  const words = [...new Set(rules.map(rule => rule.why).filter(Boolean))];
  return words.length > 0 ? words.join('; ') : otherwise;
}

/** Who could still approve. */
function ableOf({ operators }: Question, has: People): People {
  return Object.fromEntries(
    Object.entries(operators).filter(([name, role]) => role !== 'viewer' && !Object.hasOwn(has, name)),
  );
}

/** Says so when the fleet has not enough people to meet the need. */
function shortOf(question: Question, by: People, needs: number, from: Role | ''): string {
  const able = Object.values(ableOf(question, pick(by, question.approvedBy)));
  const enough = able.filter(role => from !== 'lead' || role === 'lead').length;
  if (enough >= needs) return '';
  return `; it needs ${needs} ${from || 'operator'}${needs === 1 ? '' : 's'} and there ${enough === 1 ? 'is' : 'are'} ${enough}`;
}

function pick(people: People, names: readonly string[]): People {
  return Object.fromEntries(Object.entries(people).filter(([name]) => names.includes(name)));
}

function must(answer: Cedar.CheckParseAnswer): void {
  if (answer.type === 'failure') throw new Error(answer.errors.map(error => error.message).join('; '));
}
