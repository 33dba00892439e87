/** Policy texts read and checked: every problem of every file at once, with line and column. */

import { basename } from 'node:path';
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';
import { HmsError } from '../model/errors.ts';
import { type Rule, readRule } from './policy-rule.ts';
import { SCHEMA } from './schema.ts';
import type { PolicyProblem } from './types.ts';

export interface PolicyFile {
  readonly file: string;
  readonly text: string;
  /** Comes with the program, whose tests have checked it against the schema: an engine that starts need not. */
  readonly ours?: true;
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
  if (!source.ours) problems.push(...validated(cedar, source, at));
  for (const { start } of inPlace(source.text, parts.policy_templates)) {
    const message = 'a policy with ?principal or ?resource is a template, and there is nobody to fill it in';
    problems.push({
      ...at(start),
      severity: 'error',
      message,
      help: 'name the agent: principal == Hms::Agent::"…"',
    });
  }
  for (const [index, { text, start }] of inPlace(source.text, parts.policies).entries()) {
    const json = cedar.policyToJson(text);
    if (json.type === 'failure') {
      problems.push(...json.errors.map(error => problemOf(at, error, 'error')));
      continue;
    }
    rules.push(
      readRule(json.json, text, `${basename(source.file)}#${index + 1}`, rules, (message, help) => {
        problems.push({ ...at(start), severity: 'error', message, help });
      }),
    );
  }
}

function validated(cedar: typeof Cedar, source: PolicyFile, at: Locator): PolicyProblem[] {
  const checked = cedar.validate({
    schema: SCHEMA,
    policies: { staticPolicies: source.text },
    validationSettings: { mode: 'strict' },
  });
  if (checked.type === 'failure') return checked.errors.map(error => problemOf(at, error, 'error'));
  const warnings = [...checked.validationWarnings.map(({ error }) => error), ...checked.otherWarnings];
  return [
    ...checked.validationErrors.map(({ error }) => problemOf(at, error, 'error')),
    ...warnings.map(error => problemOf(at, error, 'warning')),
  ];
}

/** Cedar gives the parts sorted as policy0, policy1, policy10, policy2 …: put back in the order written. */
function inPlace(
  whole: string,
  parts: readonly string[],
): readonly { readonly text: string; readonly start: number }[] {
  const next = new Map<string, number>();
  const placed = parts.map(text => {
    const start = whole.indexOf(text, next.get(text) ?? 0);
    next.set(text, start + text.length);
    return { text, start: Buffer.byteLength(whole.slice(0, Math.max(0, start))) };
  });
  return placed.sort((a, b) => a.start - b.start);
}

/** Byte offset → place. */
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
