import { appendFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Printed, SEGMENT, segmentName } from '../../src/recording/spool.ts';
import { withFolder } from '../support/scratch.ts';

test('what has been printed is counted over all files, also those that are written down and gone', async () => {
  await withFolder(async folder => {
    const dir = join(folder, 'builder.1');
    const printed = new Printed(dir);
    expect(printed.bytes).toBeUndefined();
    mkdirSync(dir);
    writeFileSync(join(dir, 'meta.json'), '{}');
    expect(printed.bytes).toBe(0);
    const file = (n: number): string => join(dir, segmentName(n));
    writeFileSync(file(0), 'hello');
    expect(printed.bytes).toBe(5);
    appendFileSync(file(0), ' you');
    expect(printed.bytes).toBe(9);
    truncateSync(file(0), SEGMENT);
    expect(printed.bytes).toBe(SEGMENT);
    writeFileSync(file(1), 'abc');
    expect(printed.bytes).toBe(SEGMENT + 3);
    rmSync(file(0));
    expect(printed.bytes).toBe(SEGMENT + 3);
    truncateSync(file(1), SEGMENT);
    rmSync(file(1));
    // Several files have come and gone between two looks.
    writeFileSync(file(30), 'xy');
    expect(printed.bytes).toBe(30 * SEGMENT + 2);
    expect(new Printed(dir).bytes).toBe(30 * SEGMENT + 2);
    rmSync(dir, { recursive: true });
    expect(printed.bytes).toBeUndefined();
  });
});
