import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { TOKENS } from '../../src/console/theme.ts';
import { themeSource } from '../../src/console/theme-source.ts';

const root = join(import.meta.dirname, '..', '..');
const load = (name: string): unknown => parse(readFileSync(join(root, 'themes', `${name}.yaml`), 'utf8'));

test('themes.ts is what themes/*.yaml say', async () => {
  const source = themeSource({ dark: load('dark'), mono: load('mono') });
  await expect(source).toMatchFileSnapshot(join(root, 'src', 'console', 'themes.ts'));
});

test('a theme that leaves a meaning without a look is refused by name', () => {
  const { warn: _left, ...rest } = Object.fromEntries(TOKENS.map(t => [t, {}]));
  expect(() => themeSource({ mine: rest })).toThrow('mine: warn is missing');
});

test('a theme with a meaning nobody knows, or a colour that is none, is refused by name', () => {
  const plain = Object.fromEntries(TOKENS.map(t => [t, {}]));
  expect(() => themeSource({ mine: { ...plain, wran: {} } })).toThrow('mine: unknown token wran');
  expect(() => themeSource({ mine: { ...plain, warn: { fg: 'red' } } })).toThrow('mine.warn.fg: not a style');
});
