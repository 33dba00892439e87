/** What `hms themes` and `hms layouts` print alike. */
import { type FleetIssue, issueText } from '../fleet/issue.ts';
import { shownPath } from '../fleet/load.ts';
import { hintFor } from '../fleet/suggest.ts';
import { HmsError } from '../model/errors.ts';
import { print, printJson, say, table } from './output.ts';

export interface LooksOptions {
  readonly json?: boolean;
}

export interface FileReport {
  readonly file: string;
  readonly problems: readonly FleetIssue[];
  readonly warnings: readonly FleetIssue[];
}

interface Listed {
  readonly name: string;
  readonly about: string;
  /** Not built in. */
  readonly yours: boolean;
}

/** Prints what can be chosen; files that cannot be used on stderr. */
export function printList(
  listed: readonly Listed[],
  folder: string,
  problems: readonly { readonly file: string; readonly issues: readonly FleetIssue[] }[],
): void {
  print(table(listed.map(({ name, about, yours }) => [`${yours ? '*' : ' '} ${name}`, about])));
  const yours = listed.some(l => l.yours) ? '* yours, from' : 'yours would stand in';
  say(`${yours} ${shownPath(folder, process.cwd())}`);
  for (const { file, issues } of problems)
    for (const issue of issues) say(issueText(shownPath(file, process.cwd()), issue));
}

/** One line a problem; exits 1 when there is any. */
export function printChecked(files: readonly FileReport[], what: string, options: LooksOptions): void {
  const ok = files.every(({ problems }) => problems.length === 0);
  if (options.json) printJson({ ok, files });
  else {
    for (const { file, problems, warnings } of files) {
      for (const issue of problems) print(issueText(file, issue));
      for (const issue of warnings) print(`${issueText(file, issue)} [warning]`);
      if (problems.length === 0 && warnings.length === 0) print(`${file}: no problems`);
    }
    if (files.length === 0) say(`There is no ${what} of yours to check.`);
  }
  if (!ok) process.exitCode = 1;
}

/** The one of that name. Throws HmsError `no-such-WHAT`. */
export function named<T>(all: Readonly<Record<string, T>>, name: string, what: string): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found !== undefined) return found;
  throw new HmsError(`no-such-${what}`, `there is no ${what} ${name}`, hintFor(name, Object.keys(all)));
}
