/** A question with yes or no for an answer. */
import { createInterface } from 'node:readline/promises';

export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Without a terminal nobody can be asked: false. An empty answer is `otherwise`; Ctrl-C and Ctrl-D are no. */
export async function asked(question: string, otherwise: boolean): Promise<boolean> {
  if (!canAsk()) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Without a listener of our own Ctrl-D would leave the question unanswered, and the process would just end.
  const closed = new Promise<string>(resolve => lines.once('close', () => resolve('n')));
  try {
    const answer = (await Promise.race([lines.question(question), closed])).trim().toLowerCase();
    return answer === '' ? otherwise : answer === 'y' || answer === 'yes';
  } catch {
    return false;
  } finally {
    lines.close();
  }
}
