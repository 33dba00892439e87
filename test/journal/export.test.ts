import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, exportBundle, exportLines, tilePath } from '../../src/journal/export.ts';
import { leafHash } from '../../src/journal/merkle.ts';
import { openReader } from '../../src/journal/reader.ts';
import { journalIn, noted, openIn, working } from '../support/journals.ts';
import { withFolder } from '../support/scratch.ts';

let dir: string;
let out: string;
let bundle: Bundle;
let early: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hms-t-'));
  out = join(dir, 'bundle');
  const journal = openIn(dir);
  await journal.append(...Array.from({ length: 99 }, (_none, n) => working(n))).durable;
  early = (await journal.checkpoint()).note;
  // One event that does not fit a tlog-tiles entry, one that just does, text that is not ASCII.
  journal.append(noted('x'.repeat(70_000)), noted('é'.repeat(32_000)), noted('日本 💥'));
  await journal.append(...Array.from({ length: 500 }, (_none, n) => working(n))).durable;
  await journal.checkpoint();
  await journal.append(working(1)).durable;
  journal.close();
  bundle = exportBundle(journalIn(dir).path, out);
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function check(at: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(at, 'verify.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { status, says: stdout + stderr };
}

function filesIn(at: string): string[] {
  return readdirSync(at, { recursive: true, encoding: 'utf8' })
    .filter(name => statSync(join(at, name)).isFile())
    .sort();
}

/** The answer of the verifier on a copy of which one file was changed. */
function changed(name: string, change: (bytes: Buffer) => Uint8Array | undefined) {
  const copy = join(dir, 'changed');
  rmSync(copy, { recursive: true, force: true });
  cpSync(out, copy, { recursive: true });
  const file = join(copy, name);
  const bytes = change(readFileSync(file));
  if (bytes === undefined) rmSync(file);
  else writeFileSync(file, bytes);
  return check(copy, '--vkey', bundle.vkey);
}

describe('a bundle', { timeout: 60_000 }, () => {
  it('has the layout of tlog-tiles', () => {
    expect(bundle).toMatchObject({ size: 603, files: filesIn(out).length });
    expect(filesIn(out)).toEqual([
      'README.txt',
      'checkpoint',
      'large/100',
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/91',
      'tile/1/000.p/2',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/91',
      'verify.mjs',
      'vkey',
    ]);
    expect(statSync(join(out, 'tile/0/000')).size).toBe(8192);
    expect(readFileSync(join(out, 'tile/1/000.p/2')).length).toBe(64);
    // The example of the specification.
    expect([tilePath(0), tilePath(999), tilePath(1000), tilePath(1234067)]).toEqual([
      '000',
      '999',
      'x001/000',
      'x001/x234/067',
    ]);
  });

  it('is found good by a verifier that needs nothing else', () => {
    expect(check(out)).toMatchObject({
      status: 0,
      says: expect.stringMatching(/^good: 603 events of hms\/test-00000001.*\n.*names itself/),
    });
    expect(check(out, '--vkey', bundle.vkey)).toMatchObject({
      status: 0,
      says: expect.stringContaining(bundle.root),
    });
  });

  it('is found bad when any byte of it was changed', () => {
    const names = filesIn(out).filter(name => !/README|verify|vkey/.test(name));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), (name, at, mask) => {
        const answer = changed(name, bytes => {
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ mask;
          return bytes;
        });
        // A length that grows into another event may leave it unreadable; nothing is ever found good.
        expect(answer.status).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });

  it('names the event that was changed, and says what is missing', () => {
    const subject = changed('tile/entries/001', bytes => {
      const at = bytes.indexOf('agent:builder');
      bytes.write('crawler', at + 6);
      return bytes;
    });
    expect(subject).toMatchObject({ status: 1, says: expect.stringMatching(/BAD: event 257 /) });
    expect(changed('large/100', bytes => bytes.fill('y', 5000, 5010))).toMatchObject({
      status: 1,
      says: expect.stringMatching(/event 101 does not have its hash/),
    });
    expect(changed('tile/entries/002.p/91', bytes => bytes.subarray(0, -9))).toMatchObject({
      status: 1,
      says: expect.stringMatching(/event 603 is missing or cut off/),
    });
    expect(changed('tile/0/001', () => undefined).status).toBe(2);
    expect(changed('checkpoint', () => Buffer.from(early))).toMatchObject({ status: 2 });
  });

  it('is held against a key and a checkpoint from elsewhere', async () => {
    await withFolder(async other => {
      const old = join(other, 'old');
      writeFileSync(old, early);
      expect(check(out, '--vkey', bundle.vkey, '--old', old).status).toBe(0);
      const theirs = openIn(other);
      const { note } = await theirs.checkpoint();
      await theirs.append(working(5)).durable;
      theirs.close();
      const { vkey } = exportBundle(journalIn(other).path, join(other, 'bundle'));
      expect(check(out, '--vkey', vkey)).toMatchObject({
        status: 1,
        says: expect.stringMatching(/not signed by/),
      });
      writeFileSync(old, note);
      expect(check(out, '--vkey', bundle.vkey, '--old', old).status).toBe(1);
      expect(check(join(other, 'bundle'))).toMatchObject({
        status: 0,
        says: expect.stringMatching(/^good: 0 events/),
      });
      // The same log, cut off below what somebody kept.
      const late = join(other, 'late');
      writeFileSync(late, readFileSync(join(out, 'checkpoint')));
      const cut = join(other, 'cut');
      cpSync(out, cut, { recursive: true });
      writeFileSync(join(cut, 'checkpoint'), early);
      expect(check(cut, '--vkey', bundle.vkey, '--old', late)).toMatchObject({
        status: 1,
        says: expect.stringMatching(/event 100 is missing/),
      });
    });
  });

  it('is not made of what is unsigned, nor over what is there', async () => {
    await withFolder(async other => {
      const journal = openIn(other);
      await journal.append(working(1)).durable;
      expect(() => exportBundle(journalIn(other).path, join(other, 'b'))).toThrow(
        expect.objectContaining({ code: 'no-checkpoint' }),
      );
      await journal.checkpoint();
      expect(() => exportBundle(journalIn(other).path, other)).toThrow(
        expect.objectContaining({ code: 'not-empty' }),
      );
      journal.close();
    });
  });
});

describe('JSON lines', () => {
  it('are the stored bytes, so that their hashes are the leaves', () => {
    const lines: string[] = [];
    expect(exportLines(journalIn(dir).path, text => lines.push(...text.split('\n').slice(0, -1)))).toBe(605);
    const reader = openReader(journalIn(dir).path);
    expect(leafHash(lines.at(-1) ?? '')).toBe(reader.head().hash);
    expect(lines.map(line => JSON.parse(line))).toEqual([...reader.read()]);
    reader.close();
  });
});
