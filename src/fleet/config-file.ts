/**
 * Files people write for themselves in the configuration folder (themes, layouts, keys): YAML held against a schema,
 * every problem with its place. A broken one never stops anything: whoever asked goes on with what is built in.
 */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type * as z from 'zod';
import { errnoOf, HmsError } from '../model/errors.ts';
import { readFleetText } from './bytes.ts';
import { readDocument } from './document.ts';
import { findingsOf } from './findings.ts';
import { type Finding, FleetFileError, type FleetIssue, pathText } from './issue.ts';
import { knownKeys } from './schema.ts';

export interface Checked<T> {
  /** undefined when there is a problem. */
  readonly value: T | undefined;
  readonly issues: readonly FleetIssue[];
  /** Where in the file something else was found. */
  placed(findings: readonly Finding[]): readonly FleetIssue[];
}

/** `more` finds what a schema cannot say, in a value that fits the schema. */
export function checkConfig<T>(
  text: string,
  schema: z.ZodType<T>,
  more: (value: T) => readonly Finding[] = () => [],
): Checked<T> {
  const document = readDocument(text);
  const placed = (findings: readonly Finding[]): readonly FleetIssue[] =>
    findings.map(({ path, atKey, reason, hint }) => ({
      ...document.locate(path, atKey),
      path: pathText(path),
      reason,
      hint,
    }));
  if (document.value === undefined) return { value: undefined, issues: document.issues, placed };
  const parsed = schema.safeParse(document.value);
  const findings = parsed.success
    ? more(parsed.data)
    : findingsOf(parsed.error.issues, document.value, path => knownKeys(path, schema));
  const issues = [...document.issues, ...placed(findings)].toSorted(
    (a, b) => a.line - b.line || a.col - b.col,
  );
  return { value: parsed.success && issues.length === 0 ? parsed.data : undefined, issues, placed };
}

/**
 * As `checkConfig`, from a file; one that cannot be read is a problem at its first line. `what` names the kind of
 * file to people: `the theme`.
 */
export async function readConfig<T>(
  file: string,
  what: string,
  schema: z.ZodType<T>,
  more?: (value: T) => readonly Finding[],
): Promise<Checked<T>> {
  try {
    return checkConfig((await readFleetText(file, file, what)).text, schema, more);
  } catch (error) {
    const placed = (): readonly FleetIssue[] => [];
    if (error instanceof FleetFileError) return { value: undefined, issues: error.issues, placed };
    if (!(error instanceof HmsError)) throw error;
    const issue = { line: 1, col: 1, path: '', reason: error.message, hint: error.hint ?? '' };
    return { value: undefined, issues: [issue], placed };
  }
}

/**
 * The .yaml and .yml files of a folder by name without ending, sorted; none when there is no such folder. Names are
 * shown and typed: letters, digits, `-`, `_` and `.`.
 */
export async function configFiles(
  folder: string,
): Promise<readonly { readonly name: string; readonly file: string }[]> {
  try {
    const names = (await readdir(folder)).filter(name => /^\w[\w.-]*\.ya?ml$/.test(name)).sort();
    return names.map(name => ({ name: basename(name).replace(/\.ya?ml$/, ''), file: join(folder, name) }));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
