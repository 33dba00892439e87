import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { AgentId, type PaneId } from '../../src/model/ids.ts';
import type { DeadPane } from '../../src/tmux/deaths.ts';
import { openTmuxServer } from '../../src/tmux/server.ts';
import type { PaneInfo, TmuxServer } from '../../src/tmux/types.ts';
import { watchPanes } from '../../src/tmux/watch.ts';
import { type TmuxScratch, withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

interface Watched {
  readonly server: TmuxServer;
  readonly scratch: TmuxScratch;
  readonly dead: DeadPane[];
  readonly seen: (readonly PaneInfo[])[];
  run(
    agent: string,
    incarnation: number,
    argv?: readonly string[],
    replaces?: PaneId,
  ): Promise<{ pane: PaneId; pid: number }>;
  died(agent: string, incarnation: number): Promise<DeadPane>;
}

async function withWatch(
  body: (watched: Watched) => Promise<void>,
  prepare?: (server: TmuxServer) => Promise<void>,
): Promise<void> {
  await withTmux(async scratch => {
    const server = await openTmuxServer({ socket: scratch.socket, session: scratch.session });
    await prepare?.(server);
    const dead: DeadPane[] = [];
    const seen: (readonly PaneInfo[])[] = [];
    const watch = watchPanes(server, {
      intervalMs: 20,
      onPanes: panes => seen.push(panes),
      onDead: one => dead.push(one),
    });
    try {
      await body({
        server,
        scratch,
        dead,
        seen,
        run: (agent, incarnation, argv = ['cat'], replaces) =>
          server.startPane({
            agent: AgentId.parse(agent),
            incarnation,
            argv,
            cwd: tmpdir(),
            env: {},
            ...(replaces ? { replaces } : {}),
          }),
        died: (agent, incarnation) =>
          waitFor(() => dead.find(one => one.agent === agent && one.incarnation === incarnation), {
            what: `the death of ${agent} ${incarnation} to be told`,
          }),
      });
    } finally {
      watch.stop();
      await server.detach();
    }
  });
}

describe('watching panes', () => {
  test('a hundred agents killed one after the other: each is noticed, none twice', async () => {
    await withWatch(async ({ run, died, dead }) => {
      let before: PaneId | undefined;
      for (let i = 1; i <= 100; i++) {
        const { pane, pid } = await run('builder', i, ['cat'], before);
        process.kill(pid, 'SIGKILL');
        expect(await died('builder', i)).toMatchObject({
          pane,
          pid,
          signal: 'SIGKILL',
          status: null,
          vanished: false,
        });
        before = pane;
      }
      expect(dead.map(one => one.incarnation)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    });
  }, 120_000);

  test('many that end at the same moment are all noticed, each with its own status', async () => {
    await withWatch(async ({ run, died, dead }) => {
      const agents = Array.from({ length: 12 }, (_, i) => `agent-${String.fromCharCode(97 + i)}`);
      await Promise.all(agents.map((agent, i) => run(agent, 1, ['sh', '-c', `exit ${i}`])));
      const ends = await Promise.all(agents.map(agent => died(agent, 1)));
      expect(ends.map(end => end.status)).toEqual(agents.map((_, i) => i));
      expect(dead).toHaveLength(12);
    });
  });

  test('one whose pane somebody closed has died, nobody knows how', async () => {
    await withWatch(async ({ run, died, seen, scratch }) => {
      const { pane } = await run('builder', 1);
      await waitFor(() => seen.at(-1)?.some(info => info.pane === pane), { what: 'the pane to be seen' });
      await scratch.tmux('kill-window', '-t', pane);
      expect(await died('builder', 1)).toMatchObject({ vanished: true, status: null, signal: '' });
    });
  });

  test('one whose children still hold its terminal has died all the same', async () => {
    await withWatch(async ({ run, died, server }) => {
      const { pane } = await run('builder', 1, ['sh', '-c', 'trap "" HUP; (sleep 5) & exit 7']);
      expect(await died('builder', 1)).toMatchObject({ status: 7 });
      await server.killPane(pane);
    });
  });

  test('what was there before is found, the living and the dead', async () => {
    let living = 0;
    await withWatch(
      async ({ seen, died, dead }) => {
        expect(await died('fallen', 4)).toMatchObject({ status: 9 });
        const [first] = seen;
        expect(first?.find(info => info.agent === 'builder')).toMatchObject({
          incarnation: 3,
          pid: living,
          dead: false,
        });
        expect(dead).toHaveLength(1);
      },
      async server => {
        const common = { cwd: tmpdir(), env: {} };
        living = (
          await server.startPane({
            agent: AgentId.parse('builder'),
            incarnation: 3,
            argv: ['cat'],
            ...common,
          })
        ).pid;
        await server.startPane({
          agent: AgentId.parse('fallen'),
          incarnation: 4,
          argv: ['sh', '-c', 'exit 9'],
          ...common,
        });
        await waitFor(async () => (await server.listPanes()).some(info => info.dead), {
          what: 'one to be dead',
        });
      },
    );
  });

  test('a server that went away is no death of agents', async () => {
    await withWatch(async ({ run, dead, seen, server }) => {
      await run('builder', 1);
      await waitFor(() => seen.at(-1)?.some(info => info.agent === 'builder'), {
        what: 'the pane to be seen',
      });
      const gone = new Promise<string>(resolve => server.onGone(resolve));
      process.kill(server.serverPid, 'SIGKILL');
      await gone;
      expect(dead).toEqual([]);
    });
  });
});
