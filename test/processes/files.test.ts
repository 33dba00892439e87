import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openFiles } from '../../src/processes/files.ts';

const here = { pid: process.pid };

test.runIf(process.platform === 'linux')(
  'counts what processes have open, and passes over those that ended',
  () => {
    const before = openFiles([here]) ?? 0;
    const more = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
    const after = openFiles([here, { pid: 2 ** 22 + 1 }]) ?? 0;
    for (const file of more) closeSync(file);
    expect(after - before).toBe(20);
  },
);

test.runIf(process.platform !== 'linux')('is not known elsewhere', () => {
  expect(openFiles([here])).toBeUndefined();
});
