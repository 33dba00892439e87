/** `hms keys` as people run it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/console/commands/index.ts';
import { withProgram } from '../support/program.ts';

interface Listed {
  readonly file: string | null;
  readonly keys: readonly { id: string; keys: string[]; builtIn: string[]; where: string }[];
  readonly problems: readonly { line: number; path: string }[];
}

test('lists every command by the name a keymap gives it, with the keys it has for this person', async () => {
  await withProgram(async ({ hms, json, home }) => {
    const bare = await json<Listed>('keys');
    expect(bare.file).toBeNull();
    expect(bare.keys.map(k => k.id)).toEqual(COMMANDS.map(c => c.id));
    expect(bare.keys.every(k => k.keys.join() === k.builtIn.join())).toBe(true);

    await mkdir(join(home, 'config'));
    await writeFile(join(home, 'config', 'keys.yaml'), 'look.why: f5\nlook.audit: d\n');
    const own = await json<Listed>('keys', 'list');
    expect(own.keys.find(k => k.id === 'look.why')).toMatchObject({ keys: ['f5'], builtIn: ['w'] });
    expect(own.keys.find(k => k.id === 'look.audit')?.keys).toEqual(['t']);
    expect(own.problems).toMatchObject([{ line: 2, path: 'look.audit' }]);

    const text = await hms('keys');
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^look\.why +\* F5 +in the panes +why$/m);
    expect(text.stderr).toContain('keys.yaml:2:13 look.audit: d is approval.deny’s');
  });
});

test('checks a keymap: 1 when something is wrong with it, each problem at its place', async () => {
  await withProgram(async ({ hms, json, dir }) => {
    expect(await hms('keys', 'check')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('There is no keymap'),
    });
    await writeFile(join(dir, 'my.yaml'), 'look.why: f5\n');
    expect(await hms('keys', 'check', 'my.yaml')).toMatchObject({
      code: 0,
      stdout: 'my.yaml: 1 command has other keys, no problems\n',
    });
    expect(await json('keys', 'check', 'my.yaml')).toEqual({ ok: true, file: 'my.yaml', problems: [] });
    await writeFile(join(dir, 'my.yaml'), 'look.why: entre\n');
    const bad = await hms('keys', 'check', 'my.yaml');
    expect(bad).toMatchObject({
      code: 1,
      stdout: 'my.yaml:1:11 look.why: there is no key "entre" (did you mean enter?)\n',
    });
    expect((await hms('keys', 'check', 'none.yaml')).stdout).toContain('it is not there');
  });
});

test('the console goes by it, says what is wrong with it, and shows it in the footer and in ?', async () => {
  await withProgram(async ({ terminal, fleet, home }) => {
    await fleet('fleet: keys\nagents:\n  one:\n    command: [sleep, "600"]\n');
    await mkdir(join(home, 'config'));
    await writeFile(
      join(home, 'config', 'keys.yaml'),
      'look.help: ["?", f2]\nlook.audit: f5\nlook.nope: x\nlook.why: d\n',
    );
    const t = await terminal([]);
    await t.shows('keys.yaml:3:1 look.nope: there is no such command', '1 more: hms keys check');
    await t.shows('F5 timeline/audit');
    await t.press('t');
    await t.press('F5');
    await t.shows('Audit');
    await t.press('F2');
    await t.shows('Keys in', 'F5');
    await t.press('Escape');
    await t.shows('━ Audit');
    await t.press('q');
    expect(await t.ended()).toBe(0);
  });
});

/** A mouse report as a terminal sends it. */
const report = (button: number, x: number, y: number, end = 'M'): string =>
  `\x1b[<${button};${x + 1};${y + 1}${end}`;

test('the mouse selects, opens, scrolls and presses hints; it can be turned off, and is off on every way out', async () => {
  await withProgram(async ({ terminal, fleet, hms }) => {
    await fleet(
      'fleet: mice\nagents:\n  one:\n    command: [sleep, "600"]\n  two:\n    command: [sleep, "600"]\n',
    );
    const t = await terminal([]);
    await t.shows('Agents', '2 two', '● 2 working');
    const place = async (text: string): Promise<[number, number]> => {
      const rows = (await t.screen()).split('\n');
      const y = rows.findIndex(row => row.includes(text));
      return [rows[y]?.indexOf(text) ?? 0, y];
    };
    expect(await t.leftOn()).toMatch(/1$/);
    // Cut in the middle, as over a slow line.
    const click = report(0, ...(await place('2 two')));
    await t.raw(click.slice(0, 5));
    await t.raw(click.slice(5) + report(0, ...(await place('2 two')), 'm'));
    await t.shows('▸2 two');
    await t.raw(report(0, ...(await place('? help'))));
    await t.shows('Works here and now');
    await t.raw(report(65, 20, 10));
    await t.hides('Works here and now');
    await t.press('Escape');
    await t.shows('Agents');
    await t.press('C-o');
    await t.shows('the mouse is off');
    expect(await t.leftOn()).toMatch(/0$/);
    await t.press('q');
    expect(await t.ended()).toBe(0);

    // Kept for this person; --no-mouse is for one console.
    const again = await terminal([]);
    await again.shows('Agents');
    expect(await again.leftOn()).toMatch(/0$/);
    await again.press('C-o');
    await again.shows('the mouse is on');
    expect(await again.leftOn()).toMatch(/1$/);
    await again.press('q');
    await again.ended();
    expect(await again.leftOn()).toMatch(/0$/);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      const killed = await terminal([]);
      await killed.shows('Agents');
      expect(await killed.leftOn()).toMatch(/1$/);
      process.kill(await killed.pid(), signal);
      await killed.ended();
      expect(await killed.leftOn()).toMatch(/0$/);
    }
    const without = await terminal(['--no-mouse']);
    await without.shows('Agents');
    expect(await without.leftOn()).toMatch(/0$/);
    await without.press('q');
    await without.ended();
    await hms('down');
  });
});
