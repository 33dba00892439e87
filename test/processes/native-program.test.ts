import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findNative, nativePlaces, packageRoot } from '../../src/processes/native-program.ts';
import { withFolder } from '../support/scratch.ts';

test('the helper is the one that is named, else the package’s, else the checkout’s', async () => {
  await withFolder(async dir => {
    const [packed = '', built = ''] = nativePlaces(dir);
    expect(findNative({}, dir)).toBeUndefined();
    for (const place of [built, packed]) {
      await mkdir(join(place, '..'), { recursive: true });
      await writeFile(place, '');
      expect(findNative({}, dir)).not.toBe(place);
      await chmod(place, 0o755);
      expect(findNative({}, dir)).toBe(place);
    }
    expect(findNative({ HMS_NATIVE: built }, dir)).toBe(built);
    expect(findNative({ HMS_NATIVE: 'off' }, dir)).toBeUndefined();
    expect(findNative({ HMS_NATIVE: dir }, dir)).toBeUndefined();
  });
});

test('the package is found from any folder in it', async () => {
  await withFolder(async dir => {
    await writeFile(join(dir, 'package.json'), '{}');
    expect(packageRoot(join(dir, 'src', 'processes'))).toBe(dir);
    expect(packageRoot(join(dir, 'dist'))).toBe(dir);
  });
});
