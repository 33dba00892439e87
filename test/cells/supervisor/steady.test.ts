import { expect, test } from 'vitest';
import { BUILDER } from '../../tmux/fixture.ts';
import { withSupervisor } from './bench.ts';

test('an agent is not steady while it is frozen: its time starts anew with the thaw', async () => {
  await withSupervisor(async ({ supervisor, tmux, state, builder, emit, ring }) => {
    supervisor.takeCharge([], true);
    await supervisor.quiet();
    supervisor.ended(BUILDER, 1, { status: 1, signal: '', lost: false });
    await supervisor.quiet();
    expect(builder()).toMatchObject({ alive: true, incarnation: 2 });
    const open = (): number => Object.keys(state().incidents).length;
    expect(open()).toBe(1);
    const subject = `agent:${BUILDER}`;
    emit({
      kind: 'freeze.ordered',
      subject,
      data: { agents: [BUILDER], fleet: false, before: {}, detail: '' },
    });
    ring();
    expect(open()).toBe(1);
    // As the next engine does: it is watched from then on, frozen or not.
    supervisor.takeCharge(await tmux.listPanes(), false);
    ring();
    expect(open()).toBe(1);
    expect(builder()).toMatchObject({ alive: true, incarnation: 2 });
    emit({ kind: 'freeze.lifted', subject, data: { agents: [BUILDER], fleet: false, detail: '' } });
    emit({ kind: 'agent.thawed', subject, data: { agent: BUILDER, running: 1, resisting: [] } });
    expect(open()).toBe(1);
    ring();
    expect(open()).toBe(0);
  });
});
