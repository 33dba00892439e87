import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { missingProgram } from '../../src/engine/program.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hms-program-'));
  await writeFile(join(dir, 'run-me'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(dir, 'just-text'), 'x', { mode: 0o644 });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test('finds programs in PATH, by path and relative to the folder', () => {
  expect(missingProgram(['sh', '-c', ':'], dir, '/usr/bin:/bin')).toBeUndefined();
  expect(missingProgram(['run-me'], dir, dir)).toBeUndefined();
  expect(missingProgram(['./run-me'], dir, '')).toBeUndefined();
});

test('says what is missing and what to do', () => {
  expect(missingProgram(['no-such-program'], dir, '/usr/bin:/bin')?.reason).toBe(
    'the program no-such-program is not installed',
  );
  expect(missingProgram(['./just-text'], dir, '')?.hint).toContain('x permission');
  expect(missingProgram(['sh'], join(dir, 'gone'), '/bin')?.reason).toContain('is not there');
});
