/** A problem in a fleet file, where it is and what to do about it. */
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';

/** A place in the file: keys and indexes from the top. */
export type Path = readonly (string | number)[];

/** What is wrong with the value at `path`, before anyone has looked up where that is. */
export interface Finding {
  readonly path: Path;
  /** The key itself is at fault, not its value. */
  readonly atKey?: boolean;
  readonly reason: string;
  readonly hint: string;
}

export interface FleetIssue {
  /** 1-based. */
  readonly line: number;
  readonly col: number;
  /** `agents.builder.driver`; '' for the file as a whole. */
  readonly path: string;
  readonly reason: string;
  /** What to do, '' when there is nothing to say. */
  readonly hint: string;
}

/** `agents.builder.env.PORT`, `policies[0]`. */
export function pathText(path: Path): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('');
}

/** `hms.yaml:3:5 agents.builder.driver: there is no "cluade" (did you mean "claude"?)`, harmless to show. */
export function issueText(file: string, issue: FleetIssue): string {
  const where = `${file}:${issue.line}:${issue.col}`;
  const what = issue.path === '' ? issue.reason : `${issue.path}: ${issue.reason}`;
  return oneLine(`${where} ${what}${issue.hint === '' ? '' : ` (${issue.hint})`}`, 600);
}

/** More than a screen of problems is one problem. */
const SHOWN = 50;

/** Every problem of a fleet file at once, in the order of the file. Code `fleet-file`. */
export class FleetFileError extends HmsError {
  /** As shown to people: relative where that is shorter. */
  readonly file: string;
  readonly issues: readonly FleetIssue[];

  constructor(file: string, issues: readonly FleetIssue[]) {
    const sorted = issues.toSorted((a, b) => a.line - b.line || a.col - b.col);
    const count = sorted.length === 1 ? 'a problem' : `${sorted.length} problems`;
    const lines = sorted.slice(0, SHOWN).map(issue => `  ${issueText(file, issue)}`);
    if (sorted.length > SHOWN) lines.push(`  and ${sorted.length - SHOWN} more`);
    super('fleet-file', `the fleet file has ${count}:\n${lines.join('\n')}`);
    this.file = file;
    this.issues = sorted;
  }
}
