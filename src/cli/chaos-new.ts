/** `hms chaos new`: the catalogue, a first experiment for one of its faults, and experiments of others made ours. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { CATALOGUE, FAULT_NAMES } from '../chaos/catalogue.ts';
import type { FaultName } from '../chaos/schema.ts';
import { TARGET_FORMS, targetProblem } from '../chaos/targets.ts';
import { importToolkit } from '../chaos/toolkit.ts';
import { readFleetText } from '../fleet/bytes.ts';
import { readDocument } from '../fleet/document.ts';
import { errnoOf, HmsError, wordsOf } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import { checkExperiment } from './chaos-file.ts';
import { print, printJson, say, table } from './output.ts';

export function printCatalogue(json: boolean): void {
  if (json) {
    printJson({ faults: FAULT_NAMES.map(name => ({ name, ...CATALOGUE[name] })) });
    return;
  }
  print(table(FAULT_NAMES.map(name => [name, CATALOGUE[name].about])));
  say('hms chaos new FAULT prints an experiment with it; -o FILE writes it.');
}

interface Wanted {
  readonly target?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Throws HmsError `unknown-target` when that is none. */
export async function newExperiment(fault: FaultName, wanted: Wanted): Promise<void> {
  const problem = wanted.target === undefined ? undefined : targetProblem(wanted.target);
  if (problem) throw new HmsError('unknown-target', problem, `a target is ${TARGET_FORMS}`);
  await give(experimentText(fault, wanted.target), wanted, []);
}

/** A Chaos Toolkit experiment (JSON, or YAML as it takes too) as ours; what was lost is said. Throws HmsError. */
export async function importExperiment(from: string, wanted: Wanted): Promise<void> {
  const { text } = await readFleetText(resolve(from), from, 'the experiment');
  // JSON is YAML too.
  const { value: given, issues } = readDocument(text);
  const [issue] = issues;
  if (issue) throw new HmsError('not-read', `${from}:${issue.line}: ${issue.reason}`, issue.hint);
  const { experiment, lost } = importToolkit(given);
  const note = lost.map(line => `# Not carried over: ${oneLine(line, 300)}\n`).join('');
  await give(`${note}${stringify(experiment)}`, wanted, lost);
}

async function give(text: string, { out, json }: Wanted, lost: readonly string[]): Promise<void> {
  const problems = checkExperiment(text).issues.map(({ line, path, reason, hint }) =>
    oneLine(`line ${line} ${path}: ${reason}${hint && ` (${hint})`}`, 400),
  );
  if (out) {
    await writeFile(out, text, { flag: 'wx' }).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST')
        throw new HmsError('no-file', `${out} cannot be written: ${wordsOf(error)}`);
      throw new HmsError('file-exists', `${out} is there already`, 'give another name');
    });
  }
  if (json) return printJson({ text, lost, problems, ...(out ? { file: out } : {}) });
  if (!out) print(text.trimEnd());
  for (const line of lost) say(`Not carried over: ${oneLine(line, 300)}`);
  for (const line of problems) say(`To be done by hand: ${line}`);
  if (out) say(`${out} is written: hms chaos plan ${out} says what it would do.`);
}

export function experimentText(fault: FaultName, target: string | undefined): string {
  const { about, example, mechanism, revert } = CATALOGUE[fault];
  const to = target ?? CATALOGUE[fault].target;
  const onProxy = example.some(line => line.startsWith('proxy:'));
  const lines = [
    `# ${fault}: ${about}. How: ${mechanism}.`,
    `# Taken back by: ${revert}.`,
    `title: The fleet lives through ${fault}`,
    'steady-state-hypothesis:',
    '  title: every agent is well and the engine answers',
    '  probes:',
    '    - name: agents well',
    '      provider: { type: agent-state, agents: "*" }   # percent of them',
    '      tolerance: 100',
    '    - name: engine answers',
    '      provider: { type: engine }                     # ms',
    '      tolerance: { max: 1000 }',
    ...(onProxy ? ['proxies:', '  api: { listen: "127.0.0.1:9000", upstream: "127.0.0.1:8080" }'] : []),
    'method:',
    '  - type: action',
    `    fault: ${fault}`,
    ...(to === ''
      ? []
      : [
          `    target: ${stringify(to).trim()}   # a name, build*, driver:claude, random, engine, tmux, cell:NAME`,
        ]),
    ...example.map(line => `    ${line}`),
    '    for: 10s',
    '# What is the rest? blast, seed, abort-if, patience, recover-within, every: docs/chaos.md',
    'recover-within: 30s',
  ];
  return `${lines.join('\n')}\n`;
}
