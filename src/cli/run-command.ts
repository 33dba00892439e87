/** Runs one command in place of this process, as far as one process can stand for another. */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { errnoOf, wordsOf } from '../model/errors.ts';
import { EXIT } from './exits.ts';

export interface Ended {
  /** What to exit with. */
  readonly code: number;
  /** '' for an ordinary end; the signal it died of, or why it could not be started. */
  readonly detail: string;
  /** It was started. */
  readonly ran: boolean;
}

const FORWARDED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `argv` without a shell in `cwd`, with our standard streams and environment. Signals sent to us reach it; those
 * a terminal sends (Ctrl-C, Ctrl-\) it has from the terminal already. Never rejects.
 */
export function runCommand(argv: readonly string[], cwd: string): Promise<Ended> {
  const [program = '', ...args] = argv;
  if (!isFolder(cwd)) return Promise.resolve(unstarted(EXIT.notExecutable, `${cwd} is not a folder`));
  if (program === '') return Promise.resolve(unstarted(EXIT.notFound, 'the command is empty'));
  return new Promise(resolve => {
    let child: ReturnType<typeof spawn> | undefined;
    const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    const forward = (signal: NodeJS.Signals): void => {
      const typed = terminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
      if (!typed) child?.kill(signal);
    };
    const settle = (ended: Ended): void => {
      for (const signal of FORWARDED) process.off(signal, forward);
      resolve(ended);
    };
    // Before the command runs: a signal between the two would end us and leave it behind.
    for (const signal of FORWARDED) process.on(signal, forward);
    try {
      child = spawn(program, args, { cwd, stdio: 'inherit' });
    } catch (error) {
      // Arguments no program can be given, such as one with a NUL in it.
      return settle(unstarted(EXIT.notExecutable, `${program}: ${wordsOf(error)}`));
    }
    child.once('error', error => {
      const missing = errnoOf(error) === 'ENOENT';
      const why = missing
        ? 'command not found'
        : errnoOf(error) === 'EACCES'
          ? 'not executable'
          : error.message;
      settle(unstarted(missing ? EXIT.notFound : EXIT.notExecutable, `${program}: ${why}`));
    });
    child.once('exit', (code, signal) => {
      const number = signal ? constants.signals[signal] : 0;
      settle({ code: code ?? EXIT.signalled + number, detail: signal ?? '', ran: true });
    });
  });
}

function unstarted(code: number, detail: string): Ended {
  return { code, detail, ran: false };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
