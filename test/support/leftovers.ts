/** What a test started and what has broken away from all that knew it: found by the test's own folder. */
import { execFile } from 'node:child_process';
import { end } from './tmux.ts';

/** Ends every process whose environment or arguments name this folder, by its pid, stopped ones too. */
export async function endNaming(home: string): Promise<void> {
  for (const pid of await processesNaming(home)) end(pid);
}

async function processesNaming(home: string): Promise<readonly number[]> {
  const listed = await new Promise<string>(resolve => {
    execFile('ps', ['-axwwe', '-o', 'pid=,args='], { maxBuffer: 64 << 20 }, (_error, stdout) =>
      resolve(stdout),
    );
  });
  return listed
    .split('\n')
    .filter(line => line.includes(home))
    .map(line => Number(/^\s*(\d+)/.exec(line)?.[1]))
    .filter(pid => pid > 1 && pid !== process.pid && pid !== process.ppid);
}
