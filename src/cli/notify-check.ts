/** What `hms notify check` prints. */
import { resolve } from 'node:path';
import { issueText } from '../fleet/issue.ts';
import { shownPath } from '../fleet/load.ts';
import { ownRulesGiven, ownRulesPlace, readOwnRules } from '../fleet/own-rules.ts';
import { print, printJson, say } from './output.ts';

/** One line a problem; exits 1 when there is any. */
export async function checkRules(given: string | undefined, json: boolean): Promise<void> {
  const full = given === undefined ? ownRulesGiven() : resolve(given);
  const file = shownPath(full ?? ownRulesPlace(), process.cwd());
  const { value, issues } = full ? await readOwnRules(full) : { value: {}, issues: [] };
  const ok = issues.length === 0;
  if (!ok) process.exitCode = 1;
  if (json) return printJson({ ok, file, problems: issues });
  for (const issue of issues) print(issueText(file, issue));
  if (!full) return say(`There are no rules ${file} to check: those of the fleet file hold.`);
  const count = Object.keys(value ?? {}).length;
  if (ok) print(`${file}: ${count} ${count === 1 ? 'rule' : 'rules'}, no problems`);
}
