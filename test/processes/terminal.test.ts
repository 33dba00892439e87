import { expect, test } from 'vitest';
import { AgentId } from '../../src/model/ids.ts';
import { parseStat, readStatFile } from '../../src/processes/stat.ts';
import { readsTerminal } from '../../src/processes/terminal.ts';
import { waitFor } from '../support/wait.ts';
import { withServer } from '../tmux/fixture.ts';

const linux = process.platform === 'linux';

const start = (argv: readonly string[], dir: string, n: number) => ({
  agent: AgentId.parse(`a${n}`),
  incarnation: 1,
  argv,
  cwd: dir,
  env: {},
});

test.runIf(linux)(
  'who reads its terminal waits for somebody; who sleeps or reads a pipe does not',
  async () => {
    await withServer(async (tmux, { dir }) => {
      const infoOf = async (argv: readonly string[], n: number) => {
        const { pid } = await tmux.startPane(start(argv, dir, n));
        return () => {
          const info = parseStat(readStatFile(pid));
          return info ? [info] : [];
        };
      };
      const cat = await infoOf(['cat'], 1);
      await waitFor(() => readsTerminal(cat()) === true, { what: 'cat to read' });
      // Something else can wake these: an answer of a provider, a timer.
      const listening = "process.stdin.resume(); require('net').createServer().listen(0, '127.0.0.1')";
      const timed = 'process.stdin.resume(); setTimeout(() => {}, 1e9)';
      const awake = [
        await infoOf([process.execPath, '-e', listening], 3),
        await infoOf([process.execPath, '-e', timed], 4),
      ];
      const repl = await infoOf([process.execPath, '-i'], 5);
      await waitFor(() => readsTerminal(repl()) === true, {
        what: 'Node to wait in its event loop',
        deadlineMs: 30_000,
      });
      expect(awake.map(one => readsTerminal(one()))).toEqual([false, false]);
      const sleep = await infoOf(['sleep', '1000000'], 2);
      await waitFor(() => sleep()[0]?.name === 'sleep', { what: 'sleep to run' });
      await waitFor(() => readsTerminal(sleep()) === false, { what: 'sleep to be seen' });
      expect(readsTerminal([...sleep(), ...cat()])).toBe(true);
    });
  },
);

test('of processes without a terminal nothing is said', () => {
  expect(readsTerminal([])).toBeUndefined();
  expect(readsTerminal([{ pid: process.pid, parent: 1, group: process.pid, tty: '' }])).toBeUndefined();
});
