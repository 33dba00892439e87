/** What shells are told: the table of commands, and nothing that is not in it. */
import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { completionScript } from '../../src/cli/completion-script.ts';
import { ASKED, placeLines, places } from '../../src/cli/completion-tree.ts';
import { buildProgram } from '../../src/cli/program.ts';

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
