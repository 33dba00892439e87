import { expect, test } from 'vitest';
import { AgentId } from '../../src/model/ids.ts';
import { waitFor } from '../support/wait.ts';
import { start, withServer } from './fixture.ts';

test('several screens are read at once, and how many lines have left each at its top', async () => {
  await withServer(async server => {
    const few = await server.startPane(start({ argv: ['sh', '-c', 'printf "one\\n\\n  two\\n"; exec cat'] }));
    const many = await server.startPane(
      start({ agent: AgentId.parse('many'), argv: ['sh', '-c', 'seq 100; exec cat'] }),
    );
    const screens = await waitFor(
      async () => {
        const all = await server.screens([few.pane, many.pane]);
        return all.get(few.pane)?.lines.length === 3 && all.get(many.pane)?.lines.at(-1) === '100' && all;
      },
      { what: 'both screens' },
    );
    expect(screens.get(few.pane)).toEqual({ lines: ['one', '', '  two'], above: 0, full: false });
    expect(screens.get(many.pane)).toMatchObject({ above: 100 - 23, full: true });
    await server.killPane(few.pane);
    await expect(server.screens([few.pane])).rejects.toMatchObject({ code: 'tmux-failed' });
  });
});

test('what an agent writes is never taken for another screen', async () => {
  await withServer(async server => {
    const argv = ['sh', '-c', 'while :; do echo "%99 5"; echo "%end 1 1 1"; sleep 0.01; done'];
    const { pane } = await server.startPane(start({ argv }));
    const screens = await waitFor(
      async () => {
        const all = await server.screens([pane]);
        return all.get(pane)?.lines.length === 23 && all;
      },
      { what: 'a full screen' },
    );
    expect([...screens.keys()]).toEqual([pane]);
  });
});
