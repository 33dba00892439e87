/** `hms gate`: how scripts and programs inside an agent ask before they act. */
import { Command } from 'commander';
import type { Action } from '../model/action.ts';
import { HmsError } from '../model/errors.ts';
import { agentPlace } from './agent-link.ts';
import { EXIT } from './exits.ts';
import { askGate } from './gate-ask.ts';
import { gateRun } from './gate-run.ts';
import { explain, print, printJson, say } from './output.ts';

/** Runs `hms gate ARGV` without loading the other commands. */
export async function runGate(argv: readonly string[]): Promise<void> {
  await gateCommand()
    .name('hms gate')
    .parseAsync([...argv], { from: 'user' });
}

export function gateCommand(): Command {
  const gate = new Command('gate')
    .description('ask before acting; for use inside agents')
    .enablePositionalOptions();
  gate
    .command('run')
    .description('run a command once the gate lets it; exit code and streams are its own')
    .argument('<command...>', 'program and arguments, run without a shell')
    .option('--note <words>', 'why, for the person who decides', '')
    .passThroughOptions()
    .addHelpText('after', EXITS)
    .action((argv: string[], { note }: { note: string }) =>
      settle(() => gateRun(agentPlace(), { argv, cwd: process.cwd(), note, say: tell })),
    );
  gate
    .command('ask')
    .description('ask a person yes or no; prints their words')
    .argument('<question...>')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXITS)
    .action((words: string[], { json }: { json?: boolean }) =>
      settle(() => question(words.join(' '), json ?? false)),
    );
  return gate;
}

const EXITS = `
Exit codes: ${EXIT.refused} the answer was no, ${EXIT.tempFail} no answer could be had and nothing ran, ${EXIT.config} not inside an agent.`;

async function question(question: string, json: boolean): Promise<number> {
  const action: Action = { tool: 'ask', input: { question }, cwd: process.cwd() };
  const answer = await askGate(agentPlace(), action, { edit: false, say: tell });
  const { request, outcome, run: yes, message } = answer;
  if (json) printJson({ request, yes, outcome, message });
  else if (message) print(message);
  return yes ? 0 : EXIT.refused;
}

async function settle(body: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (error) {
    say(explain(error, process.env['HMS_DEBUG'] === '1'));
    process.exitCode = error instanceof HmsError && CONFIG.has(error.code) ? EXIT.config : EXIT.tempFail;
  }
}

/** Trying again does not help these. */
const CONFIG = new Set(['not-inside', 'bad-token', 'old-token', 'protocol']);

function tell(line: string): void {
  say(`hms: ${line}`);
}
