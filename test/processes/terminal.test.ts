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
      const sleep = await infoOf(['sleep', '1000000'], 2);
      await waitFor(() => sleep()[0]?.name === 'sleep', { what: 'sleep to run' });
      await waitFor(() => readsTerminal(sleep()) === false, { what: 'sleep to be seen' });
      expect(readsTerminal([...sleep(), ...cat()])).toBe(true);
    });
  },
);

test('of processes without a terminal nothing is said', () => {
  expect(readsTerminal([])).toBeUndefined();
  expect(readsTerminal([{ pid: process.pid, group: process.pid, tty: '' }])).toBeUndefined();
});
