/** What `hms policy` prints: problems of policies, the default one, and what a command would get. */
import { readFile } from 'node:fs/promises';
import { DEFAULT, FLOOR } from '../gate/default-policy.ts';
import { actionDigest } from '../gate/digest.ts';
import { readFacts } from '../gate/facts.ts';
import { loadPolicy } from '../gate/policy.ts';
import { PolicyError, type PolicyFile, problemText } from '../gate/policy-source.ts';
import { SCHEMA } from '../gate/schema.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import { print, printJson, say, table } from './output.ts';

/** Characters of a list. */
const SHOWN = 1000;

export function show(schema: boolean): void {
  print((schema ? SCHEMA : shown()).trim());
}

/** A policy file as it could be: what is not the fleet's to say stands in comments. */
function shown(): string {
  const comment = (text: string): string => text.trim().replace(/^/gm, '// ');
  return [
    '// The floor: in force under every policy. A lead can override it once, with a reason.',
    comment(FLOOR),
    '',
    '// The default policy, in force where the fleet file names none.',
    DEFAULT,
    '// The schema policies are checked against.',
    comment(SCHEMA),
  ].join('\n');
}

export interface CheckOptions {
  readonly json?: boolean;
}

export async function check(names: readonly string[], options: CheckOptions): Promise<void> {
  const files = await readAll(names);
  const problems = await loadPolicy(files).then(
    ({ warnings }) => warnings,
    (error: unknown) => {
      if (error instanceof PolicyError) return error.problems;
      throw error;
    },
  );
  const usable = problems.every(p => p.severity === 'warning');
  if (options.json) printJson({ ok: problems.length === 0, usable, problems });
  else {
    for (const problem of problems) print(`${problem.severity}: ${problemText(problem)}`);
    if (!usable) say('Not usable as it is.');
    else if (problems.length > 0) say('Usable, but not what it seems to say.');
    else say(names.length === 1 ? 'The policy is fine.' : 'The policies are fine.');
  }
  // A rule that can never apply, or a name with letters of two scripts, is a hole nobody meant.
  if (problems.length > 0) process.exitCode = 1;
}

export interface ExplainOptions {
  readonly file?: string[];
  readonly tool: string;
  readonly cwd: string;
  readonly json?: boolean;
}

export async function explain(words: readonly string[], options: ExplainOptions): Promise<void> {
  const { policy } = await loadPolicy(await readAll(options.file ?? []));
  const input = options.tool === 'exec' ? { argv: words } : { command: words.join(' ') };
  const action = { tool: options.tool, input, cwd: options.cwd };
  const facts = readFacts(action);
  const asker = { id: 'somebody', type: 'agent' as const, driver: 'command', capabilities: [] };
  const verdict = policy.decide({ asker, action, facts, operators: { you: 'lead' }, approvedBy: [] });
  if (options.json) return printJson({ digest: actionDigest(action), facts, verdict });
  const answer =
    verdict.is === 'hold' ? `hold for ${verdict.needs} ${verdict.from || 'operator'}` : verdict.is;
  print(
    table([
      ['verdict', answer],
      ['why', verdict.why],
      ['rules', verdict.rules.join(', ') || 'none'],
      ['risk', `${facts.level} (${facts.risk}), ${facts.effect}`],
      ['action', facts.verb],
      ['programs', oneLine(facts.programs.join(', '), SHOWN) || 'none'],
      ['classes', facts.classes.join(', ')],
      ['targets', oneLine(facts.targets.join(', '), SHOWN) || 'none'],
      ['reach', facts.inside ? 'stays in the folder' : 'reaches beyond the folder'],
    ]),
  );
}

async function readAll(names: readonly string[]): Promise<readonly PolicyFile[]> {
  return Promise.all(
    names.map(async file => {
      try {
        return { file, text: await readFile(file, 'utf8') };
      } catch (error) {
        process.exitCode = 2;
        throw new HmsError('cannot-read', `cannot read ${file}: ${wordsOf(error)}`, 'check the path', {
          cause: error,
        });
      }
    }),
  );
}
