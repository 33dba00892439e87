import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { benches, table } from '../../bin/bench.mjs';
import { ROOT } from '../support/program.ts';
import { withFolder } from '../support/scratch.ts';

test('a benchmark is a file that exports run, told by the first sentence of its comment', async () => {
  await withFolder(async dir => {
    await mkdir(join(dir, 'bench'));
    await writeFile(
      join(dir, 'bench', 'fast.ts'),
      '/**\n * How fast it is. Not\n * more.\n */\nexport async function run() {}\n',
    );
    await writeFile(join(dir, 'bench', 'slow.ts'), 'export const run = async () => ({});\n');
    await writeFile(join(dir, 'bench', 'stats.ts'), '/** Shared. */\nexport const running = 1;\n');
    expect([...benches(dir)]).toEqual([
      ['fast', 'How fast it is.'],
      ['slow', ''],
    ]);
    expect([...benches(join(dir, 'nowhere'))]).toEqual([]);
  });
});

test('figures are shown with four digits that count', () => {
  expect(table({ a: 0.00123456, append_per_s: 52_345.67 })).toEqual([
    '  a             0.001235',
    '  append_per_s  52350',
  ]);
});

test('an unknown name is answered with the known ones', () => {
  const ran = spawnSync(process.execPath, [join(ROOT, 'bin', 'bench.mjs'), 'nosuch'], { encoding: 'utf8' });
  expect(ran.status).toBe(1);
  expect(ran.stderr).toMatch(/^bench: there is no bench nosuch\. There are: .*recovery/);
});
