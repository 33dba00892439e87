import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/journal/reader.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { journalIn, openIn } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

const program = join(import.meta.dirname, 'append-under-load.ts');

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  said(): string;
  /** Seq of the last event it said was durable. */
  durable(): number;
}

/** Starts a command line that ends in the program, and hears what it says. */
async function withProgram(
  command: readonly string[],
  body: (running: Running) => Promise<void>,
): Promise<void> {
  const [file = '', ...args] = command;
  // A group of its own: whatever of it is left in the end is ended together.
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const exited = once(child, 'exit');
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += `\n! ${text}`;
  });
  const seqs = () => [...said.matchAll(/^(\d+) [0-9a-f]{64}$/gm)].map(match => Number(match[1]));
  try {
    await body({ child, said: () => said, durable: () => seqs().at(-1) ?? 0 });
  } finally {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, 'SIGKILL');
    await exited;
  }
}

function headOf(path: string): number {
  const reader = openReader(path);
  try {
    return reader.head().seq;
  } finally {
    reader.close();
  }
}

/** May this machine give a test a disk of its own, of a size it chooses? */
const ownDisk =
  spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs -o size=64k none /mnt']).status === 0;

describe('a disk that takes no more', () => {
  it('is said, acknowledges nothing more, and leaves a journal that verifies', async () => {
    await withFolder(async dir => {
      const { path } = journalIn(dir);
      // No file may grow beyond 512 blocks of 512 or 1024 bytes: the system refuses as a broken disk would.
      const limited = ['sh', '-c', 'ulimit -f 512 && exec "$@"', 'sh', process.execPath, program, dir];
      let last = 0;
      await withProgram(limited, async ({ said, durable }) => {
        await waitFor(() => said().includes('stalled'), { what: 'it to say that it is stalled' });
        expect(said()).toMatch(/stalled the disk .*; \d+ events? waits? from \d+ on/);
        last = durable();
      });
      expect(last).toBeGreaterThan(0);
      expect(headOf(path)).toBeGreaterThanOrEqual(last);
      expect(verifyJournal(path)).toMatchObject({ ok: true });
      // And it goes on once the disk does.
      const journal = openIn(dir, { now: Date.now });
      await journal.checkpoint();
      journal.close();
      expect(verifyJournal(path)).toMatchObject({ ok: true });
    });
  });

  it.skipIf(!ownDisk)(
    'is waited for: everything goes on where it stopped once there is room again',
    async () => {
      await withFolder(async dir => {
        const [disk, copy] = [join(dir, 'disk'), join(dir, 'copy')];
        await Promise.all([mkdir(disk), mkdir(copy)]);
        // A disk of 1 MB with 300 kB on it, which a line on standard input frees. Another line ends it all.
        const script = `
        mount -t tmpfs -o size=1m none ${disk} && head -c 300000 /dev/zero > ${disk}/ballast || exit 9
        "$@" & program=$!
        read -r line; rm ${disk}/ballast
        read -r line; kill -9 $program; cp ${disk}/journal.* ${copy} && echo copied`;
        const onDisk = ['unshare', '-Urm', 'sh', '-c', script, 'sh', process.execPath, program, disk];
        await withProgram(onDisk, async ({ child, said, durable }) => {
          await waitFor(() => said().includes('stalled'), { what: 'the disk to be full' });
          expect(said()).toMatch(/stalled the disk is full; \d+ events? waits? from \d+ on/);
          const before = durable();
          expect(before).toBeGreaterThan(0);
          child.stdin.write('free\n');
          await waitFor(() => durable() > before, { what: 'events to become durable again' });
          const after = durable();
          child.stdin.write('end\n');
          await waitFor(() => said().includes('copied'), { what: 'the copy' });
          expect(headOf(journalIn(copy).path)).toBeGreaterThanOrEqual(after);
          expect(verifyJournal(journalIn(copy).path)).toMatchObject({ ok: true });
        });
      });
    },
  );
});
