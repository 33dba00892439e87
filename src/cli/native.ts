/** `hms native …`: the native helper's own verbs, with its own arguments, streams and exit code. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Command } from 'commander';
import { HmsError } from '../model/errors.ts';
import { findNative, nativeRemedy } from '../processes/native-program.ts';

/** What it can do, for people who read our help: its own says it whole. */
const VERBS = `
Verbs, each with a --help of its own:
  serve         answer requests on stdin and stdout, one JSON object a line, as the engine asks it
  watch         tell the moment processes end
  top           what process trees use: CPU, memory, threads, files, I/O
  tail          follow files, also when they are rotated
  hook          carry a hook of an agent's own tool to the engine, as hms hook does
  proxy         a TCP or unix proxy that makes the network bad
  recover       take back what faults have left whose helper died
  capabilities  what this machine can do, and by which mechanism
  man           its manual page
  completions   completions for a shell`;

/** Only for help and completion: `hms native` is answered before there is a command line. */
export function nativeCommand(): Command {
  return new Command('native')
    .description('run the native helper (Rust): watch, top, tail, proxy, capabilities …')
    .argument('[verb...]', 'its verb and arguments')
    .helpOption(false)
    .allowUnknownOption()
    .addHelpText('after', VERBS)
    .action((verb: string[]) => runNative(verb));
}

/** Resolves when it has ended, with its exit code set as ours. Throws HmsError `no-native` when it is not built. */
export async function runNative(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const program = findNative(env);
  if (!program) throw new HmsError('no-native', 'the native helper is not built here', nativeRemedy(env));
  const child = spawn(program, argv.length === 0 ? ['--help'] : argv, { stdio: 'inherit' });
  // What a terminal sends goes to its whole group: it decides what that means, and we end as it does.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
