import { afterEach, expect, test, vi } from 'vitest';
import { strategiesCommand } from '../../src/cli/heal-strategies.ts';
import { StrategyName } from '../../src/model/healing.ts';

afterEach(() => vi.restoreAllMocks());

async function strategies(...args: string[]): Promise<string> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += String(text);
    return true;
  });
  await strategiesCommand().parseAsync(args, { from: 'user' });
  vi.restoreAllMocks();
  return out;
}

test('every strategy declares when it is possible, what shows that it helped, what takes it back, cost and reach', async () => {
  const { strategies: all } = JSON.parse(await strategies('--json')) as {
    strategies: Record<string, unknown>[];
  };
  expect(all.map(({ name }) => name)).toEqual(StrategyName.options);
  for (const one of all) {
    for (const field of ['precondition', 'verification', 'undo', 'reach']) expect(one[field]).toMatch(/\w/);
    expect(one['cost']).toMatchObject({ loses: expect.any(Number), takes_ms: expect.any(Number) });
  }
});

test('one of them is told in full', async () => {
  const text = await strategies('restore');
  expect(text).toContain('taken back by    hms heal undo INCIDENT');
  expect(text).toMatch(/step 2 +take a snapshot of its files as they are/);
  expect(text).toMatch(/gate +it is asked/);
});
