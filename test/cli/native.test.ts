import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nativeCommand, runNative } from '../../src/cli/native.ts';
import { nativeRemedy } from '../../src/processes/native-program.ts';
import { startNode } from '../support/agent-desk.ts';
import { bundle } from '../support/bundle.ts';
import { withFolder } from '../support/scratch.ts';

test('the helper’s verbs have its own arguments, streams and exit code', async () => {
  await withFolder(async dir => {
    const code = "import { runNative } from './src/cli/native.ts'; await runNative(process.argv.slice(2));";
    const program = await bundle(dir, 'native', code);
    const helper = join(dir, 'helper');
    await writeFile(helper, '#!/bin/sh\nread -r word; echo "$word, $*"; echo no >&2; exit 7\n', {
      mode: 0o755,
    });
    const env = { PATH: process.env.PATH, HMS_NATIVE: helper };
    const ran = await startNode([program, 'top', '--json', '1'], env, 'hello\n').ended;
    expect(ran).toMatchObject({ stdout: 'hello, top --json 1\n', stderr: 'no\n', code: 7 });
    await writeFile(helper, '#!/bin/sh\nkill -TERM $$\n');
    expect(await startNode([program], env).ended).toMatchObject({ code: 143 });
  });
});

test('without it, a sentence and what to do', async () => {
  await expect(runNative(['top'], { HMS_NATIVE: 'off' })).rejects.toMatchObject({ code: 'no-native' });
  await withFolder(async dir => {
    expect(nativeRemedy({}, dir)).toContain('no sources');
  });
  expect(nativeRemedy({})).toMatch(
    /cargo build --release --locked --manifest-path \S+\/native\/Cargo\.toml$/,
  );
});

test('our help names its verbs also where it is missing', () => {
  let text = '';
  nativeCommand()
    .configureOutput({
      writeOut: part => {
        text += part;
      },
    })
    .outputHelp();
  for (const verb of ['watch', 'top', 'tail', 'hook', 'proxy', 'capabilities'])
    expect(text).toContain(`\n  ${verb} `);
});
