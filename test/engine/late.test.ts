import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { openTmuxServer } from '../../src/tmux/server.ts';
import { withEngine } from '../support/engine.ts';
import { one } from './unit.ts';

const FLEET = 'fleet: unit\nagents:\n  one: { command: ["/no/such/program"] }\n';

test('a pane that an agent got though its start was given up is taken charge of, and nobody is asked any more', async () => {
  await withEngine(FLEET, async bench => {
    await bench.until('it to be asked about', s => Object.keys(s.pending).length === 1);
    const tmux = await openTmuxServer({ socket: bench.paths.tmuxSocket, session: 'unit' });
    try {
      const start = { agent: one, incarnation: 1, argv: ['cat'], cwd: tmpdir(), env: {} };
      const { pane } = await tmux.startPane(start);
      const state = await bench.until(
        'it to be taken charge of',
        s => s.agents[one]?.alive === true && Object.keys(s.pending).length === 0,
      );
      expect(state.agents[one]).toMatchObject({ incarnation: 1, pane });
    } finally {
      await tmux.detach();
    }
  });
});
