import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fleetSchemaText, knownKeys, SCHEMA_FILE } from '../../src/fleet/schema.ts';
import { hintFor, suggest } from '../../src/fleet/suggest.ts';
import { ROOT } from '../support/program.ts';

test('the committed JSON Schema is the one of the sources: hms config schema > schema/hms.schema.json', async () => {
  expect(await readFile(join(ROOT, SCHEMA_FILE), 'utf8')).toBe(fleetSchemaText());
});

test('the schema describes what people write, not what we make of it', () => {
  const schema = JSON.parse(fleetSchemaText());
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.required).toEqual(['fleet', 'agents']);
  expect(schema.properties.approvals.properties.ttl.type).toBe('string');
});

test('the keys that are possible somewhere are known from it', () => {
  expect(knownKeys([])).toContain('policies');
  expect(knownKeys(['agents', 'anyone'])).toContain('restart');
  expect(knownKeys(['agents', 'anyone', 'restart'])).toEqual(['when', 'max', 'within', 'from', 'to']);
  expect(knownKeys(['operators', 'alice'])).toEqual(['role']);
  expect(knownKeys(['agents'])).toEqual([]);
  expect(knownKeys(['nowhere', 'at', 'all'])).toEqual([]);
});

describe('did you mean', () => {
  test.each([
    ['comand', 'command'],
    ['commnad', 'command'],
    ['Driver', 'driver'],
    ['policy', undefined],
    ['x', undefined],
    ['', undefined],
    ['capabilites', 'capabilities'],
  ])('%j → %s', (word, meant) => {
    expect(suggest(word, ['command', 'driver', 'capabilities', 'policies'])).toBe(meant);
  });

  test('the nearest is meant, and without one all are named', () => {
    expect(suggest('aler', ['alert', 'alter', 'later'])).toBe('alert');
    expect(hintFor('zzz', ['a', 'b'])).toBe('it is one of a, b');
    expect(hintFor('zzz', ['a'])).toBe('only "a" is possible');
    expect(hintFor('zzz', [])).toBe('');
  });
});
