/** What shells are told: the table of commands, and nothing that is not in it. */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test, vi } from 'vitest';
import { completionScript } from '../../src/cli/completion-script.ts';
import { ASKED, placeLines, places } from '../../src/cli/completion-tree.ts';
import { printValues } from '../../src/cli/completion-values.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { fleetPaths } from '../../src/fleet/paths.ts';
import { prepareFolders } from '../../src/fleet/registry.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { AgentId } from '../../src/model/ids.ts';
import { fleet } from '../console/events.ts';
import { withFolder } from '../support/scratch.ts';

const program = await buildProgram('hms');
const all = places(program);
const place = (path: string) => all.find(p => p.path === path);

describe('the places', () => {
  test('are every command people may see, each with every option it has', () => {
    const walk = (command: Command, path: string): void => {
      const found = place(path);
      expect(found, path).toBeDefined();
      const help = command.createHelp();
      for (const option of help.visibleOptions(command)) {
        expect(
          found?.options.map(o => o.flag),
          path,
        ).toContain(option.long ?? option.short);
      }
      for (const child of help.visibleCommands(command)) {
        if (child.name() !== 'help') walk(child, `${path} ${child.name()}`.trim());
      }
    };
    walk(program, '');
  });

  test('know choices, names that must be asked for, and files', () => {
    const option = (path: string, flag: string) => place(path)?.options.find(o => o.flag === flag)?.values;
    expect(option('attach', '--mode')).toEqual({
      is: 'one',
      of: ['observe', 'prepare', 'watch', 'collaborate'],
    });
    expect(option('attach', '--theme')).toEqual({ is: 'ask', what: 'themes' });
    expect(option('attach', '--no-mouse')).toBeUndefined();
    expect(option('approvals list', '--fleet')).toEqual({ is: 'ask', what: 'fleets' });
    expect(option('audit search', '--kind')).toMatchObject({ is: 'one' });
    expect(place('approvals approve')?.args).toEqual([
      { values: { is: 'ask', what: 'requests' }, more: true },
    ]);
    expect(place('agent restart')?.args).toEqual([{ values: { is: 'ask', what: 'agents' }, more: true }]);
    expect(place('keys check')?.args).toEqual([{ values: { is: 'file' }, more: false }]);
    expect(place('record play')?.args[0]?.values).toEqual({ is: 'ask', what: 'recordings' });
    expect(option('record export', '--format')).toEqual({ is: 'one', of: ['v3', 'v2', 'txt'] });
    for (const verb of ['diff', 'merge', 'drop'])
      expect(place(`worktree ${verb}`)?.args[0]?.values).toEqual({ is: 'ask', what: 'worktrees' });
    expect(place('themes show')?.args[0]?.values).toEqual({ is: 'ask', what: 'named-themes' });
    expect(place('message send')?.args[0]?.values).toEqual({ is: 'ask', what: 'addresses' });
    expect(place('completion')?.args[0]?.values).toEqual({ is: 'one', of: ['bash', 'zsh', 'fish'] });
  });

  test('all kinds of names that can be asked for are asked for somewhere', () => {
    const text = all.flatMap(placeLines).join('\n');
    for (const what of ASKED) expect(text).toContain(`ask:${what}`);
  });

  test('are lines of fields that words of ours cannot break', () => {
    for (const line of all.flatMap(placeLines)) expect(line).toMatch(/^[coam]\t\S[^\n]*$/);
  });
});

test('the script for bash is one bash can read, whatever stands in it', () => {
  const script = completionScript('bash', program);
  execFileSync('bash', ['-n'], { input: script });
  const out = execFileSync('bash', ['-c', `${script}\n_hms_place attach`], { encoding: 'utf8' });
  const attach = place('attach');
  expect(out).toBe(`${attach ? placeLines(attach).join('\n') : ''}\n`);
});

test('bash completes a word that begins with @, where readline cuts', () => {
  const asked = `told() { printf '%s\\n' builder @people @agents; }
COMP_WORDS=(hms message send @ pe) COMP_CWORD=4
_hms told
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', `${completionScript('bash', program)}\n${asked}`], {
    encoding: 'utf8',
  });
  expect(out).toBe('@people\n');
});

async function offered(what: string, fleet = ''): Promise<readonly string[]> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await printValues([what, fleet]);
  const text = write.mock.calls.map(([words]) => String(words)).join('');
  write.mockRestore();
  return text.trim().split('\n');
}

test('what is offered is what the command takes: agents with a worktree, people and groups, no theme auto', async () => {
  await withFolder(async dir => {
    vi.stubEnv('HMS_HOME', dir);
    vi.stubEnv('HMS_AGENT', '');
    const paths = fleetPaths('payments', dir);
    await prepareFolders(paths);
    await writeFile(paths.card, JSON.stringify({ fleet: 'payments', dir }));
    const journal = openJournal(paths.journal, { key: join(dir, 'k'), origin: 'test', log: () => {} });
    const actor = { type: 'system', id: 'engine', via: 'engine' } as const;
    const on = (id: string) => ({ actor, subject: `agent:${id}` }) as const;
    const tree = { dir: '/t', repo: '/r', branch: 'b', target: 'main', base: 'c' };
    for (const draft of fleet({ one: 'command', two: 'command', three: 'command', four: 'command' }))
      journal.append(draft);
    for (const id of ['one', 'two'])
      journal.append({ ...on(id), kind: 'worktree.added', data: { agent: AgentId.parse(id), ...tree } });
    const gone = { agent: AgentId.parse('two'), branch: 'b', ref: 'r', commit: 'c' };
    journal.append({ ...on('two'), kind: 'worktree.dropped', data: gone });
    journal.close();
    // Its event is long past.
    await mkdir(join(paths.state, 'worktrees', 'three'), { recursive: true });
    expect(await offered('worktrees', 'payments')).toEqual(['one', 'three']);
    const names = ['four', 'one', 'three', 'two', '@alice', '@people', '@agents', '@all'];
    expect(await offered('addresses', 'payments')).toEqual(names);
    const [chosen, shown] = [await offered('themes'), await offered('named-themes')];
    expect(chosen).toEqual(['auto', ...shown]);
    expect(shown).toContain('dark');
  });
  vi.unstubAllEnvs();
});
