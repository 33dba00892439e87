/** bin/build.mjs on a small program of its own. */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { build, isStale, withPlainBuiltins } from '../../bin/build.mjs';
import { ROOT } from '../support/program.ts';
import { withFolder } from '../support/scratch.ts';

const MAIN = `
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
const [what] = process.argv.slice(2);
if (what === 'later') console.log((await import('./later.ts')).later());
else console.log(JSON.stringify({ env: process.env['NODE_ENV'], here: path.basename(import.meta.filename), read: readFileSync(import.meta.filename).length > 0 }));
`;

/** A checkout with the real build, this main.ts, and the packages of ours. */
async function withCheckout(body: (root: string) => Promise<void>): Promise<void> {
  await withFolder(async root => {
    await mkdir(join(root, 'src', 'cli'), { recursive: true });
    await mkdir(join(root, 'bin'));
    for (const file of ['bin/boot.mjs', 'bin/no-devtools.mjs', 'package.json', 'tsconfig.json']) {
      await copyFile(join(ROOT, file), join(root, file));
    }
    await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    await writeFile(join(root, 'src', 'cli', 'main.ts'), MAIN);
    await writeFile(join(root, 'src', 'cli', 'later.ts'), `export const later = (): string => 'later';`);
    await body(root);
  });
}

function run(root: string, ...args: string[]): string {
  const ran = spawnSync(process.execPath, [join(root, 'dist', 'hms.mjs'), ...args], { encoding: 'utf8' });
  return ran.status === 0 ? ran.stdout.trim() : `${ran.status}: ${ran.stderr}`;
}

test('the built program runs, for production, and loads the rest when it is needed', async () => {
  await withCheckout(async root => {
    const { files } = await build(root);
    expect(files).toBe(2);
    expect(JSON.parse(run(root))).toEqual({ env: 'production', here: 'main.mjs', read: true });
    expect(run(root, 'later')).toBe('later');
    expect(await readFile(join(root, 'dist', 'main.mjs'), 'utf8')).not.toContain("'later'");
  });
});

test('a build is stale when a source has changed, and only then', async () => {
  await withCheckout(async root => {
    expect(isStale(root)).toBe(true);
    await build(root);
    expect(isStale(root)).toBe(false);
    const main = join(root, 'src', 'cli', 'main.ts');
    await utimes(main, new Date(), new Date());
    expect(isStale(root)).toBe(false);
    await writeFile(main, `${MAIN}\n// more`);
    expect(isStale(root)).toBe(true);
  });
});

test('a program that runs while its sources are built again can still load its own parts', async () => {
  await withCheckout(async root => {
    await build(root);
    const before = await readdir(join(root, 'dist'));
    await writeFile(join(root, 'src', 'cli', 'later.ts'), `export const later = (): string => 'newer';`);
    await build(root);
    expect(run(root, 'later')).toBe('newer');
    const after = await readdir(join(root, 'dist'));
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.length).toBeGreaterThan(before.length);

    const week = new Date(Date.now() - 8 * 24 * 3600 * 1000);
    for (const name of after) await utimes(join(root, 'dist', name), week, week);
    await build(root);
    expect(await readdir(join(root, 'dist'))).toHaveLength(before.length);
    await build(root, { clean: true });
    expect((await stat(join(root, 'dist', 'hms.mjs'))).isFile()).toBe(true);
  });
});

test('sources that cannot be built leave the last build as it was', async () => {
  await withCheckout(async root => {
    await build(root);
    await writeFile(join(root, 'src', 'cli', 'main.ts'), `import './gone.ts';`);
    await expect(build(root, { quiet: true })).rejects.toThrow('Could not resolve');
    expect(JSON.parse(run(root)).env).toBe('production');
    expect(isStale(root)).toBe(true);
  });
});

test('built-ins are asked for as objects, and nothing after the first line moves', () => {
  const code = [
    'const $b=1;',
    'import a from"node:fs";import*as b from"node:path";import{c as d,e}from"util";import f,{g}from"node:net";import"node:os";',
    'import{h}from"./chunk-1.mjs";import i from"canonical";import{j}from"node-pty";await import("node:fs");const k=\'import x from"y"\';',
  ].join('\n');
  const [first, second, third] = withPlainBuiltins(code).split('\n');
  expect(first).toBe(
    'const $b=1;const a=$b("node:fs");const b=$b("node:path");const{c:d,e}=$b("util");const f=$b("node:net");const{g}=$b("node:net");',
  );
  expect(second?.trim()).toBe('');
  expect(second?.length).toBe(code.split('\n')[1]?.length);
  expect(third).toBe(code.split('\n')[2]);
});

const WIDTHS = `
import stringWidth from 'string-width';
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const texts = JSON.parse(process.argv[2] ?? '[]');
console.log(JSON.stringify(texts.map((text: string) => [stringWidth(text), [...segmenter.segment(text)].map(({ segment }) => segment)])));
`;

test('widths and graphemes are what they are in the sources, though their tables wait until they are needed', async () => {
  await withCheckout(async root => {
    await writeFile(join(root, 'src', 'cli', 'main.ts'), WIDTHS);
    await build(root);
    const texts = [
      '',
      'plain',
      '⏎ ⎈ ✓',
      '\u001b[31mred\u001b[0m',
      '你好',
      '👩‍💻 née',
      '✖️',
      'n\u0303',
      '🇩🇪🇨🇭',
    ];
    const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    expect(JSON.parse(run(root, JSON.stringify(texts)))).toEqual(
      texts.map(text => [stringWidth(text), [...graphemes.segment(text)].map(({ segment }) => segment)]),
    );
  });
});
