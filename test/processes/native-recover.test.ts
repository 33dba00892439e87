import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recoverFaults } from '../../src/processes/native-recover.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hms-recover-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A helper whose `recover` prints this and ends like that. */
function helper(script: string): string {
  const program = join(folder, 'helper');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return program;
}

const left = { id: 'x.1', phase: 'failed', at: 1, because: 'recovered', detail: {}, residues: ['a file'] };
const journal = (id: string): string => join(folder, `undo-${id}.jsonl`);

test('what recover finds is said, and of a journal that is gone that its guardian has seen to it', async () => {
  writeFileSync(journal('x.1'), '');
  const program = helper(`[ "$1" = recover ] && echo '${JSON.stringify([left])}'; exit 1`);
  const found = await recoverFaults(program, folder, ['x.1', 'x.2']);
  expect(found).toMatchObject([left, { id: 'x.2', phase: 'reverted', because: 'guardian', residues: [] }]);
});

test('a guardian that is still at it is waited for', async () => {
  writeFileSync(journal('x.1'), '');
  const program = helper(`[ -e "$2/once" ] && rm "$2/undo-x.1.jsonl"; : >"$2/once"; echo '[]'`);
  expect(await recoverFaults(program, folder, ['x.1'])).toMatchObject([{ id: 'x.1', phase: 'reverted' }]);
});

test('a recover that prints nonsense, or cannot be run, leaves it to the journals', async () => {
  const nonsense = helper('echo nonsense');
  for (const program of [nonsense, join(folder, 'nobody')])
    expect(await recoverFaults(program, folder, ['x.3'])).toMatchObject([{ phase: 'reverted' }]);
});
