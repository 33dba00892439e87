/** `hms gate`: how scripts and programs inside an agent ask before they act. */
import { Command } from 'commander';
import { EXIT } from './exits.ts';
import { doAsk, doRun } from './gate-do.ts';

const EXITS = `
Exit codes: ${EXIT.refused} the answer was no, ${EXIT.tempFail} no answer could be had and nothing ran, ${EXIT.config} not inside an agent.`;

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
    .action((argv: string[], { note }: { note: string }) => doRun(argv, note));
  gate
    .command('ask')
    .description('ask a person yes or no; prints their words')
    .argument('<question...>')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXITS)
    .action((words: string[], { json }: { json?: boolean }) => doAsk(words.join(' '), json ?? false));
  return gate;
}
