import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { Disks } from '../../../src/cells/healer/disks.ts';

test('who works on a disk hears how full it is, every half minute; a folder that is gone has none', async () => {
  const told: [string, number][] = [];
  const disks = new Disks((agent, share) => told.push([agent, share]));
  const folders = new Map([
    ['a', tmpdir()],
    ['b', tmpdir()],
    ['c', '/no/such/folder'],
  ]);
  await disks.look(folders, 1000);
  expect(told.map(([agent]) => agent)).toEqual(['a', 'b']);
  for (const [, share] of told) {
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  }
  await disks.look(folders, 30_999);
  expect(told).toHaveLength(2);
  await disks.look(folders, 31_000);
  expect(told).toHaveLength(4);
});
