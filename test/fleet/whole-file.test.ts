import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from '../../src/fleet/whole-file.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hms-whole-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('many who write at once leave one text, whole, readable by its owner only, and nothing beside it', async () => {
  const file = join(dir, 'card.json');
  const texts = Array.from({ length: 20 }, (_, n) => JSON.stringify(String(n).repeat(20_000 + n)));
  await Promise.all(texts.map(text => writeWhole(file, text)));
  expect(texts).toContain(readFileSync(file, 'utf8'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(['card.json']);
});

test('what cannot be put in its place leaves nothing behind', async () => {
  mkdirSync(join(dir, 'taken', 'by'), { recursive: true });
  await expect(writeWhole(join(dir, 'taken'), 'x')).rejects.toThrow();
  expect(readdirSync(dir)).toEqual(['taken']);
});
