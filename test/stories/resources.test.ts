/** What agents use, as a person sees it: the pane, `hms top`, and the dash window in a real tmux. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isAlive, type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const run = promisify(execFile);

const FLEET = `fleet: story
agents:
  burner: { command: "while :; do :; done" }
  talker: { command: "while :; do echo talk; sleep 0.01; done" }
  sleeper: { command: [sleep, "1000000"] }
`;

interface Top {
  readonly agents: readonly {
    readonly id: string;
    readonly cpu_pct: number | null;
    readonly rss_bytes: number | null;
    readonly processes: number;
    readonly output_bytes_per_s: number | null;
    readonly tokens: unknown;
  }[];
}

async function dashPid(program: Program): Promise<number> {
  const { tmux } = await program.json<{ tmux: string }>('up');
  const { stdout } = await run('tmux', ['-S', tmux, 'list-panes', '-a', '-F', '#{window_name} #{pane_pid}']);
  return Number(/^dash (\d+)/m.exec(stdout)?.[1] ?? 0);
}

describe('resources', () => {
  test('R shows who uses what, sorted as the arrows say; hms top says the same', async () => {
    await withProgram(async program => {
      await program.fleet(FLEET);
      const terminal = await program.terminal([]);
      await terminal.shows('burner');
      await terminal.press('R');
      const screen = await terminal.shows('▾cpu', /burner .* [1-9][\d.]* %/, '3 of 3 agents run');
      expect(screen.indexOf('burner')).toBeLessThan(screen.indexOf('sleeper'));
      await terminal.press('Right');
      await terminal.shows('▾memory');
      await terminal.press('Left', 'Left');
      await terminal.shows('▾agent');
      await terminal.press('Escape');
      await terminal.hides('▾agent');
      const top = await waitFor(
        async () => {
          const now = await program.json<Top>('top');
          const talker = now.agents.find(a => a.id === 'talker');
          return (talker?.output_bytes_per_s ?? 0) > 0 && now;
        },
        { what: 'the talker’s output to be measured' },
      );
      const by = new Map(top.agents.map(a => [a.id, a]));
      expect(by.get('burner')?.cpu_pct ?? 0).toBeGreaterThan(by.get('sleeper')?.cpu_pct ?? 100);
      expect(by.get('sleeper')).toMatchObject({ processes: 1, output_bytes_per_s: 0, tokens: null });
    });
  });
});

describe('the dash window', () => {
  test('shows the agents, survives the engine, comes from the console and back, and ends with the fleet', async () => {
    await withProgram(async program => {
      await program.fleet(FLEET);
      const terminal = await program.terminal([], { cols: 140, rows: 40 });
      await terminal.shows('burner');
      await terminal.press('B');
      await terminal.shows('CPU, % of a core', 'Memory, MB', 'Output, KB/s', 'talker', 'q quits');
      const pid = await dashPid(program);
      expect(pid).toBeGreaterThan(0);
      await terminal.resize(80, 24);
      await terminal.shows('Agents', 'burner');
      await terminal.hides('Memory, MB');
      await terminal.resize(140, 40);
      await terminal.shows('Memory, MB');

      const engine = await program.enginePid();
      process.kill(engine, 'SIGKILL');
      await waitFor(async () => ![0, engine].includes(await program.enginePid()), {
        what: 'the next engine',
      });
      await terminal.shows('adopted', /burner .* [1-9][\d.]* %/);

      await terminal.press('C-\\');
      await terminal.shows('WATCH', 'Approvals');
      expect(isAlive(pid)).toBe(true);
      await terminal.press('B');
      await terminal.shows('q quits');
      expect(await dashPid(program)).toBe(pid);
      await terminal.press('q');
      await terminal.shows('WATCH', 'Approvals');
      expect(await dashPid(program)).toBe(0);

      const alone = await program.terminal(['dash'], { cols: 100, rows: 30 });
      await alone.shows('Agents', 'sleeper');
      const again = await dashPid(program);
      await program.hms('down');
      await waitFor(() => !isAlive(again), { what: 'the dash to end with the fleet' });
      await alone.ended();
    });
  });

  test('without a terminal it says where to look instead', async () => {
    await withProgram(async program => {
      const ran = await program.hms('dash');
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain('hms top --json');
    });
  });
});
