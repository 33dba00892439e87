/** The cells of a fleet, each given its ways to the others and into the world. They know each other only from here. */
import { randomUUID } from 'node:crypto';
import type { Breakers } from '../cells/breakers/breakers.ts';
import type { Chaos } from '../cells/chaos.ts';
import type { Configurator } from '../cells/configurator.ts';
import type { Freezer } from '../cells/freezer/freezer.ts';
import { Gatekeeper } from '../cells/gatekeeper/gatekeeper.ts';
import type { Healer } from '../cells/healer/healer.ts';
import { Messages, type Waiting } from '../cells/messages/messages.ts';
import { Operators, type Session } from '../cells/operators.ts';
import type { Optimizer } from '../cells/optimizer/optimizer.ts';
import { Recorder } from '../cells/recorder.ts';
import type { Snapshots } from '../cells/snapshots.ts';
import { StatusTeller } from '../cells/status.ts';
import { RESTART_TOOL } from '../cells/supervisor/asking.ts';
import type { SupervisorOptions } from '../cells/supervisor/supervised.ts';
import { Supervisor } from '../cells/supervisor/supervisor.ts';
import type { Swaps } from '../cells/swaps.ts';
import { UsageCounter } from '../cells/usage.ts';
import { Worktrees } from '../cells/worktrees.ts';
import { drivers } from '../drivers/index.ts';
import type { Driver } from '../drivers/types.ts';
import { actionDigest } from '../gate/digest.ts';
import { readFacts } from '../gate/facts.ts';
import type { Asker } from '../gate/types.ts';
import type { JournalReader } from '../journal/types.ts';
import type { Action } from '../model/action.ts';
import type { BreakerReading } from '../model/breaker-view.ts';
import type { Draft } from '../model/event.ts';
import { DriverName } from '../model/fleet.ts';
import type { HealingConfig } from '../model/healing.ts';
import { AgentId, RequestId } from '../model/ids.ts';
import type { FleetTrees } from '../processes/fleet-trees.ts';
import { readBirth } from '../processes/process.ts';
import type { TmuxServer } from '../tmux/types.ts';
import { breakersOn, forHealing, guardGit, keptBack, withBreakers } from './breakers.ts';
import { Cells, REPAIR_TOOL } from './cells/cells.ts';
import { chaosOn } from './chaos.ts';
import { type Configuration, isOpen, supervised } from './configuration.ts';
import { configuratorOn } from './configuring.ts';
import type { Core } from './core.ts';
import { reap } from './endings.ts';
import type { Endpoints } from './endpoints.ts';
import { optimizerOn } from './evolution.ts';
import { healerOn } from './healing.ts';
import { findEnded } from './history.ts';
import type { Lag } from './lag.ts';
import { messagesForbidden } from './message-policy.ts';
import type { Helper } from './native.ts';
import type { EngineOptions } from './options.ts';
import { brakeOn, treesOfFleet } from './processes.ts';
import { missingProgram } from './program.ts';
import { recordingSettings } from './recording-settings.ts';
import { remediesOn } from './remedies.ts';
import type { Tokens } from './tokens.ts';

interface Given {
  readonly options: EngineOptions;
  readonly core: Core;
  readonly journal: JournalReader;
  readonly tmux: TmuxServer;
  readonly tokens: Tokens;
  /** Replaced as a whole when a person agrees to a changed file. */
  readonly inForce: { configuration: Configuration };
  readonly helper: Pick<Helper, 'program'>;
  readonly endpoints: Endpoints;
  readonly lag: Pick<Lag, 'multiplier'>;
  /** The engine is about to let go: nothing new is put in force. */
  isEnding(): boolean;
  /** Has everything that agents wait at connect again. */
  endAgentPeers(reason: string): void;
  /** What is counted of breakers, to everybody who follows. */
  tellBreakers(readings: readonly BreakerReading[]): void;
  /** Lets go, for another engine to begin anew. */
  restartEngine(reason: string): void;
}

interface FleetCells {
  readonly cells: Cells;
  readonly breakers: Breakers;
  readonly supervisor: Supervisor;
  readonly gatekeeper: Gatekeeper;
  readonly freezer: Freezer;
  readonly healer: Healer;
  readonly optimizer: Optimizer;
  readonly status: StatusTeller;
  readonly recorder: Recorder;
  readonly operators: Operators;
  readonly messages: Messages;
  readonly configurator: Configurator<Configuration>;
  readonly worktrees: Worktrees;
  readonly snapshots: Snapshots;
  readonly swaps: Swaps;
  readonly chaos: Chaos;
  readonly trees: FleetTrees;
  askerOf(agent: string): Asker;
  driverOf(agent: string): Driver | undefined;
}

/** Built and added to the core, in the order in which they hear of events. None has taken charge yet. */
export function cellsOf({
  options,
  core,
  journal,
  tmux,
  tokens,
  inForce,
  helper,
  endpoints,
  lag,
  isEnding,
  endAgentPeers,
  tellBreakers,
  restartEngine,
}: Given): FleetCells {
  const { paths, env } = options;
  const config = () => inForce.configuration.fleet.config;

  const driverOf = (id: string): Driver | undefined => {
    // Also of one that is no longer in the fleet file but still runs: its hooks go on asking.
    const driver = DriverName.safeParse(core.state.agents[id]?.driver);
    return driver.success ? drivers[driver.data] : undefined;
  };
  const askerOf = (id: string): Asker => {
    const agent = core.state.agents[id];
    return { id, type: 'agent', driver: agent?.driver ?? '', capabilities: agent?.capabilities ?? [] };
  };

  const cells = new Cells({
    core,
    lag: () => lag.multiplier,
    isEnding,
    ask: (cell, reason) =>
      askPeople('', 'engine', { tool: REPAIR_TOOL, input: { cell, reason }, cwd: paths.dir }),
    restartEngine,
  });
  const status = cells.raise({
    name: 'status',
    build: world => new StatusTeller(world, id => driverOf(id)?.reports ?? false),
  });
  // Who is attached is the sockets' to know; a cell that is made anew finds them there.
  const attached = new Map<string, Session>();
  const operators = cells.raise({
    name: 'operators',
    // Without it nobody could look at what is wrong, let alone mend it.
    vital: true,
    build: world =>
      new Operators(world, { owner: options.owner, open: isOpen(inForce.configuration), attached }),
  });
  const usage = cells.raise({
    name: 'usage',
    build: world => new UsageCounter(world, (id, lines, settled) => driverOf(id)?.usageIn?.(lines, settled)),
  });
  const breakers = breakersOn({
    ...{ cells, core, config, tell: tellBreakers },
    healer: () => healer,
    supervisor: () => supervisor,
  });
  const gating: ConstructorParameters<typeof Gatekeeper>[1] = {
    get policy() {
      return withBreakers(inForce.configuration.policy, core, breakers);
    },
    readFacts,
    digestOf: actionDigest,
    gateOf: id => core.state.agents[id]?.gate ?? 'ask',
    askerOf,
    driverOf,
    get ttlMs() {
      return config().approvals.ttl;
    },
    findEnded: request => findEnded(journal, request),
    onHook: (agent, meaning) =>
      core.whenFree(breakers.name, () =>
        breakers.providers.called(agent, { ...meaning, tool: meaning.used }),
      ),
    onStatus: (agent, said, failure) => {
      core.whenFree(status.name, () => status.report(agent, said));
      if (failure) healer.sensing.failedBy(agent, failure.error, failure.words);
    },
    onTranscript: (agent, transcript) => core.whenFree(usage.name, () => usage.see(agent, transcript)),
  };
  const gatekeeper = cells.raise({
    name: 'gatekeeper',
    vital: true,
    effect: {
      radius: 'agents',
      undo: 'agents that wait for an answer connect again and ask under the same id',
      risky: true,
    },
    build: world => new Gatekeeper(world, gating),
    resume: cell => {
      cell.takeCharge();
      endAgentPeers('the gatekeeper was made anew');
    },
  });

  const trees = treesOfFleet(core, tmux, paths);
  const unwritten: Draft[] = [];
  const freezer = cells.raise({
    name: 'freezer',
    build: world => brakeOn(core, world, trees, paths, unwritten),
    resume: cell => cell.takeCharge(),
  });
  const recorder = cells.raise<Recorder>({
    name: 'recorder',
    // An agent that runs unrecorded is better than none.
    aside: { tap: () => undefined, printed: () => undefined, gone: () => {} },
    build: (world, ways) =>
      new Recorder(world, {
        folder: config().recording.enabled ? paths.recordings : undefined,
        tmux: ways(tmux),
        settings: () => recordingSettings(config(), env),
        isConnected: () => [...attached.values()].some(({ client }) => client === 'recorder'),
      }),
  });
  const worktrees = cells.raise({
    name: 'worktrees',
    build: world =>
      new Worktrees(world, {
        folder: `${paths.state}/worktrees`,
        fleet: paths.fleet,
        dir: paths.dir,
        env,
        guard: guardGit(core, breakers),
        propose: (agent, action) => askPeople(agent, 'worktrees', action),
      }),
    settled: before => before.quiet(),
    resume: cell => cell.takeCharge(),
  });
  const { snapshots, swaps } = remediesOn({
    ...{ cells, core, env, worktrees, driverOf, guard: guardGit(core, breakers) },
    healingOf: id => inForce.configuration.fleet.agents.find(agent => agent.id === id)?.config.healing,
    supervisor: () => supervisor,
  });
  const chaos = cells.raise({
    name: 'chaos',
    build: world =>
      chaosOn(core, world, tmux, paths, {
        propose: action => askPeople('', 'chaos', action, config().approvals.ttl),
        kill: cell => cells.kill(cell, 'killed by an experiment'),
      }),
    resume: cell => cell.takeCharge(),
  });
  const supervising: Omit<SupervisorOptions, 'agents' | 'tmux'> = {
    environment: (agent, incarnation) => ({
      ...endpoints.environment(agent),
      ...swaps.inForce(agent)?.env,
      HMS_AGENT: agent,
      HMS_FLEET: paths.fleet,
      HMS_SOCKET: paths.agentSocket,
      HMS_TOKEN: tokens.make(agent, incarnation),
      HMS_GATE: config().agents[agent]?.gate ?? 'ask',
      HMS_BIN: options.hms,
      ...heartbeatIn(config().agents[agent]?.healing),
    }),
    plan: ({ id, config: agent, driver, cwd }, conversation) =>
      driver.plan({
        agent: id,
        config: agent,
        cwd,
        dir: `${paths.state}/agents/${id}`,
        hms: options.hms,
        native: helper.program,
        conversation,
        model: swaps.inForce(id)?.model ?? '',
      }),
    missing: (argv, cwd, own) => missingProgram(argv, cwd, own.PATH ?? env.PATH ?? ''),
    tap: (agent, incarnation) => recorder.tap(agent, incarnation),
    birthOf: readBirth,
    reap,
    killFrozen: agent => freezer.kill(agent),
    keptBack: agent => keptBack(agent, core, healer, breakers),
    heal: (agent, ending) => healer.ends.ended(agent, ending),
    isHealed: agent => !core.isIsolated(healer.name) && healer.ends.isHealed(agent),
    askRestart,
    groups: () => config().groups,
    place: async agent => (agent.config.worktree === false ? agent.cwd : worktrees.place(agent)),
  };
  const supervisor = cells.raise({
    name: 'supervisor',
    effect: {
      radius: 'agents',
      undo: 'agents run on; starts that were to come are planned anew',
      risky: true,
    },
    build: (world, ways) =>
      new Supervisor(world, {
        ...ways(supervising),
        agents: supervised(inForce.configuration),
        tmux: ways(tmux),
      }),
    settled: before => before.quiet(),
    resume: async cell => cell.takeCharge(await tmux.listPanes(), false),
  });

  /** "Start it again?" is a request like any other: held for people, answered once. */
  function askRestart(agent: AgentId, reason: string, group?: string): void {
    const input = { agent, reason, ...(group === undefined ? {} : { group }) };
    askPeople(agent, 'supervisor', { tool: RESTART_TOOL, input, cwd: paths.dir });
  }

  /** What a cell wants to do with an agent is held like what agents want. */
  function askPeople(agent: AgentId | '', cell: string, action: Action, ttlMs = 0): RequestId {
    const request = RequestId.parse(`r-${randomUUID().replaceAll('-', '').slice(0, 12)}`);
    const asker: Asker = { id: agent, type: 'cell', driver: cell, capabilities: [] };
    gatekeeper.post(asker, { request, action, can: { edit: false, note: false }, via: 'cell', ttlMs });
    return request;
  }

  const healer = cells.raise({
    name: 'healer',
    build: world =>
      healerOn({
        ...{ core, world, tmux, env, supervisor, freezer, trees, snapshots, swaps, driverOf },
        agents: supervised(inForce.configuration),
        ttlMs: config().approvals.ttl,
        ask: askPeople,
        lag: () => lag.multiplier,
        breakers: forHealing(core, breakers),
      }),
    resume: cell => {
      // Ends that the one before was told of and had not begun on.
      for (const { id, alive, status } of Object.values(core.state.agents))
        if (!alive && status === 'healing' && !cell.ends.isHealed(id))
          cell.ends.ended(AgentId.parse(id), { status: null, signal: '', lost: false });
      cell.takeCharge();
    },
  });

  const optimizer = optimizerOn({
    ...{ cells, paths, env, lag, hms: options.hms },
    settings: () => config().evolution,
    propose: action => askPeople('', 'optimizer', action),
  });

  const waiting: Waiting = new Map();
  const forbidden = messagesForbidden(core, () => inForce.configuration.policy, askerOf);
  const messages = cells.raise({
    name: 'messages',
    build: world => new Messages(world, journal, forbidden, waiting),
    resume: cell => cell.takeCharge(),
  });

  const configurator = configuratorOn({
    ...{ options, core, cells, inForce, endpoints, isEnding },
    ...{ operators, gatekeeper, supervisor, breakers, healer },
  });

  cells.hear(
    ...[breakers, supervisor, gatekeeper, freezer, usage, status, recorder],
    ...[operators, messages, configurator, worktrees, snapshots, swaps, chaos, healer, optimizer],
  );
  return {
    cells,
    breakers,
    supervisor,
    gatekeeper,
    freezer,
    status,
    recorder,
    operators,
    messages,
    configurator,
    worktrees,
    snapshots,
    swaps,
    chaos,
    healer,
    optimizer,
    trees,
    askerOf,
    driverOf,
  };
}

/** How often it is to beat at least, ms: as sd_watchdog_enabled(3) tells a service. */
function heartbeatIn(healing: HealingConfig | undefined): Readonly<Record<string, string>> {
  return healing?.heartbeat ? { HMS_HEARTBEAT_MS: String(healing.heartbeat) } : {};
}
