/**
 * A program for crash tests: appends to the journal of a folder until it is killed, and says on standard output,
 * one line each, what is durable: `seq hash` of an event, or the size of a checkpoint.
 *
 *   node append-under-load.ts DIR
 */
import { writeSync } from 'node:fs';
import { canonical } from '../../src/journal/canonical.ts';
import { leafHash } from '../../src/journal/merkle.ts';
import { openIn, working } from '../support/journals.ts';

const [, , dir = '.'] = process.argv;
const journal = openIn(dir, { now: Date.now });
const stalled = setInterval(() => {
  if (journal.stalled()) writeSync(1, `stalled ${journal.stalled()}\n`);
}, 50);

async function append(n: number): Promise<void> {
  const count = 1 + (n % 5);
  const { events, durable } = journal.append(...Array.from({ length: count }, (_none, i) => working(n + i)));
  await durable;
  // In one write: a line is whole or not there.
  writeSync(1, events.map(event => `${event.seq} ${leafHash(canonical(event))}\n`).join(''));
}

async function agent(): Promise<void> {
  for (let n = 0; ; n++) await append(n);
}

async function signer(): Promise<void> {
  for (;;) {
    const { size } = await journal.checkpoint();
    writeSync(1, `checkpoint ${size}\n`);
  }
}

writeSync(1, `open ${journal.head().seq}\n`);
try {
  await Promise.all([agent(), agent(), agent(), agent(), signer()]);
} finally {
  clearInterval(stalled);
}
