/** What package.json, the lock file and docs/dependencies.md say must agree. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { ROOT } from '../support/program.ts';

const Versions = z.record(z.string(), z.string()).default({});
const Package = z.object({
  dependencies: Versions,
  optionalDependencies: Versions,
  devDependencies: Versions,
});
const Locked = z.object({
  version: z.string().optional(),
  /** Old packages give a list. */
  license: z.union([z.string(), z.array(z.string())]).optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  optional: z.boolean().optional(),
  optionalDependencies: Versions,
});
const Lock = z.object({ packages: z.record(z.string(), Locked) });

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const { dependencies, optionalDependencies, devDependencies } = Package.parse(
  JSON.parse(read('package.json')),
);
const direct = { ...dependencies, ...optionalDependencies, ...devDependencies };
const { packages } = Lock.parse(JSON.parse(read('package-lock.json')));

test('every dependency is exact', () => {
  for (const [name, version] of Object.entries(direct)) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
});

test('every dependency has its line, with its licence, and there are no lines of others', () => {
  const lines = read('docs/dependencies.md')
    .split('\n')
    .flatMap(line => {
      const [, names = '', , , , licence = ''] = line.split('|').map(cell => cell.trim());
      return [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => [name, licence] as const);
    });
  const licences = Object.keys(direct).map(
    name => [name, packages[`node_modules/${name}`]?.license] as const,
  );
  expect(Object.fromEntries(lines)).toEqual(Object.fromEntries(licences));
});

test('the lock file says what the bytes are, not where they came from', () => {
  for (const [path, locked] of Object.entries(packages)) {
    expect(locked.resolved, path).toBeUndefined();
    if (path !== '') expect(locked.integrity, path).toMatch(/^sha512-/);
  }
});

test('the lock file holds the packages of every platform, so that npm ci works on all', () => {
  for (const [path, { optionalDependencies }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
      expect(
        places.some(place => packages[place] !== undefined),
        `${name} of ${path}`,
      ).toBe(true);
    }
  }
});

test('what people install holds everything the program needs beside itself', () => {
  const { files } = z.object({ files: z.array(z.string()) }).parse(JSON.parse(read('package.json')));
  for (const name of files.filter(file => file !== 'dist'))
    expect(existsSync(join(ROOT, name)), name).toBe(true);
});
