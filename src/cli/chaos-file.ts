/** Reading experiments and game days from files: every problem at once, each with its place. */
import { dirname, extname, relative, resolve } from 'node:path';
import { type ExperimentFinding, experimentFindings } from '../chaos/check.ts';
import { Experiment, GameDay } from '../chaos/schema.ts';
import { readFleetText } from '../fleet/bytes.ts';
import { type Checked, checkConfig } from '../fleet/config-file.ts';
import { readDocument } from '../fleet/document.ts';
import { type FleetIssue, issueText } from '../fleet/issue.ts';
import { HmsError } from '../model/errors.ts';
import { plural } from '../model/text.ts';

export interface ReadExperiment {
  /** Absolute; '' for one made on the command line. */
  readonly file: string;
  /** As people are shown it. */
  readonly shown: string;
  readonly experiment: Experiment;
}

export interface ReadFile {
  /** Title, pause and what ends it, of a game day; undefined for a single experiment. */
  readonly day: GameDay | undefined;
  readonly experiments: readonly ReadExperiment[];
  /** `file:line:col …`, of this file and of those it lists. */
  readonly problems: readonly string[];
}

/** Reads a file and those a game day lists. Throws HmsError when the file itself cannot be read. */
export async function readChaosFile(given: string): Promise<ReadFile> {
  const file = resolve(given);
  const shown = shownPath(file);
  const { text } = await readFleetText(file, shown, 'the experiment');
  if (!isGameDay(text)) {
    const checked = checkExperiment(text);
    const problems = checked.issues.map(issue => issueText(shown, issue));
    const experiments = checked.value ? [{ file, shown, experiment: checked.value }] : [];
    return { day: undefined, experiments, problems };
  }
  const checked: Checked<GameDay> = checkConfig<GameDay>(text, GameDay);
  const listed = await Promise.all(
    (checked.value?.['game-day'] ?? []).map(async (name, at) => {
      const missing = (reason: string): FleetIssue =>
        checked.placed([{ path: ['game-day', at], reason, hint: '' }])[0] ?? NOWHERE;
      try {
        const inner = await readChaosFile(resolve(dirname(file), name));
        return inner.day
          ? {
              experiments: [],
              problems: [issueText(shown, missing('a game day lists experiments, not game days'))],
            }
          : inner;
      } catch (error) {
        if (!(error instanceof HmsError)) throw error;
        return { experiments: [], problems: [issueText(shown, missing(error.message))] };
      }
    }),
  );
  return {
    day: checked.value,
    experiments: listed.flatMap(({ experiments }) => experiments),
    problems: [
      ...checked.issues.map(issue => issueText(shown, issue)),
      ...listed.flatMap(({ problems }) => problems),
    ],
  };
}

/** As `readChaosFile`; throws HmsError `experiment-file` with every problem when there is one. */
export async function needChaosFile(given: string): Promise<ReadFile> {
  const read = await readChaosFile(given);
  const { problems } = read;
  if (problems.length > 0)
    throw new HmsError(
      'experiment-file',
      `the experiment has ${plural(problems.length, 'problem')}:\n${problems.map(problem => `  ${problem}`).join('\n')}`,
      'hms chaos new FAULT writes one that is right',
    );
  return read;
}

export function checkExperiment(text: string): Checked<Experiment> {
  return checkConfig<Experiment>(text, Experiment, (value): readonly ExperimentFinding[] =>
    experimentFindings(value),
  );
}

const NOWHERE: FleetIssue = { line: 1, col: 1, path: '', reason: '', hint: '' };

function isGameDay(text: string): boolean {
  const { value } = readDocument(text);
  return typeof value === 'object' && value !== null && 'game-day' in value;
}

function shownPath(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') || extname(near) === '' ? file : near;
}
