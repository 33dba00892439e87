/** The command line. Heavy rooms are imported only by the commands that need them. */
import { explain, print, say } from './output.ts';
import { ownPath } from './own-path.ts';
import { VERSION } from './version.ts';

async function main(argv: readonly string[]): Promise<void> {
  const hms = ownPath();
  const [name] = argv;
  if (argv.length === 1 && (name === '--version' || name === '-V')) return print(VERSION);
  // Called by agents many times a minute: these do without the command framework.
  if (name === 'hook') return (await import('./hook.ts')).runHook(argv.slice(1));
  if (name === 'complete-values') return (await import('./completion-values.ts')).printValues(argv.slice(1));
  if (name === 'native') return (await import('./native.ts')).runNative(argv.slice(1));
  if (name === 'gate') return (await import('./gate-start.ts')).runGate(argv.slice(1));
  if (name === 'engine' && argv[1]) {
    process.exitCode = await (await import('./engine.ts')).runEngine(argv[1], hms, argv[2]);
    return;
  }
  if (name === 'recorder' && argv[1] && argv[2]) {
    process.exitCode = await (await import('./recorder.ts')).runRecorder(argv[1], argv[2]);
    process.exit();
  }
  if (name === 'evolver') {
    process.exitCode = await (await import('./evolver.ts')).runEvolver();
    process.exit();
  }
  const { buildProgram } = await import('./program.ts');
  const program = await buildProgram(hms);
  await program.parseAsync([...argv], { from: 'user' });
}

const debug = process.argv.includes('--debug') || process.env.HMS_DEBUG === '1';
const argv = process.argv
  .slice(2)
  .filter((arg, at, all) => arg !== '--debug' || (all.indexOf('--') !== -1 && all.indexOf('--') < at));

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `hms status | head`: the reader has left, which is no fault.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await main(argv);
} catch (error) {
  say(explain(error, debug));
  process.exitCode ||= 1;
}
