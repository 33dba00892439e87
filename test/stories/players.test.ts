/** What the built program recorded, played by the players it is for: an agent's pane and an operator's stage. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asciinema, plays } from '../support/asciinema.ts';
import { withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

for (const { major, format } of [
  { major: 3, format: 'v3' },
  { major: 2, format: 'v2' },
]) {
  const player = asciinema(major) ?? '';
  test.skipIf(!player)(
    `asciinema ${major} plays what an agent printed and what its operator saw`,
    async () => {
      await withProgram(async program => {
        await program.fleet(`fleet: played
agents:
  painter:
    command: [sh, -c, 'printf "\\033[1;38;2;255;120;0m漢字 😀\\033[0m e\\314\\201nd\\r\\n"; read line; echo "over: $line"; exit 3']
    restart: never
`);
        await program.hms('up');
        const console = await program.terminal(['attach', '--mode', 'collaborate']);
        await console.shows('painter');
        await console.press('1', 'Enter');
        await console.shows('COLLABORATE', '⌨ you', '漢字');
        await console.type('so it is');
        await console.press('Enter');
        await console.shows('over: so it is');
        await console.press('C-\\');
        await console.shows('Agents');
        await console.press('q');
        await console.ended();
        const { recordings } = await waitFor(
          async () => {
            const said = await program.json<{ recordings: { file: string; verdict: string }[] }>(
              'record',
              'verify',
            );
            return (
              said.recordings.length === 2 && said.recordings.every(r => r.verdict === 'complete') && said
            );
          },
          { what: 'both recordings to be complete', deadlineMs: 30_000, everyMs: 100 },
        );
        for (const { file } of recordings) {
          const name = file.replace(/\.cast$/, '');
          const cast = join(program.dir, `${name}.${format}`);
          expect((await program.hms('record', 'export', name, '--format', format, '-o', cast)).code).toBe(0);
          await plays(player, cast, '漢字 😀', 'over: so it is');
          if (major < 3) continue;
          const text = join(program.dir, `${name}.txt`);
          execFileSync(player, ['convert', '-f', 'txt', cast, text]);
          expect(readFileSync(text, 'utf8')).toContain('漢字');
        }
      });
    },
  );
}
