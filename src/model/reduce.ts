/**
 * The one reducer: engine and consoles fold the same events with it. Pure, and total: a kind it does not know
 * only moves seq and time. Structural sharing: what an event does not touch keeps its identity.
 */

import { BREAKERS } from './breaker-state.ts';
import { CELLS } from './cell.ts';
import type { FleetChange } from './change.ts';
import { CHAOS } from './chaos-state.ts';
import type { Event } from './event.ts';
import { EVOLUTION } from './evolution-state.ts';
import { read, received } from './inbox.ts';
import { configuredHealing, INCIDENTS } from './incident-state.ts';
import { GATE } from './reduce-gate.ts';
import { count, onAgent, type Reducers, without } from './reducers.ts';
import type { AgentState, ConfigState, FleetState, SessionState } from './state.ts';
import { NO_DIGEST, RESTARTS_KEPT } from './state.ts';
import { addUsage } from './usage.ts';

function onSession(
  state: FleetState,
  id: string,
  change: (s: SessionState) => Partial<SessionState>,
): FleetState {
  const session = state.sessions[id];
  if (!session) return state;
  return { ...state, sessions: { ...state.sessions, [id]: { ...session, ...change(session) } } };
}

function dropStaged(state: FleetState, session: string, items: readonly number[]): FleetState {
  return onSession(state, session, s => ({
    staged: Object.fromEntries(Object.entries(s.staged).filter(([n]) => !items.includes(Number(n)))),
  }));
}

const REDUCERS: Reducers = {
  'engine.started': (s, { data, time }) => ({
    ...(data.after === 'crash' ? s : allDue(s, time)),
    fleet: data.fleet,
    dir: data.dir,
    engine: { pid: data.pid, version: data.version, running: true, since: time, ended: '' },
    config: data.after === 'crash' ? s.config : { ...s.config, due: null },
    // Nobody is attached to an engine that has just started; consoles attach again.
    sessions: {},
    leases: {},
    // Its cells are new.
    cells: {},
  }),
  'engine.stopped': (s, { data }) => ({ ...s, engine: { ...s.engine, running: false, ended: data.reason } }),
  'fleet.configured': (s, { data, time }) => {
    const agents: Record<string, AgentState> = {};
    for (const [id, { healing: level, ...config }] of Object.entries(data.agents)) {
      const { healing: before, ...old } = s.agents[id] ?? newAgent(id, time);
      const healing = configuredHealing(before, level);
      agents[id] = { ...old, ...config, removed: false, ...(healing && { healing }) };
    }
    // An agent that is no longer configured but still alive stays visible until it has ended.
    for (const old of Object.values(s.agents))
      if (!agents[old.id] && old.alive) agents[old.id] = { ...old, removed: true };
    const config = {
      revision: data.revision ?? data.digest,
      proposal: null,
      due: data.change ? dueOf(s, data.change) : s.config.due,
    };
    return { ...s, agents, order: Object.keys(agents), operators: data.operators, config };
  },
  'config.proposed': (s, { data }) => ({
    ...s,
    config: { ...s.config, proposal: { is: 'proposed', ...data } },
  }),
  'config.refused': (s, { data }) => ({
    ...s,
    config: { ...s.config, proposal: { is: 'refused', ...data } },
  }),
  'config.withdrawn': s => ({ ...s, config: { ...s.config, proposal: null } }),
  'config.applied': s => {
    const agents = Object.fromEntries(Object.entries(s.agents).filter(([, a]) => a.alive || !a.removed));
    return { ...s, agents, order: Object.keys(agents), config: { ...s.config, due: null } };
  },
  'policy.loaded': (s, { data }) => ({ ...s, policy: data.digest }),
  'tmux.lost': (s, { data, time }) => {
    let next = s;
    for (const id of data.agents) {
      next = onAgent(next, id, () => ({ alive: false, pane: '', lastExit: 'tmux server lost', since: time }));
    }
    return next;
  },
  'agent.started': (s, { data, time }) =>
    onAgent(s, data.agent, a => ({
      incarnation: data.incarnation,
      pane: data.pane,
      pid: data.pid,
      born: data.born,
      cwd: data.cwd,
      resuming: data.resumed,
      alive: true,
      wantedDown: false,
      status: 'starting',
      evidence: { source: 'process', detail: `pid ${data.pid}`, sure: 1 },
      since: time,
      restarts: a.incarnation > 0 ? a.restarts : [],
    })),
  'agent.adopted': (s, { data }) =>
    onAgent(s, data.agent, () => ({
      incarnation: data.incarnation,
      pane: data.pane,
      pid: data.pid,
      alive: true,
    })),
  'agent.exited': (s, { data, time }) =>
    onAgent(s, data.agent, () => {
      const how = data.signal || (data.status === null ? 'end unknown' : `exit ${data.status}`);
      return {
        alive: false,
        status: data.wanted ? 'stopped' : 'exited',
        evidence: { source: 'process', detail: how, sure: 1 },
        since: time,
        lastExit: how,
        // One that a person stopped is not held any more; one that died stays so until it is thawed.
        ...(data.wanted ? { freeze: null } : {}),
      };
    }),
  'restart.scheduled': (s, { data, time }) =>
    count(
      onAgent(s, data.agent, a => ({
        status: 'healing',
        evidence: {
          source: 'engine',
          detail: `restart ${data.attempt} in ${data.delayMs} ms: ${data.reason}`,
          sure: 1,
        },
        since: time,
        restarts: [...a.restarts, time].slice(-RESTARTS_KEPT),
        restartDelay: data.delayMs,
        restartCount: a.restartCount + 1,
      })),
      { restarts: 1 },
    ),
  'restarts.forgiven': (s, { data }) => onAgent(s, data.agent, () => ({ restarts: [] })),
  'agent.failed': (s, { data, time }) =>
    onAgent(s, data.agent, () => ({
      status: 'failed',
      evidence: { source: 'engine', detail: data.reason, sure: 1 },
      since: time,
    })),
  'agent.stopped': (s, { data, time }) =>
    onAgent(s, data.agent, a => ({
      wantedDown: true,
      ...(a.alive ? {} : { status: 'stopped' as const, since: time }),
    })),
  'status.changed': (s, { data, time }) =>
    onAgent(s, data.agent, a => ({
      status: data.status,
      evidence: data.evidence,
      since: a.status === data.status ? a.since : time,
      resuming: data.evidence.source === 'hook' ? '' : a.resuming,
    })),
  'gating.changed': (s, { data }) =>
    onAgent(s, data.agent, () => ({ gating: data.gating, gatingDetail: data.detail })),
  'worktree.added': (s, { data: { agent, ...worktree } }) => onAgent(s, agent, () => ({ worktree })),
  'worktree.dropped': (s, { data }) => onAgent(s, data.agent, () => ({ worktree: null, snapshots: [] })),
  'conversation.started': (s, { data }) =>
    onAgent(s, data.agent, () => ({ conversation: data.conversation })),

  ...GATE,
  ...CHAOS,
  ...INCIDENTS,
  ...BREAKERS,
  ...EVOLUTION,
  ...CELLS,

  'operator.attached': (s, { data, time }) => ({
    ...s,
    sessions: {
      ...s.sessions,
      [data.session]: {
        id: data.session,
        operator: data.operator,
        role: data.role,
        mode: data.mode,
        client: data.client,
        since: time,
        staged: {},
      },
    },
  }),
  'operator.detached': (s, { data }) => ({ ...s, sessions: without(s.sessions, data.session) }),
  'mode.changed': (s, { data }) => onSession(s, data.session, () => ({ mode: data.to })),
  'lease.taken': (s, { data, time }) => ({
    ...s,
    leases: {
      ...s.leases,
      [data.name]: { name: data.name, session: data.session, fence: data.fence, since: time },
    },
    fences: { ...s.fences, [data.name]: data.fence },
  }),
  'lease.asked': (s, { data }) => {
    const lease = s.leases[data.name];
    if (!lease || lease.asked?.includes(data.session)) return s;
    const asked = [...(lease.asked ?? []), data.session];
    return { ...s, leases: { ...s.leases, [data.name]: { ...lease, asked } } };
  },
  'lease.released': (s, { data }) =>
    s.leases[data.name]?.fence === data.fence ? { ...s, leases: without(s.leases, data.name) } : s,
  'stage.added': (s, { data }) =>
    onSession(s, data.session, x => ({ staged: { ...x.staged, [data.item]: data.staged } })),
  'stage.dropped': (s, { data }) => dropStaged(s, data.session, data.items),
  'stage.committed': (s, { data }) => dropStaged(s, data.session, data.items),

  'message.sent': received,
  'message.read': read,

  'usage.reported': (s, { data }) =>
    onAgent(s, data.agent, ({ usage }) => ({
      usage: addUsage(usage, data.usage),
      counted: { conversation: data.conversation, through: data.through },
    })),
  'freeze.ordered': (s, { data, actor, time }) => ({
    ...data.agents.reduce(
      (next, id) =>
        onAgent(next, id, ({ freeze }) => ({
          freeze: freeze
            ? { ...freeze, is: 'ordered', by: actor.id }
            : { ...UNCONFIRMED, since: time, by: actor.id, before: data.before[id] ?? [] },
        })),
      s,
    ),
    frozen: data.fleet ? { since: time, by: actor.id } : s.frozen,
  }),
  'agent.frozen': (s, { data }) =>
    onAgent(s, data.agent, ({ freeze }) => {
      if (!freeze) return {};
      const { stopped, running, processes, resisting } = data;
      const is = running === 0 ? 'frozen' : 'partly';
      return { freeze: { ...freeze, is, stopped, running, processes, resisting } };
    }),
  'freeze.lifted': (s, { data }) => ({
    ...data.agents.reduce(
      (next, id) => onAgent(next, id, ({ freeze }) => ({ freeze: freeze && { ...freeze, is: 'thawing' } })),
      s,
    ),
    frozen: data.fleet ? null : s.frozen,
  }),
  'agent.thawed': (s, { data }) => onAgent(s, data.agent, () => ({ freeze: null })),

  'recording.started': (s, { data, time }) => {
    const { file, recording, part, agent } = data;
    const entry = { file, recording, part, agent, since: time, chunk: 0, bytes: 0, digest: NO_DIGEST };
    return { ...s, recordings: { ...s.recordings, [file]: entry } };
  },
  'recording.chunked': (s, { data }) => {
    const { file, chunk, bytes, digest } = data;
    const entry = s.recordings[file];
    if (!entry) return s;
    return { ...s, recordings: { ...s.recordings, [file]: { ...entry, chunk, bytes, digest } } };
  },
  'recording.ended': (s, { data }) => ({ ...s, recordings: without(s.recordings, data.file) }),
  'recording.paused': (s, { data }) => ({ ...s, recordingPaused: data.reason }),
  'recording.resumed': s => ({ ...s, recordingPaused: '' }),
  'journal.checkpointed': (s, { data, time }) => ({ ...s, checkpoint: { size: data.size, time } }),
};

/** What a change asks for of agents: those a person has stopped stay so. */
function dueOf(state: FleetState, change: FleetChange): ConfigState['due'] {
  const start = change.agents.flatMap(({ agent, what, restart }) => {
    const old = state.agents[agent];
    const wanted = what === 'added' || (restart && !old?.wantedDown);
    return wanted ? [[agent, old?.incarnation ?? 0] as const] : [];
  });
  const stop = change.agents.filter(a => a.what === 'removed').map(a => a.agent);
  return { stop, start: Object.fromEntries(start) };
}

const UNCONFIRMED = { is: 'ordered', stopped: 0, running: 0, processes: [], resisting: [] } as const;

/** A fleet that was down starts whole: what every agent was before does not count, also if this engine dies early. */
function allDue(state: FleetState, time: number): FleetState {
  const agents = Object.values(state.agents).map((agent): AgentState => {
    if (agent.alive) return { ...agent, freeze: null };
    const evidence = { source: 'engine' as const, detail: 'the fleet starts', sure: 1 };
    return { ...agent, status: 'starting', evidence, since: time, wantedDown: false, freeze: null };
  });
  return { ...state, frozen: null, agents: Object.fromEntries(agents.map(agent => [agent.id, agent])) };
}

function newAgent(id: string, time: number): AgentState {
  return {
    id,
    driver: '',
    title: '',
    gate: 'ask',
    needs: [],
    capabilities: [],
    status: 'unknown',
    evidence: { source: 'engine', detail: 'not started yet', sure: 1 },
    since: time,
    gating: 'unproven',
    gatingDetail: 'no request seen yet',
    incarnation: 0,
    pane: '',
    pid: 0,
    born: '',
    cwd: '',
    alive: false,
    conversation: '',
    resuming: '',
    restarts: [],
    restartCount: 0,
    worktree: null,
    removed: false,
    wantedDown: false,
    usage: null,
    counted: { conversation: '', through: 0 },
    freeze: null,
    lastExit: '',
  };
}

/** The state after one more event. */
export function reduce(state: FleetState, event: Event): FleetState {
  const reducer = REDUCERS[event.kind] as ((s: FleetState, e: Event) => FleetState) | undefined;
  const next = reducer ? reducer(state, event) : state;
  return { ...next, seq: event.seq, time: event.time };
}

/** The state after many events. */
export function fold(state: FleetState, events: Iterable<Event>): FleetState {
  let next = state;
  for (const event of events) next = reduce(next, event);
  return next;
}
