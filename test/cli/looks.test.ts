import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { keysCommand } from '../../src/cli/keys.ts';
import { layoutsCommand } from '../../src/cli/layouts.ts';
import { notifyCommand } from '../../src/cli/notify.ts';
import { themesCommand } from '../../src/cli/themes.ts';
import { ROOT } from '../support/program.ts';
import { withFolder } from '../support/scratch.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.chdir(ROOT);
  process.exitCode = undefined;
});

interface Ran {
  readonly out: string;
  readonly said: string;
  readonly code: number;
}

/** A command in a home of its own that holds `files`. */
async function ran(
  command: Command,
  args: readonly string[],
  files: Record<string, string> = {},
): Promise<Ran> {
  return withFolder(async dir => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(dir, 'config', name, '..'), { recursive: true });
      await writeFile(join(dir, 'config', name), text);
    }
    let out = '';
    let said = '';
    vi.stubEnv('HMS_HOME', dir);
    vi.stubEnv('HMS_KEYS', '');
    vi.spyOn(process.stdout, 'write').mockImplementation(text => {
      out += String(text);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation(text => {
      said += String(text);
      return true;
    });
    process.chdir(dir);
    process.exitCode = undefined;
    await command.parseAsync([...args], { from: 'user' });
    vi.restoreAllMocks();
    return { out, said, code: Number(process.exitCode ?? 0) };
  });
}

test('themes are listed, your own with a mark, and the broken ones with what is wrong', async () => {
  const { out, said, code } = await ran(themesCommand(), [], {
    'themes/mine.yaml': 'extends: other\nabout: mine\n',
    'themes/other.yaml': 'extends: dark\n',
    'themes/broken.yaml': 'extends: dark\nwran: {}\n',
    'themes/ring.yaml': 'extends: ring\n',
  });
  expect(out).toMatch(/^ {2}high-contrast {3,}black, white/m);
  expect(out).toMatch(/^\* mine {3,}mine$/m);
  expect(out).toMatch(/^\* other {3,}dark, changed$/m);
  expect(out).not.toContain('broken');
  expect(said).toContain('* yours, from config/themes');
  expect(said).toContain('config/themes/broken.yaml:2:1 wran: there is no such key (did you mean "warn"?)');
  expect(said).toContain('config/themes/ring.yaml:1:10 extends: there is no theme ring');
  expect(code).toBe(0);
});

test('a theme called like a built-in one takes its place and may extend it', async () => {
  const { out } = await ran(themesCommand(), ['list', '--json'], {
    'themes/dark.yaml': 'extends: dark\nabout: darker\nbackground: "#000000"\n',
  });
  expect(JSON.parse(out)).toMatchObject({
    themes: [
      { name: 'dark', about: 'darker', background: '#000000', yours: true },
      ...Array(5).fill({ yours: false }),
    ],
    problems: [],
  });
});

test('a theme is shown token by token', async () => {
  const { out } = await ran(themesCommand(), ['show', 'high-contrast']);
  expect(out).toMatch(/^risk-critical +Ab 12 ▲ +#ffffff on #8f0a1c bold +a request of CRITICAL risk$/m);
  const json = JSON.parse((await ran(themesCommand(), ['show', 'mono', '--json'])).out);
  expect(json).toMatchObject({ name: 'mono', background: 'any', styles: { bad: { bold: true } } });
  await expect(ran(themesCommand(), ['show', 'drak'])).rejects.toMatchObject({
    code: 'no-such-theme',
    hint: 'did you mean "dark"?',
  });
});

test('checking says what is wrong and where, warns of what is hard to see, and fails only for what is wrong', async () => {
  const doubtful = await ran(themesCommand(), ['check'], {
    'themes/dim.yaml': 'extends: dark\ntext: { fg: "#333333" }\n',
  });
  expect(doubtful.out).toContain(
    'config/themes/dim.yaml:2:7 text: 1.7:1 on #000000 is hard to read (4.5:1 is the least) [warning]',
  );
  expect(doubtful.code).toBe(0);
  const wrong = await ran(themesCommand(), ['check', 'config/themes/x.yaml', '--json'], {
    'themes/x.yaml': 'extends: dark\ntext: { fg: blue }\n',
  });
  expect(JSON.parse(wrong.out)).toMatchObject({
    ok: false,
    files: [{ file: 'config/themes/x.yaml', problems: [{ line: 2, col: 13, path: 'text.fg' }] }],
  });
  expect(wrong.code).toBe(1);
});

test('layouts are listed, drawn and checked the same way', async () => {
  const mine = {
    'layouts/mine.yaml': 'about: two\ncolumns: [{ pane: agents, size: 40 }, { pane: screen }]\n',
  };
  const list = await ran(layoutsCommand(), [], mine);
  expect(list.out).toMatch(/^ {2}war-room {3,}all agents live/m);
  expect(list.out).toMatch(/^\* mine {3,}two$/m);
  const shown = await ran(layoutsCommand(), ['show', 'mine', '--size', '80x24', '--json'], mine);
  expect(JSON.parse(shown.out)).toMatchObject({
    panes: [
      { pane: 'agents', rect: { x: 0, y: 1, w: 40, h: 22 } },
      { pane: 'screen', rect: { x: 40, y: 1, w: 40, h: 22 } },
    ],
    left: [],
  });
  const drawn = await ran(layoutsCommand(), ['show', 'mission-control', '--size', '80x24']);
  expect(drawn.out).toMatch(/^┌─ agents ─+┐┌─ screen ─+┐$/m);
  expect(drawn.said).toContain('opened when wanted: approvals, tray');
  await expect(ran(layoutsCommand(), ['show', 'grid', '--size', 'big'])).rejects.toMatchObject({
    code: 'bad-size',
  });
  await expect(ran(layoutsCommand(), ['show', 'grid', '--size', '10x3'])).rejects.toMatchObject({
    message: 'a console of 10x3 is too small',
    hint: 'the least is 40x12',
  });
  const bad = await ran(layoutsCommand(), ['check', 'config/layouts/b.yaml'], {
    'layouts/b.yaml': 'pane: agent\n',
  });
  expect(bad).toMatchObject({
    out: 'config/layouts/b.yaml:1:7 pane: "agent" is not possible here (did you mean "agents"?)\n',
    code: 1,
  });
});

test('without a file of one’s own there is nothing wrong with any', async () => {
  for (const command of [keysCommand(), themesCommand(), layoutsCommand()]) {
    const { said, code } = await ran(command, ['check']);
    expect(said).toMatch(/There is no (keymap|theme|layout)/);
    expect(code).toBe(0);
  }
  const { out } = await ran(keysCommand(), ['check', '--json']);
  expect(JSON.parse(out)).toEqual({ ok: true, file: 'config/keys.yaml', problems: [] });
});

test('rules of notifications are checked with file, line and what was perhaps meant', async () => {
  const none = await ran(notifyCommand(), ['check']);
  expect(none).toMatchObject({ out: '', code: 0 });
  expect(none.said).toContain('config/notifications.yaml');
  const good = await ran(notifyCommand(), ['check'], {
    'notifications.yaml': 'page:\n  when: { events: [critical] }\n  to: [bell]\nasking: off\n',
  });
  expect(good).toMatchObject({ out: 'config/notifications.yaml: 2 rules, no problems\n', code: 0 });
  const bad = await ran(notifyCommand(), ['check', '--json'], {
    'notifications.yaml': 'page:\n  when: { events: [critcal] }\n  to: [bell]\nMine: off\n',
  });
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.out)).toMatchObject({
    ok: false,
    problems: [
      { line: 2, hint: expect.stringContaining('critical') },
      { line: 4, path: 'Mine' },
    ],
  });
});
