import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AgentId } from '../../src/model/ids.ts';
import { openStage, type StageClient } from '../../src/tmux/stage.ts';
import type { TmuxServer } from '../../src/tmux/types.ts';
import { waitFor } from '../support/wait.ts';
import { shown, start, withServer } from './fixture.ts';

interface Opened {
  readonly stage: StageClient;
  output(): string;
  ended(): boolean;
}

async function open(server: TmuxServer, pane: string, mouse = false): Promise<Opened> {
  const { socket, session } = server;
  const env = { ...process.env, TERM: 'xterm-256color', TMUX: '/elsewhere,1,0' };
  const stage = await openStage({
    socket,
    session,
    pane,
    cols: 80,
    rows: 25,
    features: ['RGB'],
    styles: { 'message-style': 'default,fg=#123456' },
    mouse,
    env,
  });
  let output = '';
  let ended = false;
  stage.onBytes(bytes => {
    output += bytes.toString('latin1');
  });
  stage.onEnded(() => {
    ended = true;
  });
  return { stage, output: () => output, ended: () => ended };
}

const raw = (script: string) => start({ argv: ['sh', '-c', `stty raw -echo; ${script}`] });
const sessions = async (tmux: (...args: string[]) => Promise<string>) =>
  (await tmux('list-sessions', '-F', '#{session_name}')).trim().split('\n');

describe('a stage', () => {
  test('shows the pane, takes every key to it, and goes without a trace', async () => {
    await withServer(async (server, { dir, tmux }) => {
      const file = join(dir, 'typed');
      const { pane } = await server.startPane(raw(`echo here; exec head -c 11 > ${file}`));
      await shown(server, pane, 'here');
      const { stage, output } = await open(server, pane);
      await waitFor(() => output().includes('here'), { what: 'the screen' });
      // tmux's own prefix, the key that lets people go who attach by hand, function keys, Alt, controls.
      stage.write(Buffer.from('a\x02d\x1c\x1bOP\x1bx\x03:'));
      const typed = await waitFor(async () => (await readFile(file)).length >= 11 && readFile(file), {
        what: 'what was typed',
      });
      expect(typed.toString('latin1')).toBe('a\x02d\x1c\x1bOP\x1bx\x03:');
      expect(await sessions(tmux)).toHaveLength(2);
      await stage.close();
      expect(await sessions(tmux)).toEqual([server.session]);
    });
  });

  test('ends with the agent’s window: no other one comes under the fingers', async () => {
    await withServer(async (server, { tmux }) => {
      const { pane } = await server.startPane(start());
      const other = await server.startPane(start({ agent: AgentId.parse('other') }));
      const { stage, ended } = await open(server, pane);
      await server.killPane(pane);
      stage.write(Buffer.from('for the dead\r'));
      await waitFor(ended, { what: 'the stage to end' });
      expect(await server.capture(other.pane, 10)).toBe('');
      expect(await sessions(tmux)).toEqual([server.session]);
    });
  });

  test('goes with its client, also when that is killed', async () => {
    await withServer(async (server, { tmux }) => {
      const { pane } = await server.startPane(start());
      const { ended } = await open(server, pane);
      const client = await tmux('list-clients', '-F', '#{client_pid} #{client_session}');
      const pid = Number(/^(\d+) \S+_stage_/m.exec(client)?.[1]);
      process.kill(pid, 'SIGKILL');
      await waitFor(ended, { what: 'the stage to end' });
      await waitFor(async () => (await sessions(tmux)).length === 1, { what: 'its session to go' });
    });
  });

  test('of a pane that is not there is refused and leaves nothing', async () => {
    await withServer(async (server, { tmux }) => {
      await server.startPane(start());
      await expect(open(server, '%99')).rejects.toMatchObject({ code: 'stage-pane' });
      await waitFor(async () => (await sessions(tmux)).length === 1, { what: 'its session to go' });
    });
  });

  test('of a server that hangs is said to have come too late, not to be missing', async () => {
    await withServer(async (server, { tmux }) => {
      const { pane } = await server.startPane(start());
      const pid = Number(await tmux('display-message', '-p', '#{pid}'));
      process.kill(pid, 'SIGSTOP');
      try {
        await expect(open(server, pane)).rejects.toThrow(`tmux did not show pane ${pane} within 3 s`);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    });
  });

  test('takes a flood of typing whole, though tmux stands still at first', async () => {
    await withServer(async (server, { dir, tmux }) => {
      const file = join(dir, 'typed');
      const { pane } = await server.startPane(raw(`echo here; exec head -c 200000 > ${file}`));
      await shown(server, pane, 'here');
      const { stage } = await open(server, pane);
      const pid = Number(await tmux('display-message', '-p', '#{pid}'));
      const flood = Buffer.from(Array.from({ length: 200_000 }, (_, i) => 97 + (i % 26)));
      process.kill(pid, 'SIGSTOP');
      stage.write(flood.subarray(0, 90_000));
      stage.write(flood.subarray(90_000));
      process.kill(pid, 'SIGCONT');
      await waitFor(async () => (await readFile(file)).equals(flood), { what: 'all of it' });
      await stage.close();
    });
  });

  const ways = ['cut', 'close'] as const;
  test.each(ways)('of what was typed while tmux stands still nothing arrives after %s', async how => {
    await withServer(async (server, { dir, tmux }) => {
      const file = join(dir, 'typed');
      const { pane } = await server.startPane(raw(`echo here; exec cat > ${file}`));
      await shown(server, pane, 'here');
      const { stage, ended } = await open(server, pane);
      const pid = Number(await tmux('display-message', '-p', '#{pid}'));
      stage.write(Buffer.from('before'));
      await waitFor(async () => String(await readFile(file)) === 'before', { what: 'what was typed before' });
      process.kill(pid, 'SIGSTOP');
      try {
        stage.write(Buffer.from('after'.repeat(2000)));
        await stage[how]();
        await waitFor(ended, { what: 'the client to go' });
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await waitFor(async () => (await sessions(tmux)).length === 1, { what: 'the stage’s session to go' });
      await server.sendText(pane, 'theirs', false);
      await waitFor(async () => String(await readFile(file)).includes('theirs'), { what: 'the next hand' });
      expect(String(await readFile(file))).toBe('beforetheirs');
    });
  });

  test('says what it is told to on tmux’s status line, as text', async () => {
    await withServer(async (server, { tmux }) => {
      const { pane } = await server.startPane(start());
      const { stage, output } = await open(server, pane);
      stage.line('#[bold]50% of ##[fg=red] %H ; ##(touch x);');
      await waitFor(() => output().includes('50% of #[fg=red] %H ; #(touch x);'), { what: 'the line' });
      expect(await tmux('show-options', '-v', '-t', `${server.session}:`, 'status')).toBe('');
    });
  });

  test('what tmux itself says there has the styles it is given, and only there', async () => {
    await withServer(async (server, { tmux }) => {
      const { pane } = await server.startPane(start());
      const { stage } = await open(server, pane);
      const own = (await sessions(tmux)).find(name => name !== server.session) ?? '';
      expect(await tmux('show-options', '-v', '-t', `=${own}:`, 'message-style')).toContain('fg=#123456');
      await stage.close();
      expect(await tmux('show-options', '-gv', 'message-style')).not.toContain('#123456');
    });
  });

  test('in the next life of its agent it does not get the new window: that is the fleet’s', async () => {
    await withServer(async (server, { tmux }) => {
      const { pane } = await server.startPane(start());
      const { ended } = await open(server, pane);
      const next = await server.startPane(start({ incarnation: 2, replaces: pane }));
      await waitFor(ended, { what: 'the stage to end' });
      const windows = await tmux('list-panes', '-s', '-t', `=${server.session}:`, '-F', '#{pane_id}');
      expect(windows).toContain(next.pane);
    });
  });

  test('writes everything again when asked to, and follows the terminal’s size', async () => {
    await withServer(async (server, { tmux }) => {
      const { pane } = await server.startPane(start({ argv: ['sh', '-c', 'echo marked; exec cat'] }));
      await shown(server, pane, 'marked');
      const { stage, output } = await open(server, pane);
      const times = (): number => output().split('marked').length - 1;
      await waitFor(() => times() > 0, { what: 'the screen' });
      const before = times();
      stage.redraw();
      await waitFor(() => times() > before, { what: 'the screen again' });
      stage.resize(60, 20);
      await waitFor(
        async () => (await tmux('list-clients', '-F', '#{client_width}x#{client_height}')).includes('60x20'),
        {
          what: 'the size',
        },
      );
    });
  });

  test('is fitted alone: other agents keep their size, and get a common one again', async () => {
    await withServer(async server => {
      const { pane } = await server.startPane(start());
      await server.startPane(start({ agent: AgentId.parse('other') }));
      const sizes = async (): Promise<readonly string[]> =>
        (await server.listPanes()).filter(p => p.agent !== '').map(p => `${p.agent} ${p.cols}x${p.rows}`);
      await server.resize(132, 43, pane);
      expect(await sizes()).toEqual(['builder 132x43', 'other 80x24']);
      await server.resize(90, 30);
      expect(await sizes()).toEqual(['builder 90x30', 'other 90x30']);
    });
  });

  test('the wheel scrolls back, and no key does anything else there', async () => {
    await withServer(async (server, { tmux }) => {
      const { pane } = await server.startPane(start({ argv: ['sh', '-c', 'seq 1 200; exec cat'] }));
      await shown(server, pane, '200');
      const { stage } = await open(server, pane, true);
      const inMode = (): Promise<string> => tmux('display-message', '-p', '-t', pane, '#{pane_in_mode}');
      stage.write(Buffer.from('\x1b[<64;5;5M'));
      await waitFor(async () => (await inMode()) === '1\n', { what: 'to be scrolled back' });
      // In tmux's own tables `:` and Ctrl-S ask for words, Enter copies, | runs a program.
      stage.write(Buffer.from(':'));
      await waitFor(async () => (await inMode()) === '0\n', { what: 'a key to end it' });
      const tables = await tmux('list-keys');
      const ours = tables.split('\n').filter(line => /-T (copy-mode|copy-mode-vi|hms-stage) /.test(line));
      expect(ours.length).toBeGreaterThan(15);
      for (const line of ours) expect(line).toMatch(/(send-keys -(X|M)|copy-mode -e)/);
      for (const line of ours)
        expect(line).not.toMatch(/command-prompt|run-shell|pipe|select-|switch-|detach/);
    });
  });
});
