/** What is typed into a pty that has closed meanwhile. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node-pty';
import { expect, test } from 'vitest';
import { PtyInput } from '../../src/tmux/pty-input.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

test('a pty whose other side has hung up is written to no more: its number may be another file’s by now', async () => {
  await withFolder(async dir => {
    // It lives on, so that no end of a process says anything.
    const pty = spawn('sh', ['-c', 'exec sleep 1000 <&- >&- 2>&-'], { encoding: null });
    const input = new PtyInput(pty);
    const fd = Number('fd' in pty ? pty.fd : Number.NaN);
    const files: number[] = [];
    try {
      expect(isOpen(fd)).toBe(true);
      await waitFor(() => !isOpen(fd), { what: 'the pty to close' });
      const file = join(dir, 'another');
      while (!isOpen(fd)) files.push(openSync(file, 'a'));
      input.write(Buffer.from('typed'));
      expect(readFileSync(file, 'utf8')).toBe('');
    } finally {
      for (const one of files) closeSync(one);
      pty.kill('SIGKILL');
    }
  });
});
