import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFleetFile, shownPath } from '../../src/fleet/load.ts';
import { withFolder } from '../support/scratch.ts';

test('the fleet file is the nearest one, in the folder or above it', async () => {
  await withFolder(async dir => {
    const deep = join(dir, 'a', 'b');
    await mkdir(deep, { recursive: true });
    await writeFile(join(dir, 'hms.yaml'), '');
    expect(await findFleetFile(deep)).toBe(join(dir, 'hms.yaml'));
    await writeFile(join(dir, 'a', 'hms.yml'), '');
    expect(await findFleetFile(deep)).toBe(join(dir, 'a', 'hms.yml'));
    await writeFile(join(dir, 'a', 'hms.yaml'), '');
    expect(await findFleetFile(deep)).toBe(join(dir, 'a', 'hms.yaml'));
    await mkdir(join(deep, 'hms.yaml'));
    expect(await findFleetFile(deep)).toBe(join(dir, 'a', 'hms.yaml'));
  });
});

test('it is not looked for above the home folder', async () => {
  await withFolder(async dir => {
    const home = join(dir, 'home');
    await mkdir(join(home, 'work'), { recursive: true });
    await writeFile(join(dir, 'hms.yaml'), '');
    expect(await findFleetFile(join(home, 'work'), { HOME: home })).toBeUndefined();
    await writeFile(join(home, 'hms.yaml'), '');
    expect(await findFleetFile(join(home, 'work'), { HOME: home })).toBe(join(home, 'hms.yaml'));
  });
});

test.runIf(process.getuid?.() === 0)(
  'one that another user put there is refused, unless they became root by sudo',
  async () => {
    await withFolder(async dir => {
      await mkdir(join(dir, 'work'));
      await writeFile(join(dir, 'hms.yaml'), '');
      await chown(join(dir, 'hms.yaml'), 12_345, 12_345);
      await expect(findFleetFile(join(dir, 'work'), {})).rejects.toThrow('belongs to another user');
      expect(await findFleetFile(join(dir, 'work'), { SUDO_UID: '12345' })).toBe(join(dir, 'hms.yaml'));
    });
  },
);

test('a path is shown relative to the current folder where it lies in it', () => {
  expect(shownPath('/a/b/hms.yaml', '/a')).toBe('b/hms.yaml');
  expect(shownPath('/a/b/hms.yaml', '/a/c')).toBe('/a/b/hms.yaml');
  expect(shownPath('/a', '/a')).toBe('/a');
});
