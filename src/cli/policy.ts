/** `hms policy`: check policies, print the default one, ask what a command would get. */
import { Command } from 'commander';
import type { CheckOptions, ExplainOptions } from './policy-report.ts';

// The gate's rooms are large, and nobody else who starts the program needs them.
const report = () => import('./policy-report.ts');

export function policyCommand(): Command {
  const policy = new Command('policy').description('policies: what passes, what waits, what is forbidden');
  policy
    .command('check')
    .argument('<files...>')
    .description(
      'check policy files against the schema; exits 1 when one has errors or warnings, 2 when one cannot be read',
    )
    .option('--json', 'print problems as JSON')
    .action(async (files: string[], options: CheckOptions) => (await report()).check(files, options));
  policy
    .command('show')
    .description('print the default policy, ready to be edited, with floor and schema as comments')
    .option('--schema', 'only the schema')
    .action(async (options: { schema?: boolean }) => (await report()).show(options.schema ?? false));
  policy
    .command('explain')
    .argument('<command...>', 'after --')
    .description('what an action would get: its facts, the verdict, the rules behind it')
    .option('--file <files...>', 'policies to ask (default: the default policy)')
    .option('--tool <name>', 'as this tool of an agent, such as Bash', 'exec')
    .option('--cwd <folder>', 'as if run there', process.cwd())
    .option('--json', 'print as JSON')
    .action(async (words: string[], options: ExplainOptions) => (await report()).explain(words, options));
  return policy;
}
