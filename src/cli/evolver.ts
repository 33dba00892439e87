/** `hms evolver`: evolves for an engine, which tells it what by its input. Not for people. */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { Job, type Said } from '../healing/evolve/worker.ts';
import { wordsOf } from '../model/errors.ts';
import { readProcess } from '../processes/table.ts';

/** Ends when its input does: the engine that started it is gone. */
export async function runEvolver(): Promise<number> {
  let over = false;
  const lines = createInterface({ input: process.stdin });
  // What is kept is whole at any time, and nobody would hear of more.
  lines.once('close', () => process.exit(0));
  process.once('SIGTERM', () => {
    over = true;
  });
  // Whoever listened may be gone first.
  process.stdout.on('error', () => {
    over = true;
  });
  const say = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`);
  const line = await new Promise<string>(resolve => lines.once('line', resolve));
  try {
    const { evolveJob } = await import('./evolving.ts');
    const job = Job.parse(JSON.parse(line));
    yieldTo(job.nice);
    await evolveJob(job, { say, isOver: () => over });
    return 0;
  } catch (error) {
    say({ said: 'failed', words: wordsOf(error).slice(0, 1000) });
    return 1;
  }
}

/** Others come first. Linux shares cores out by session before it looks at processes (sched(7), autogroup). */
function yieldTo(nice: number): void {
  setPriority(nice);
  if (readProcess(process.pid)?.session !== process.pid) return;
  try {
    writeFileSync('/proc/self/autogroup', String(nice));
  } catch {
    // Not Linux, or a kernel without it.
  }
}
