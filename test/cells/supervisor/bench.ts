/** A supervisor of one agent on a real tmux; events are folded at once, and timers ring when the test says so. */
import type { World } from '../../../src/cells/cell.ts';
import { Supervisor } from '../../../src/cells/supervisor/supervisor.ts';
import { drivers } from '../../../src/drivers/index.ts';
import { type Draft, EVENT_DATA, type Event } from '../../../src/model/event.ts';
import { AgentConfig } from '../../../src/model/fleet.ts';
import { Digest } from '../../../src/model/ids.ts';
import { reduce } from '../../../src/model/reduce.ts';
import { type AgentState, EMPTY, type FleetState } from '../../../src/model/state.ts';
import { readBirth } from '../../../src/processes/process.ts';
import type { TmuxServer } from '../../../src/tmux/types.ts';
import { BUILDER, withServer } from '../../tmux/fixture.ts';

const NOTHING = Digest.parse('0'.repeat(64));
const actor: Draft['actor'] = { type: 'system', id: 'test', via: 'test' };

export interface Bench {
  readonly supervisor: Supervisor;
  readonly tmux: TmuxServer;
  readonly asked: readonly string[];
  readonly events: readonly Event[];
  state(): FleetState;
  builder(): AgentState;
  emit(...drafts: readonly Omit<Draft, 'actor'>[]): void;
  /** Rings every timer that is set. */
  ring(): void;
}

/** @param through what stands between the supervisor and tmux */
export async function withSupervisor(
  body: (bench: Bench) => Promise<void>,
  through: (tmux: TmuxServer) => TmuxServer['startPane'] = tmux => start => tmux.startPane(start),
): Promise<void> {
  await withServer(async (tmux, { dir }) => {
    let state = EMPTY;
    let timers: readonly { readonly callback: () => void }[] = [];
    const events: Event[] = [];
    const asked: string[] = [];
    const world: World = {
      get state() {
        return state;
      },
      emit: (...drafts) => {
        const made = drafts.map(draft => {
          EVENT_DATA[draft.kind].parse(draft.data);
          const event = { ...draft, seq: state.seq + 1, time: 1, prev: NOTHING } as Event;
          state = reduce(state, event);
          return event;
        });
        events.push(...made);
        for (const event of made) supervisor.onEvent(event);
        return { events: made, durable: Promise.resolve() };
      },
      now: () => 1,
      random: () => 0,
      log: () => {},
      after: (_, callback) => {
        const timer = { callback };
        timers = [...timers, timer];
        return () => {
          timers = timers.filter(t => t !== timer);
        };
      },
    };
    const config = AgentConfig.parse({
      command: ['cat'],
      restart: { when: 'always', from: '0ms', to: '0ms' },
    });
    const agent = { id: BUILDER, config, driver: drivers.command, cwd: dir };
    const startPane = through(tmux);
    const given = new Proxy(tmux, {
      get: (target, name: keyof TmuxServer) => {
        if (name === 'startPane') return startPane;
        const value = target[name];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const supervisor = new Supervisor(world, {
      agents: [agent],
      tmux: given,
      environment: () => ({}),
      place: async () => dir,
      plan: () => ({ argv: ['cat'], env: {}, files: {}, resumed: '' }),
      missing: () => undefined,
      tap: () => undefined,
      birthOf: readBirth,
      reap: async () => {},
      killFrozen: () => {},
      keptBack: async () => '',
      heal: () => false,
      isHealed: () => false,
      askRestart: (_, reason) => asked.push(reason),
      groups: () => ({}),
    });
    const emit: Bench['emit'] = (...drafts) =>
      void world.emit(...drafts.map(draft => ({ ...draft, actor }) as Draft));
    const { driver, gate, needs, capabilities } = config;
    const agents = { [BUILDER]: { driver, title: '', gate, needs, capabilities } };
    emit({ kind: 'fleet.configured', subject: 'fleet', data: { digest: NOTHING, agents, operators: {} } });
    const builder = (): AgentState => {
      const found = state.agents[BUILDER];
      if (!found) throw new Error('there is no builder');
      return found;
    };
    const ring = (): void => {
      const due = timers;
      timers = [];
      for (const { callback } of due) callback();
    };
    try {
      await body({ supervisor, tmux, asked, events, state: () => state, builder, emit, ring });
    } finally {
      supervisor.stop();
    }
  });
}
