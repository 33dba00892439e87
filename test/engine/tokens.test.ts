import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTokens } from '../../src/engine/tokens.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hms-tokens-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test('a token names its agent and incarnation, also for the next engine', () => {
  const token = openTokens(join(dir, 'secret')).make('builder', 3);
  expect(openTokens(join(dir, 'secret')).read(token)).toEqual({ agent: 'builder', incarnation: 3 });
});

test('only the owner may read the secret', async () => {
  openTokens(join(dir, 'secret'));
  expect((await stat(join(dir, 'secret'))).mode & 0o777).toBe(0o600);
});

test('no changed token is anybody’s', () => {
  const tokens = openTokens(join(dir, 'secret'));
  const token = tokens.make('builder', 3);
  expect(tokens.read(token.replace('builder', 'deploy'))).toBeUndefined();
  expect(tokens.read(token.replace('.3.', '.4.'))).toBeUndefined();
  fc.assert(fc.property(fc.string(), text => text === token || tokens.read(text) === undefined));
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom('a', '0', '_', '.'), (at, char) => {
      const changed = token.slice(0, at) + char + token.slice(at + 1);
      return changed === token || tokens.read(changed) === undefined;
    }),
  );
});

test('a token of another fleet is refused', () => {
  expect(
    openTokens(join(dir, 'other')).read(openTokens(join(dir, 'secret')).make('builder', 1)),
  ).toBeUndefined();
});
