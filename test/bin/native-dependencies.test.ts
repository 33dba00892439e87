/** What the Rust crate brings along: exact, told in docs/dependencies.md, under licences we may ship, each once. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ROOT } from '../support/program.ts';

const CRATE = join(ROOT, 'native');
const MANIFEST = readFileSync(join(CRATE, 'Cargo.toml'), 'utf8');
const Metadata = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      license: z.string().nullable(),
      source: z.string().nullable(),
      rust_version: z.string().nullable(),
      dependencies: z.array(z.object({ name: z.string(), req: z.string(), kind: z.string().nullable() })),
    }),
  ),
});

/** One of these is enough where a crate gives a choice; all of them where it asks for several. */
const LICENCES = new Set([
  'MIT',
  'Apache-2.0',
  'Unicode-3.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'Unlicense',
  'Zlib',
]);

const cargo = (...args: string[]): string =>
  execFileSync('cargo', args, {
    cwd: CRATE,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
/** Without the crates' sources nothing can be told of them: set-up brings them. */
const asked = spawnSync('cargo', ['metadata', '--locked', '--offline', '--format-version', '1'], {
  cwd: CRATE,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
});
const known = asked.status === 0;

test('every crate of ours is exact, and has its line in docs/dependencies.md', () => {
  const wanted = [...MANIFEST.matchAll(/^([a-z][\w-]*) = (?:"([^"]*)"|\{[^}]*version = "([^"]*)")/gm)]
    .filter(([, , plain, long]) => /\d/.test(plain ?? long ?? ''))
    .map(([, name = '', plain, long]) => [name, plain ?? long ?? ''] as const)
    .filter(([name]) => !['version', 'edition', 'rust-version'].includes(name));
  expect(wanted.length).toBeGreaterThan(3);
  for (const [name, version] of wanted) expect(version, name).toMatch(/^=\d+\.\d+\.\d+$/);
  const [, section = ''] = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8').split(
    '## The native helper',
  );
  const told = [...section.matchAll(/^\| \*\*([\w-]+)\*\* \|/gm)].map(([, name]) => name);
  expect(told.toSorted()).toEqual(wanted.map(([name]) => name).toSorted());
});

describe.skipIf(!known)('the crates below', () => {
  const { packages } = known ? Metadata.parse(JSON.parse(asked.stdout)) : { packages: [] };

  test('are under licences that may be shipped with ours', () => {
    const allowed = (licence: string): boolean =>
      licence.split(/ AND /).every(part =>
        part
          .replace(/[()]/g, '')
          .split(/ OR | ?\/ ?/)
          .some(one => LICENCES.has(one.trim())),
      );
    expect(packages.length).toBeGreaterThan(20);
    for (const { name, license } of packages)
      expect(allowed(license ?? ''), `${name}: ${license}`).toBe(true);
  });

  test('come from the registry alone', () => {
    const others = packages.filter(({ source }) => source !== null && !source.startsWith('registry+'));
    expect(others.map(({ name }) => name)).toEqual([]);
    expect(packages.filter(({ source }) => source === null).map(({ name }) => name)).toEqual(['hms-native']);
  });

  test('run on the Rust we say is enough', () => {
    const minorOf = (version: string | null | undefined): number =>
      Number(/^1\.(\d+)/.exec(version ?? '1.0')?.[1]);
    const least = minorOf(/^rust-version = "([\d.]+)"/m.exec(MANIFEST)?.[1]);
    expect(least).toBeGreaterThan(80);
    const lines = cargo('tree', '-e', 'normal', '--locked', '--offline', '--prefix', 'none').split('\n');
    const shipped = new Set(lines.map(line => line.split(' ').slice(0, 2).join(' ')));
    for (const { name, version, rust_version } of packages) {
      if (!shipped.has(`${name} v${version}`)) continue;
      expect(minorOf(rust_version), `${name} wants Rust ${rust_version}`).toBeLessThanOrEqual(least);
    }
  });

  test('are in the program once each', () => {
    expect(cargo('tree', '--duplicates', '-e', 'normal,no-proc-macro', '--locked', '--offline').trim()).toBe(
      '',
    );
  });
});
