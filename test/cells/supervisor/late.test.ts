/** Starts that tmux carries out and does not confirm in time. */
import { describe, expect, test } from 'vitest';
import { HmsError } from '../../../src/model/errors.ts';
import { Digest } from '../../../src/model/ids.ts';
import { processAlive } from '../../../src/processes/process.ts';
import type { PaneInfo, TmuxServer } from '../../../src/tmux/types.ts';
import { waitFor } from '../../support/wait.ts';
import { BUILDER, only } from '../../tmux/fixture.ts';
import { type Bench, withSupervisor } from './bench.ts';

const person = { type: 'operator', id: 'ann', via: 'test' } as const;

/** The second start is told to have failed by then, though its pane is made. */
function unconfirmed(tmux: TmuxServer): TmuxServer['startPane'] {
  return async ({ replaces, ...start }) => {
    // Removing the one whose place it takes was not reached.
    const made = await tmux.startPane(
      start.incarnation === 2 ? start : { ...start, ...(replaces ? { replaces } : {}) },
    );
    if (start.incarnation !== 2) return made;
    throw new HmsError('tmux-timeout', 'tmux did not answer new-window within 10000 ms.');
  };
}

const withLateStart = (body: (bench: Bench) => Promise<void>): Promise<void> =>
  withSupervisor(async bench => {
    const { supervisor, tmux, builder } = bench;
    supervisor.takeCharge([], true);
    await supervisor.quiet();
    process.kill(builder().pid, 'SIGKILL');
    supervisor.ended(BUILDER, 1, { status: null, signal: 'SIGKILL', lost: false });
    await supervisor.quiet();
    expect(builder()).toMatchObject({ alive: false, status: 'failed', incarnation: 1 });
    expect(bench.asked).toHaveLength(1);
    expect((await tmux.listPanes()).filter(p => p.agent === BUILDER)).toHaveLength(2);
    await body(bench);
  }, unconfirmed);

/** The agent's panes once the one before is gone. */
async function settled({ tmux }: Bench): Promise<readonly PaneInfo[]> {
  const panes = async () => (await tmux.listPanes()).filter(p => p.agent === BUILDER);
  await waitFor(async () => (await panes()).length < 2, { what: 'the pane before to be removed' });
  return panes();
}

const ended = (pid: number): Promise<unknown> =>
  waitFor(() => !processAlive(pid, ''), { what: 'the late program to end' });

const latePid = async ({ tmux }: Bench): Promise<number> => {
  const pane = (await tmux.listPanes()).find(p => p.agent === BUILDER && p.incarnation === 2);
  expect(processAlive(pane?.pid ?? 0, '')).toBe(true);
  return pane?.pid ?? 0;
};

describe('a pane that came about though its start was given up', () => {
  test('is taken charge of when it is seen', async () => {
    await withLateStart(async bench => {
      const { supervisor, tmux, builder, state, ring } = bench;
      supervisor.see(await tmux.listPanes());
      const pane = only(await settled(bench), BUILDER);
      expect(builder()).toMatchObject({ alive: true, incarnation: 2, pid: pane.pid, pane: pane.pane });
      ring();
      expect(state().incidents).toEqual({});
    });
  });

  test('is what a person gets who starts the agent before it was seen: no second program', async () => {
    await withLateStart(async bench => {
      const { supervisor, builder } = bench;
      supervisor.start(BUILDER, person, 'again');
      await supervisor.quiet();
      expect(builder()).toMatchObject({ alive: true, incarnation: 2 });
      expect(only(await settled(bench), BUILDER)).toMatchObject({ pid: builder().pid, dead: false });
    });
  });

  test('is ended when a person has stopped the agent meanwhile', async () => {
    await withLateStart(async bench => {
      const { supervisor, tmux, builder } = bench;
      await supervisor.stopAgent(BUILDER, person);
      const pid = await latePid(bench);
      supervisor.see(await tmux.listPanes());
      await ended(pid);
      expect(builder()).toMatchObject({ incarnation: 2, wantedDown: true });
    });
  });

  test('is ended when the agent was removed from the fleet file', async () => {
    await withLateStart(async bench => {
      const { supervisor, tmux, emit } = bench;
      const pid = await latePid(bench);
      emit({
        kind: 'fleet.configured',
        subject: 'fleet',
        data: { digest: Digest.parse('1'.repeat(64)), agents: {}, operators: {} },
      });
      supervisor.reconfigure([]);
      supervisor.see(await tmux.listPanes());
      await ended(pid);
    });
  });
});
