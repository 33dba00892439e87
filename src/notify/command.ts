/** The command channel: a program of the person's own, never through a shell, and never for long. */
import { spawn } from 'node:child_process';
import { HmsError } from '../model/errors.ts';

interface CommandOptions {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Written to its standard input. */
  readonly input: string;
}

/** Resolves when it has ended well. Rejects with HmsError `notify-failed` when it did not, or not in time. */
export function runNotifier({ argv, cwd, env, timeoutMs, input }: CommandOptions): Promise<void> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new HmsError('notify-failed', `${program}: ${why}`));
    // A group of its own: what it started goes with it when its time is over.
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end(child.pid);
    }, timeoutMs);
    child.on('error', error => {
      clearTimeout(timer);
      fail(error.message);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (late) fail(`was still running after ${timeoutMs} ms and was killed`);
      else if (code === 0) resolve();
      else fail(signal ? `was killed by ${signal}` : `exited ${code}`);
    });
    // It need not read what it is told.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

function end(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
