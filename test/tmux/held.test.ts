/** What stands between tmux and a program: the program can be stopped, and ends as it ended. */
import { describe, expect, test } from 'vitest';
import { processAlive } from '../../src/processes/process.ts';
import { readProcess } from '../../src/processes/table.ts';
import { waitFor } from '../support/wait.ts';
import { only, shown, start, withServer } from './fixture.ts';

describe('a program in its pane', () => {
  test('stays stopped, though tmux lets its own children go on', async () => {
    await withServer(async (server, { tmux }) => {
      const { pid, pane } = await server.startPane(start({ argv: ['sh', '-c', 'echo $$; exec cat'] }));
      await shown(server, pane, String(pid));
      process.kill(pid, 'SIGSTOP');
      await waitFor(() => readProcess(pid)?.state === 'T', { what: 'the program to stop' });
      // tmux has had every chance to let it go on once it has answered and done something else.
      for (let i = 0; i < 20; i++) await tmux('resize-window', '-t', pane, '-x', String(60 + i), '-y', '20');
      expect(readProcess(pid)?.state).toBe('T');
      process.kill(pid, 'SIGCONT');
      await waitFor(() => readProcess(pid)?.state === 'S', { what: 'the program to go on' });
    });
  });

  test.each([
    ['exit 0', 0, ''],
    ['exit 7', 7, ''],
    ['exit 200', 200, ''],
    ['kill -9 $$', null, 'SIGKILL'],
    ['kill -TERM $$', null, 'SIGTERM'],
    ['kill -SEGV $$', null, 'SIGSEGV'],
  ] as const)('%s is told as it is', async (script, status, signal) => {
    await withServer(async server => {
      await server.startPane(start({ argv: ['sh', '-c', script] }));
      const info = await waitFor(
        async () => {
          server.nudge();
          const now = only(await server.listPanes(), 'builder');
          return now.dead && (now.status !== null || now.signal !== '') && now;
        },
        { what: 'its end' },
      );
      expect(info).toMatchObject({ status, signal });
    });
  });

  test('a builtin of the shell is run as the program it names', async () => {
    await withServer(async server => {
      const { pane } = await server.startPane(start({ argv: ['printf', '%s-%s\\n', 'a b', 'c'] }));
      await shown(server, pane, 'a b-c');
    });
  });

  test('Ctrl-C ends the program that takes it, and is the program’s own to handle', async () => {
    await withServer(async server => {
      const trapping = 'trap "echo caught" INT; echo ready; while :; do sleep 0.05; done';
      const { pane, pid } = await server.startPane(start({ argv: ['sh', '-c', trapping] }));
      await shown(server, pane, 'ready');
      await server.sendBytes(pane, Buffer.from('\x03'));
      await shown(server, pane, 'caught');
      expect(processAlive(pid, '')).toBe(true);
      expect(only(await server.listPanes(), 'builder').dead).toBe(false);
    });
  });

  test('closing the pane ends a program that ignores the hang-up', async () => {
    await withServer(async server => {
      const { pane, pid } = await server.startPane(
        start({ argv: ['sh', '-c', 'trap "" HUP TERM; echo ready; while :; do sleep 0.05; done'] }),
      );
      await shown(server, pane, 'ready');
      await server.killPane(pane);
      await waitFor(() => !processAlive(pid, ''), { what: 'the program to end' });
    });
  });
});
