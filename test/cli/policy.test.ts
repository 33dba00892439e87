import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { policyCommand } from '../../src/cli/policy.ts';
import { DEFAULT, FLOOR } from '../../src/gate/default-policy.ts';
import { SCHEMA } from '../../src/gate/schema.ts';
import { withFolder } from '../support/scratch.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** `hms policy ARGS`: what it prints on both streams, and its exit code. */
async function policy(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  const said = { out: '', err: '' };
  for (const [stream, key] of [
    [process.stdout, 'out'],
    [process.stderr, 'err'],
  ] as const) {
    vi.spyOn(stream, 'write').mockImplementation(text => {
      said[key] += String(text);
      return true;
    });
  }
  process.exitCode = undefined;
  await policyCommand().parseAsync(args, { from: 'user' });
  vi.restoreAllMocks();
  return { ...said, code: Number(process.exitCode ?? 0) };
}

async function withPolicy(text: string, use: (file: string) => Promise<void>): Promise<void> {
  await withFolder(async dir => {
    const file = join(dir, 'p.cedar');
    await writeFile(file, text);
    await use(file);
  });
}

test('a good policy is fine', async () => {
  await withPolicy(DEFAULT, async file => {
    expect(await policy('check', file)).toEqual({ out: '', err: 'The policy is fine.\n', code: 0 });
    expect(JSON.parse((await policy('check', file, '--json')).out)).toEqual({
      ok: true,
      usable: true,
      problems: [],
    });
  });
});

test('every error of a broken one is named with its place', async () => {
  await withPolicy(
    'permit (principal, action, resource) when { context.riskk < 2 };\n@ttl("x") permit (principal, action, resource);',
    async file => {
      const { out, code } = await policy('check', file);
      expect(out).toContain(`${file}:1:`);
      expect(out).toContain('did you mean');
      expect(out).toContain(`${file}:2:1: @ttl("x") is no duration`);
      expect(code).toBe(1);
    },
  );
});

test('a warning is a reason to look again', async () => {
  await withPolicy(
    'forbid (principal, action, resource) when { context.programs.contains("rм") };',
    async file => {
      const { out, err, code } = await policy('check', file);
      expect(out).toMatch(/^warning: .*mixed scripts/);
      expect(err).toContain('not what it seems');
      expect(code).toBe(1);
    },
  );
});

test('a file that is not there is not a policy', async () => {
  await expect(policy('check', '/nowhere/x.cedar')).rejects.toThrow('cannot read /nowhere/x.cedar');
  expect(process.exitCode).toBe(2);
});

test('what is shown is the policy and the schema', async () => {
  const { out } = await policy('show');
  for (const line of [FLOOR, DEFAULT, SCHEMA].join('\n').split('\n')) expect(out).toContain(line);
  expect((await policy('show', '--schema')).out.trim()).toBe(SCHEMA.trim());
  // What is shown can be used as it is.
  await withPolicy(out, async file => expect((await policy('check', file)).code).toBe(0));
});

test('explaining says the verdict, why, and the facts behind it', async () => {
  const { out } = await policy('explain', '--cwd', '/home/ann/shop', '--', 'rm', '-rf', 'build', '../x');
  expect(out).toContain('hold for 1 operator');
  expect(out).toContain('people-decide');
  expect(out).toContain('recursive-delete, outside');
  expect(out).toContain('/home/ann/shop/build, /home/ann/x');
  expect(out).toContain('reaches beyond the folder');
  const json = JSON.parse((await policy('explain', '--json', '--tool', 'Bash', '--', 'rm -rf /')).out);
  expect(json).toMatchObject({ verdict: { is: 'forbid', rules: ['ruinous'] }, facts: { level: 'critical' } });
});

test('explaining asks the policies it is given', async () => {
  await withPolicy('@id("all") permit (principal, action, resource);', async file => {
    expect((await policy('explain', '--file', file, '--', 'git', 'push')).out).toMatch(/verdict +permit/);
  });
});
