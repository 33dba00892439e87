import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quoteWord } from '../../src/model/shell-words.ts';
import { waitFor } from '../support/wait.ts';
import { only, start, withServer } from './fixture.ts';

describe("a pane's pipe", () => {
  test('gets everything from the first byte on, and the pane’s size, whatever its path is', async () => {
    await withServer(async (server, { dir }) => {
      const odd = join(dir, "a #{pid} %H 'b' $x");
      await mkdir(odd);
      const out = join(odd, 'out');
      const pipe = `cd ${quoteWord(odd)}; echo "$HMS_PANE" > size; cat > out`;
      const { pane } = await server.startPane(start({ argv: ['sh', '-c', 'echo first; exec cat'], pipe }));
      await waitFor(async () => (await readFile(out, 'utf8')) === 'first\r\n', { what: 'the first line' });
      expect(await readFile(join(odd, 'size'), 'utf8')).toMatch(/^80 24 (?:tmux|screen)-256color\n$/);
      expect(only(await server.listPanes(), 'builder').piped).toBe(true);
      await server.pipe(pane, `cat > ${quoteWord(join(odd, 'second'))}`);
      await server.sendText(pane, 'typed', true);
      await waitFor(async () => (await readFile(join(odd, 'second'), 'utf8')).includes('typed'), {
        what: 'the other pipe',
      });
      expect(await readFile(out, 'utf8')).toBe('first\r\n');
      await server.killPane(pane);
      await server.pipe(pane, 'cat');
    });
  });
});
