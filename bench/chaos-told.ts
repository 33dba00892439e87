/** What a program of the campaign `chaos-revert` says of itself, round after round: a number and a word in the file `told`. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from './stats.ts';

/** Who has not said anything new within so long stands still, ms: a round takes 10 ms, or 100 where nothing gets through. */
const STILL_MS = 2000;

/**
 * Its word of two rounds on: of one that has begun since. undefined when it stands still, or has ended. It is to write the
 * file whole: `echo $n $word > new; mv new told`.
 */
export async function nextWord(folder: string, child: ChildProcess): Promise<number | undefined> {
  const [from = 0] = told(folder);
  for (const until = clock() + STILL_MS; clock() < until && child.exitCode === null; await sleep(2)) {
    const [round = 0, word] = told(folder);
    if (round >= from + 2) return word;
  }
  return undefined;
}

function told(folder: string): readonly number[] {
  try {
    return readFileSync(join(folder, 'told'), 'utf8').trim().split(' ').map(Number);
  } catch {
    return [];
  }
}
