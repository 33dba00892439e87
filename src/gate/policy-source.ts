/** Policy texts read and checked: every problem of every file at once, with line and column. */

import { basename } from 'node:path';
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';
import { HmsError } from '../model/errors.ts';
import { Role } from '../model/mode.ts';
import { SCHEMA } from './schema.ts';
import type { PolicyProblem } from './types.ts';

export interface PolicyFile {
  readonly file: string;
  readonly text: string;
}

/** One rule with what its annotations say. */
export interface Rule {
  readonly id: string;
  readonly text: string;
  readonly effect: 'permit' | 'forbid';
  /** @why, or ''. */
  readonly why: string;
  /** @approvals: the most people this rule may ask for. */
  readonly approvals: number;
  /** @from: role an approver needs. */
  readonly from: Role | '';
  /** @ttl in ms. */
  readonly ttlMs: number | undefined;
}

export class PolicyError extends HmsError {
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    const errors = problems.filter(p => p.severity === 'error');
    const lines = errors.map(problemText);
    super('bad-policy', lines.join('\n'), 'hms policy show prints the default policy and the schema');
    this.problems = problems;
  }
}

/** `policy.cedar:12:7: unexpected token … (did you mean …?)` */
export function problemText({ file, line, col, message, help }: PolicyProblem): string {
  return `${file}:${line}:${col}: ${message}${help ? ` (${help})` : ''}`;
}

/** Rules of all files, and every problem found. With an error among the problems the rules are not to be used. */
export function readPolicies(
  cedar: typeof Cedar,
  files: readonly PolicyFile[],
): { readonly rules: readonly Rule[]; readonly problems: readonly PolicyProblem[] } {
  const rules: Rule[] = [];
  const problems: PolicyProblem[] = [];
  for (const file of files) readFile(cedar, file, rules, problems);
  return { rules, problems };
}

function readFile(cedar: typeof Cedar, source: PolicyFile, rules: Rule[], problems: PolicyProblem[]): void {
  const at = locator(source);
  const parts = cedar.policySetTextToParts(source.text);
  if (parts.type === 'failure') {
    problems.push(...parts.errors.map(error => problemOf(at, error, 'error')));
    return;
  }
  const checked = cedar.validate({
    schema: SCHEMA,
    policies: { staticPolicies: source.text },
    validationSettings: { mode: 'strict' },
  });
  if (checked.type === 'failure')
    problems.push(...checked.errors.map(error => problemOf(at, error, 'error')));
  else {
    problems.push(...checked.validationErrors.map(({ error }) => problemOf(at, error, 'error')));
    const warnings = [...checked.validationWarnings.map(({ error }) => error), ...checked.otherWarnings];
    problems.push(...warnings.map(error => problemOf(at, error, 'warning')));
  }
  let from = 0;
  for (const [index, text] of parts.policies.entries()) {
    const start = Math.max(0, source.text.indexOf(text, from));
    from = start + text.length;
    const json = cedar.policyToJson(text);
    if (json.type === 'failure') problems.push(...json.errors.map(error => problemOf(at, error, 'error')));
    else {
      const complain = (
        message: string,
        help: string,
        severity: PolicyProblem['severity'] = 'error',
      ): void => {
        problems.push({ ...at(Buffer.byteLength(source.text.slice(0, start))), severity, message, help });
      };
      rules.push(readRule(json.json, text, `${basename(source.file)}#${index + 1}`, rules, complain));
    }
  }
}

function readRule(
  json: Cedar.PolicyJson,
  text: string,
  fallback: string,
  before: readonly Rule[],
  complain: (message: string, help: string, severity?: PolicyProblem['severity']) => void,
): Rule {
  const said = json.annotations ?? {};
  const id = said['id'] || fallback;
  if (before.some(rule => rule.id === id)) complain(`two rules are called ${id}`, 'give each its own @id');
  const approvals = Number(said['approvals'] ?? 1);
  if (!Number.isInteger(approvals) || approvals < 1 || approvals > 9) {
    complain(`@approvals("${said['approvals']}") is not a number from 1 to 9`, 'such as @approvals("2")');
  }
  const role = Role.safeParse(said['from']);
  if (said['from'] !== undefined && !role.success)
    complain(`@from("${said['from']}") is no role`, `roles are ${Role.options.join(', ')}`);
  const ttlMs = said['ttl'] === undefined ? undefined : readTtl(said['ttl']);
  if (Number.isNaN(ttlMs))
    complain(`@ttl("${said['ttl']}") is no duration`, 'such as @ttl("15m") or @ttl("PT15M")');
  if (json.effect === 'permit' && /approvalCount\s*(<|<=|==|!=)\s/.test(text)) {
    complain('a permit must not end with more approvals', 'compare approvalCount with >= only');
  }
  return {
    id,
    text,
    effect: json.effect,
    why: said['why'] ?? '',
    approvals: Number.isInteger(approvals) ? Math.min(9, Math.max(1, approvals)) : 1,
    from: role.success ? role.data : '',
    ttlMs,
  };
}

/** `15m` or the common part of ISO 8601: `PT15M`, `PT1H30M`. ms; NaN when it is neither. */
export function readTtl(text: string): number {
  const short = /^(\d+)(s|m|h)$/.exec(text);
  const iso = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(text);
  if (short) return Number(short[1]) * (short[2] === 's' ? 1000 : short[2] === 'm' ? 60_000 : 3_600_000);
  if (!iso || text === 'PT') return Number.NaN;
  return ((Number(iso[1] ?? 0) * 60 + Number(iso[2] ?? 0)) * 60 + Number(iso[3] ?? 0)) * 1000;
}

type Locator = (byte: number) => Pick<PolicyProblem, 'file' | 'line' | 'col'>;

/** Cedar counts bytes; people count lines and characters. */
function locator({ file, text }: PolicyFile): Locator {
  const bytes = Buffer.from(text);
  return byte => {
    const before = bytes.subarray(0, byte).toString('utf8').split('\n');
    return { file, line: before.length, col: (before.at(-1) ?? '').length + 1 };
  };
}

function problemOf(
  at: Locator,
  error: Cedar.DetailedError,
  severity: PolicyProblem['severity'],
): PolicyProblem {
  const place = error.sourceLocations?.[0];
  const message = error.message
    .replace(/^failed to parse policies from string: /, '')
    .replace(/^for policy `[^`]*`, /, '');
  const help = [error.help, place?.label].filter(Boolean).join('; ');
  return { ...at(place?.start ?? 0), severity, message, help };
}
