/** Tab in real shells, on the built program. */
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HMS, type Program, withProgram } from '../support/program.ts';
import { withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

/** What the command line is after Tab, for each line typed. */
async function tabbed(
  { home, dir, env }: Program,
  shell: readonly string[],
  ready: readonly string[],
  cases: Readonly<Record<string, string>>,
): Promise<void> {
  await withTmux(async ({ tmux }) => {
    const bin = join(home, 'bin');
    await mkdir(bin);
    for (const name of ['hms', 'hms-tui']) await symlink(HMS, join(bin, name));
    const flags = Object.entries(env).flatMap(([k, v]) => (v === undefined ? [] : ['-e', `${k}=${v}`]));
    // tmux takes PATH from its client, whatever it is told.
    const found = ['env', `PATH=${bin}:${env.PATH}`, ...shell];
    await tmux('new-session', '-d', '-s', 'sh', '-x', '160', '-y', '40', '-c', dir, ...flags, ...found);
    const line = async (): Promise<string> =>
      (await tmux('capture-pane', '-p', '-t', 'sh:')).split('\n').findLast(row => row.startsWith('> ')) ?? '';
    const keys = (...args: string[]) => tmux('send-keys', '-t', 'sh:', ...args);
    for (const command of ready) await keys('-l', `${command}\n`);
    await waitFor(async () => (await tmux('capture-pane', '-p', '-t', 'sh:')).startsWith('> ready\n'), {
      what: 'the shell',
      deadlineMs: 20_000,
    });
    for (const [typed, wanted] of Object.entries(cases)) {
      await keys('C-u');
      await keys('-l', typed);
      await keys('Tab');
      let last = '';
      await waitFor(
        async () => {
          last = (await line()).slice(2).trimEnd();
          return last === wanted;
        },
        { what: `${typed} to become ${wanted}`, deadlineMs: 20_000 },
      ).catch(async (error: unknown) => {
        throw new Error(
          `${typed} became ${last}, not ${wanted}\n${await tmux('capture-pane', '-p', '-t', 'sh:')}`,
          { cause: error },
        );
      });
    }
  });
}

const FLEET =
  'fleet: payments\nagents:\n  builder:\n    command: [sleep, "600"]\n  deployer:\n    command: [sleep, "600"]\n';
/** The same in every shell. */
const CASES = {
  'hms compl': 'hms completion',
  'hms attach --mo': 'hms attach --mode',
  'hms attach --mode wa': 'hms attach --mode watch',
  'hms attach --mode=wa': 'hms attach --mode=watch',
  'hms attach pay': 'hms attach payments',
  'hms agent restart --fleet=payments dep': 'hms agent restart --fleet=payments deployer',
  'hms agent restart --fleet payments builder dep': 'hms agent restart --fleet payments builder deployer',
  'hms-tui attach --theme my': 'hms-tui attach --theme my\\ own',
  'hms attach --theme=my': 'hms attach --theme=my\\ own',
  'hms attach --theme "my': 'hms attach --theme "my own"',
  "hms attach --theme 'it": "hms attach --theme 'it'\\''s $x'",
  'hms keys check hms.y': 'hms keys check hms.yaml',
} as const;

async function prepared(body: (program: Program) => Promise<void>): Promise<void> {
  await withProgram(async program => {
    await program.fleet(FLEET);
    await program.json('up');
    const themes = join(program.home, 'config', 'themes');
    await mkdir(themes, { recursive: true });
    await writeFile(join(themes, 'my own.yaml'), 'extends: dark\n');
    await writeFile(join(themes, "it's $x.yaml"), 'extends: dark\n');
    await body(program);
  });
}

test('bash: commands, options, choices, and names of what is there, quoted as they must be', async () => {
  await prepared(program =>
    tabbed(
      program,
      ['bash', '--norc', '--noprofile'],
      ["PS1='> '", 'eval "$(hms completion bash)"', 'clear; echo "> ready"'],
      {
        ...CASES,
        'hms attach --theme it': "hms attach --theme it\\'s\\ \\$x",
        'hms attach --theme my\\ o': 'hms attach --theme my\\ own',
        'hms attach --theme $(exit': 'hms attach --theme $(exit',
      },
    ),
  );
});

const installed = (shell: string): boolean => {
  try {
    execFileSync(shell, ['-c', 'exit 0'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

test.skipIf(!installed('zsh'))('zsh: the same', async () => {
  await prepared(program =>
    tabbed(
      program,
      ['zsh', '-f'],
      [
        "PROMPT='> '",
        'autoload -U compinit; compinit -u -D',
        'source <(hms completion zsh)',
        'clear; echo "> ready"',
      ],
      { ...CASES, 'hms attach --theme it': "hms attach --theme it\\'s\\ \\$x" },
    ),
  );
});

test.skipIf(!installed('fish'))('fish: the same', async () => {
  await prepared(program =>
    tabbed(
      program,
      ['fish', '--no-config'],
      [
        'set -g fish_autosuggestion_enabled 0',
        "function fish_prompt; echo '> '; end",
        'hms completion fish | source',
        'clear; echo "> ready"',
      ],
      { ...CASES, "hms attach --theme 'it": "hms attach --theme 'it\\'s $x'" },
    ),
  );
});

test('what is offered is what there is, and nothing is said when something is wrong', async () => {
  await prepared(async ({ hms, home }) => {
    const values = async (...args: string[]): Promise<string[]> =>
      (await hms('complete-values', ...args)).stdout.split('\n').filter(Boolean);
    expect(await values('fleets')).toEqual(['payments']);
    expect(await values('agents')).toEqual(['builder', 'deployer']);
    expect(await values('agents', 'payments')).toEqual(['builder', 'deployer']);
    expect(await values('requests')).toEqual([]);
    expect(await values('recordings')).toEqual(['builder.1', 'deployer.1']);
    for (const args of [['agents', 'none'], ['nonsense'], []])
      expect(await hms('complete-values', ...args)).toEqual({ code: 0, stdout: '', stderr: '' });
    await writeFile(join(home, 'state', 'fleets', 'broken'), '');
    expect(await values('fleets')).toEqual(['payments']);
  });
});
