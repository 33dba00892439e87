import { expect, test } from 'vitest';
import { readFacts } from '../../src/gate/facts.ts';

const factsOf = (...argv: readonly string[]) =>
  readFacts({ tool: 'exec', input: { argv: [...argv] }, cwd: '/home/ann/shop' });

test('an argument too long to be read to its end hides nothing there', () => {
  // The cut falls on a line end, so that what stands before it is a program of its own.
  const start = `true ${'a'.repeat(32_768 - 'true '.length)}`;
  for (const command of [
    ['sh', '-c', `${start}\nrm -rf /`],
    ['env', 'bash', '-c', `${start}\nrm -rf /`],
  ]) {
    expect(factsOf(...command).classes).toContain('opaque');
    expect(factsOf(...command).risk).toBeGreaterThanOrEqual(60);
  }
});

test('arguments too many to be read make a command less clear, never harmless', () => {
  const many = Array.from({ length: 1001 }, (_, n) => `f${n}`);
  expect(factsOf('cat', 'f0').risk).toBeLessThan(30);
  expect(factsOf('cat', ...many, '/etc/shadow')).toMatchObject({ inside: false });
  expect(factsOf('cat', ...many, '/etc/shadow').risk).toBeGreaterThanOrEqual(30);
});
