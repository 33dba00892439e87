/** What zod found, in the words of someone who edits a file. */
import type * as z from 'zod';
import type { Finding, Path } from './issue.ts';
import { knownKeys } from './schema.ts';
import { hintFor } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** Keys that are possible at a place. */
type KeysAt = (path: Path) => readonly string[];

/** `keysAt` is asked for what somebody may have meant by a key that does not exist. */
export function findingsOf(
  issues: readonly Issue[],
  value: unknown,
  keysAt: KeysAt = path => knownKeys(path),
): readonly Finding[] {
  return issues.flatMap(issue => findings(issue, [], value, keysAt));
}

function findings(issue: Issue, above: Path, value: unknown, keysAt: KeysAt): readonly Finding[] {
  const path = [...above, ...issue.path.map(step => (typeof step === 'symbol' ? String(step) : step))];
  const given = at(value, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => ({
        path: [...path, key],
        atKey: true,
        reason: 'there is no such key',
        hint: hintFor(key, keysAt(path)),
      }));
    case 'invalid_key':
      return [{ path, atKey: true, reason: issue.issues[0]?.message ?? 'this cannot be a key', hint: '' }];
    case 'invalid_union':
      // Which way is meant is said by a word of its own, and that one is wrong.
      if (issue.errors.length === 0 && 'options' in issue)
        return [wrongWord(path, given, issue.options.map(String))];
      return union(issue.errors, path, given, value, keysAt);
    case 'invalid_value':
      return [wrongWord(path, given, issue.values.map(String))];
    case 'invalid_type':
      return [wrongType(path, issue.expected, given)];
    case 'too_small':
      if (given === '' || (Array.isArray(given) && given.length === 0))
        return [{ path, reason: 'it is empty', hint: '' }];
      return [{ path, reason: plain(issue.message), hint: '' }];
    default:
      return [{ path, reason: plain(issue.message), hint: '' }];
  }
}

function wrongWord(path: Path, given: unknown, words: readonly string[]): Finding {
  if (given === undefined)
    return { path, reason: `"${String(path.at(-1))}" is missing`, hint: `it is one of ${words.join(', ')}` };
  const shown = typeof given === 'string' || typeof given === 'number' ? `"${given}"` : kindOf(given);
  return { path, reason: `${shown} is not possible here`, hint: hintFor(String(given), words) };
}

/**
 * A value that may be written in several ways: only the way the person chose is of interest, which is the one
 * that got furthest (its problems are inside the value). When none fits, all ways are named.
 */
function union(
  errors: readonly (readonly Issue[])[],
  path: Path,
  given: unknown,
  value: unknown,
  keysAt: KeysAt,
): readonly Finding[] {
  const inside = errors.find(branch =>
    branch.every(issue => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  if (inside) return inside.flatMap(issue => findings(issue, path, value, keysAt));
  const chosen = errors.find(([first]) => first && !isTypeMismatch(first, given));
  if (chosen) return chosen.flatMap(issue => findings(issue, path, value, keysAt));
  const ways = errors.flatMap(([first]) =>
    first?.code === 'invalid_type'
      ? [typeWords(first.expected)]
      : first?.code === 'invalid_value'
        ? [`one of ${first.values.map(String).join(', ')}`]
        : [],
  );
  if (given === undefined)
    return [{ path, reason: `"${String(path.at(-1))}" is missing`, hint: `write ${ways.join(' or ')}` }];
  return [{ path, reason: `expected ${ways.join(' or ')}, found ${kindOf(given)}`, hint: '' }];
}

function isTypeMismatch(issue: Issue, given: unknown): boolean {
  if (issue.code === 'invalid_type') return true;
  return issue.code === 'invalid_value' && typeof given !== 'string';
}

function wrongType(path: Path, expected: string, given: unknown): Finding {
  const key = path.at(-1);
  if (given === undefined) return { path, reason: `"${String(key)}" is missing`, hint: missingHint(path) };
  const reason = `expected ${typeWords(expected)}, found ${kindOf(given)}`;
  if (expected === 'string' && (typeof given === 'number' || typeof given === 'boolean')) {
    return { path, reason, hint: `put it in quotes: "${given}"` };
  }
  if (expected === 'array' && typeof given === 'string') return { path, reason, hint: `write [${given}]` };
  if (given === null)
    return { path, reason, hint: expected === 'object' ? 'indent what belongs to it, below it' : '' };
  return { path, reason, hint: '' };
}

function missingHint(path: Path): string {
  if (path.length !== 1) return '';
  if (path[0] === 'fleet') return 'name the fleet: "fleet: payments"';
  return path[0] === 'agents' ? 'list the agents by name below "agents:"' : '';
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
};

function typeWords(expected: string): string {
  return TYPE_WORDS[expected] ?? expected;
}

function kindOf(given: unknown): string {
  if (given === null) return 'nothing';
  if (Array.isArray(given)) return 'a list';
  if (typeof given === 'object') return 'keys and values';
  if (typeof given === 'string') return `"${given}"`;
  return typeof given === 'undefined' ? 'nothing' : `the ${typeof given} ${String(given)}`;
}

function plain(message: string): string {
  return message
    .replace(/^Invalid input: /, '')
    .replace(/^Too (small|big): expected \w+ to have /, 'it must have ');
}

function at(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.entries(here).find(([key]) => key === String(step))?.[1];
  }
  return here;
}
