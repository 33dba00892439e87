/** What version of a program there is: its own answer to `--version`, if it gives one in time. */
import { spawn } from 'node:child_process';
import { oneLine } from '../model/text.ts';

/** Programs that start a virtual machine to say their version need a moment, ms. */
const ANSWER_MS = 4000;
const MOST_BYTES = 4096;

/**
 * The first line of `program args` that holds a number, neutralised; '' when it says none within `deadlineMs`, ends
 * with an error or cannot be run. It gets no input and no terminal, and is ended with all it started.
 */
export function programVersion(
  program: string,
  env: NodeJS.ProcessEnv,
  { args = ['--version'], deadlineMs = ANSWER_MS }: { args?: readonly string[]; deadlineMs?: number } = {},
): Promise<string> {
  return new Promise(resolve => {
    let text = '';
    const child = spawn(program, args, {
      env,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const end = (answer: string): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      endGroup(child.pid);
      end('');
    }, deadlineMs);
    child.stdout.on('data', (chunk: Buffer) => {
      text = `${text}${chunk.toString('utf8')}`.slice(0, MOST_BYTES);
    });
    child.on('error', () => end(''));
    // `exit`, not `close`: what it left running may hold the pipe open.
    child.on('exit', code => setImmediate(() => end(code === 0 ? firstVersion(text) : '')));
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Ended meanwhile.
  }
}

function firstVersion(text: string): string {
  const line = text.split('\n').find(part => /\d/.test(part)) ?? '';
  return oneLine(line.trim(), 60);
}
