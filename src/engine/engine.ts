/**
 * The composition root: the only room that knows every other. Opens journal and tmux, has the cells built around them,
 * serves the two sockets, and ends in order. A library first: the command line and tests both call it.
 */
import { cellActor, subject } from '../cells/cell.ts';
import type { Notifier } from '../cells/notifier/notifier.ts';
import { keepConfiguration } from '../fleet/kept.ts';
import { openJournal } from '../journal/journal.ts';
import type { Journal } from '../journal/types.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import { AgentId } from '../model/ids.ts';
import type { FleetState } from '../model/state.ts';
import { readBirth } from '../processes/process.ts';
import { AGENT_REQUESTS, OPERATOR_REQUESTS, type Push } from '../protocol/messages.ts';
import { type SocketServer, serve } from '../protocol/server.ts';
import { openTmuxServer } from '../tmux/server.ts';
import type { TmuxServer } from '../tmux/types.ts';
import { watchPanes } from '../tmux/watch.ts';
import { type AgentPeer, handleAgent } from './agent-requests.ts';
import { announce } from './announce.ts';
import { guardNotifying } from './breakers.ts';
import type { Cells } from './cells/cells.ts';
import { type Configuration, chooseConfiguration } from './configuration.ts';
import { Core } from './core.ts';
import { endAgents } from './endings.ts';
import { Endpoints } from './endpoints.ts';
import { cellsOf } from './fleet-cells.ts';
import { howItEnded } from './history.ts';
import { keepState, stateOf } from './kept-state.ts';
import { watchLag } from './lag.ts';
import { openHelper } from './native.ts';
import { notifierOf } from './notifying.ts';
import { handleOperator, type OperatorPeer } from './operator-requests.ts';
import type { EngineOptions } from './options.ts';
import { OwnRules } from './own-rules.ts';
import { lookAtProcesses } from './processes.ts';
import { openTokens } from './tokens.ts';

/**
 * How often processes are looked at, ms. The truth about deaths; hooks only make it sooner. Each time wakes a sleeping
 * machine, which costs more than the look itself: at 50 it was a quarter of what an idle engine used.
 */
const LOOK_MS = 100;
/** How often the journal's head is signed while events come, ms. */
const CHECKPOINT_MS = 300_000;
/** A command or webhook that is told of something has its own deadline, and is tried again, ms. */
const NOTIFIED_MS = 300_000;

/**
 * Why an engine ended. `down`: the fleet is; `handover`: another one goes on in a new tmux server; `restart`: the
 * keeper is to start another one.
 */
type EngineEnd = 'down' | 'handover' | 'stopped' | 'restart';

export interface Engine {
  readonly core: Core;
  readonly cells: Cells;
  /** Resolves when the engine has ended by itself or by `stop`. */
  readonly ended: Promise<EngineEnd>;
  /** Lets go: agents and tmux live on, the next engine adopts them. */
  stop(reason: string): Promise<void>;
}

/**
 * Takes charge of a fleet. Throws HmsError `engine-running` when another engine has it, and whatever the rooms
 * say when journal, policy, tmux or sockets cannot be opened.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { paths } = options;
  // What has been opened is let go when the rest fails: a process that only looks like an engine helps nobody.
  const opened = new AsyncDisposableStack();
  const journal = takeJournal(options);
  opened.defer(() => journal.close());
  try {
    const { fleet: read, consented, env } = options;
    // tmux takes as long as the policy does, in processes of its own.
    const opening = openTmuxServer({
      socket: paths.tmuxSocket,
      session: paths.fleet,
      keeper: options.keeper,
      env,
      cwd: paths.dir,
    });
    opening.catch(() => {});
    opened.defer(async () => (await opening.catch(() => undefined))?.detach());
    const state = stateOf(journal);
    const agreed = state.config.revision || undefined;
    const { configuration, instead } = await chooseConfiguration(agreed, paths, read, consented, env);
    // A full disk keeps nobody down: the file itself is there, and what is in force is tried to be kept again next time.
    await keepConfiguration(paths, configuration).catch((error: unknown) =>
      options.log(`the configuration is not kept: ${wordsOf(error)}`),
    );
    const tmux = await opening;
    return await assemble(options, { configuration, instead, journal, state, tmux }, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/** The journal's lock is the fleet's: whoever may append is its engine. */
function takeJournal({ paths, log, lockWithinMs = 0 }: EngineOptions): Journal {
  try {
    return openJournal(paths.journal, { key: paths.key25519, origin: `hms/${paths.key}`, log, lockWithinMs });
  } catch (error) {
    if (!(error instanceof HmsError) || error.code !== 'journal-locked') throw error;
    throw new HmsError('engine-running', `another engine has the fleet ${paths.fleet}`, 'hms-tui attach', {
      cause: error,
    });
  }
}

interface Parts {
  readonly configuration: Configuration;
  readonly instead: readonly string[];
  readonly journal: Journal;
  readonly state: FleetState;
  readonly tmux: TmuxServer;
}

async function assemble(
  options: EngineOptions,
  { configuration, instead, journal, state, tmux }: Parts,
  opened: AsyncDisposableStack,
): Promise<Engine> {
  const { paths, log, env } = options;
  const core = new Core({ journal, state, now: Date.now, random: Math.random, log });
  keepState(core, journal);
  opened.defer(() => core.stop());
  const tokens = openTokens(`${paths.state}/agent.secret`);
  const before = howItEnded(state);
  const fresh = before !== 'crash';
  const inForce = { configuration };
  let lookNow = (): void => {};
  let tellFollowers = (_: Push): void => {};
  const helper = await openHelper({ env, log, onDied: () => lookNow() });
  opened.defer(() => helper.close());
  const endpoints = new Endpoints({ paths, owner: markOf(tmux.serverPid), log });
  helper.onUp(native => endpoints.follow(native));
  await endpoints.want(configuration.fleet.agents);
  const lag = watchLag();
  opened.defer(() => lag.stop());
  const cells = cellsOf({
    options,
    core,
    journal,
    tmux,
    tokens,
    inForce,
    helper,
    endpoints,
    lag,
    isEnding: () => ending,
    endAgentPeers: reason => {
      for (const peer of agentServer.peers()) peer.end(reason);
    },
    tellBreakers: breakers => tellFollowers({ push: 'breakers', breakers }),
    restartEngine: reason => void restart(reason),
  });
  const { supervisor, gatekeeper, freezer, status, recorder, configurator, worktrees, chaos, healer } = cells;

  announce(core, { options, configuration, instead, tmux, after: before });

  let resolveEnd: (end: EngineEnd) => void = () => {};
  const ended = new Promise<EngineEnd>(resolve => {
    resolveEnd = resolve;
  });
  let ending = false;

  freezer.takeCharge();
  const agentServer = await serve({
    path: paths.agentSocket,
    table: AGENT_REQUESTS,
    onConnect: (): AgentPeer => ({ agent: '', gone: new AbortController() }),
    handle: (peer, request) => handleAgent({ core, tokens, ...cells }, peer, request),
    log,
  });
  opened.defer(() => agentServer.close());
  gatekeeper.takeCharge();
  cells.breakers.takeCharge();
  worktrees.takeCharge();
  chaos.takeCharge();
  supervisor.takeCharge(await tmux.listPanes(), fresh);
  cells.swaps.takeCharge();
  healer.takeCharge();
  cells.optimizer.takeCharge();
  const ownRules = new OwnRules(core, env, () => inForce.configuration.fleet.config.notifications);
  await ownRules.read();
  const operatorServer: SocketServer<OperatorPeer> = await serve({
    path: paths.operatorSocket,
    table: OPERATOR_REQUESTS,
    onConnect: (): OperatorPeer => ({
      session: undefined,
      cursor: undefined,
      hasHistory: false,
      experiment: '',
    }),
    handle: (peer, request) =>
      handleOperator(
        {
          core,
          journal,
          ...cells,
          lag,
          notifier,
          ownRules,
          tmux,
          version: options.version,
          down: () => void goDown(),
          toFollowers: push => tell(operatorServer, push),
        },
        peer,
        request,
      ),
    log,
  });
  tellFollowers = push => tell(operatorServer, push);
  const notifier = cells.cells.raise<Notifier>({
    name: 'notifier',
    // Told of every request.
    aside: { active: () => {} },
    callMs: NOTIFIED_MS,
    build: (world, ways) =>
      notifierOf(core, world, {
        journal,
        dir: paths.dir,
        env,
        rules: () => ownRules.rules(),
        server: operatorServer,
        guard: guardNotifying(core, cells.breakers),
        ways,
      }),
    resume: cell => cell.takeCharge(),
  });
  cells.cells.hear(notifier);
  notifier.takeCharge();
  const unsubscribe = journal.subscribe(core.state.seq, event => push(operatorServer, event));

  const watch = watchPanes(tmux, {
    intervalMs: LOOK_MS,
    // The supervisor remembers deaths that come before their start is written down.
    settleMs: 0,
    onPanes: panes => {
      if (!core.isHeld(supervisor.name)) supervisor.see(panes);
      const alive = panes.filter(p => p.agent !== '' && !p.dead);
      if (!core.isHeld(status.name)) status.see(alive);
      if (!core.isHeld(recorder.name)) recorder.see(alive);
      if (!core.isHeld(healer.name)) healer.sensing.see(alive);
    },
    onDead: dead =>
      core.whenFree(supervisor.name, () =>
        supervisor.ended(dead.agent, dead.incarnation, {
          status: dead.status,
          signal: dead.signal,
          lost: false,
        }),
      ),
    onWatched: pids => helper.watch(pids),
    onError: error => log(`looking at panes: ${error}`),
  });
  lookNow = () => void watch.look();
  tmux.onGone(detail => void handOver(detail));
  configurator.watch();
  const signing = setInterval(() => void checkpoint(), CHECKPOINT_MS);
  const stopLooking = lookAtProcesses(core, cells.cells, cells.trees, [freezer, chaos], {
    printed: agent => recorder.printed(agent),
    onReading: reading => {
      if (!core.isHeld(healer.name)) healer.sensing.use(reading);
    },
    alerts: () => inForce.configuration.fleet.config.alerts,
    peers: () => operatorServer.peers(),
    helper,
  });

  cells.cells.start();

  async function checkpoint(): Promise<void> {
    if (core.state.checkpoint?.size !== core.state.seq - 1) {
      await journal
        .checkpoint()
        .catch((error: unknown) => log(`the journal is not signed: ${wordsOf(error)}`));
    }
  }

  async function close(): Promise<void> {
    clearInterval(signing);
    stopLooking();
    helper.close();
    lag.stop();
    watch.stop();
    unsubscribe();
    core.stop();
    await Promise.all([operatorServer.close(), agentServer.close()]);
    await core.durable;
    journal.close();
  }

  /** The tmux server went away under us. What was lost is written down; a new server gets a new engine. */
  async function handOver(detail: string): Promise<void> {
    if (ending) return;
    ending = true;
    log(`tmux server gone: ${detail}`);
    const lost = Object.values(core.state.agents).filter(agent => agent.alive);
    core.emit({
      kind: 'tmux.lost',
      actor: cellActor('engine'),
      subject: subject.fleet,
      data: { agents: lost.map(agent => AgentId.parse(agent.id)), detail },
    });
    await close();
    resolveEnd('handover');
  }

  /** It is not safe to go on: agents and tmux live on, and the keeper starts the next one. */
  async function restart(reason: string): Promise<void> {
    if (ending) return;
    log(`engine ${process.pid} lets go: ${reason}`);
    await letGo(reason, 'restart');
  }

  async function letGo(reason: string, end: EngineEnd): Promise<void> {
    ending = true;
    core.emit({
      kind: 'engine.stopped',
      actor: cellActor('engine'),
      subject: subject.fleet,
      data: { reason },
    });
    // What fails from here on fails because we let go: it is no news of any agent.
    healer.stop();
    await tmux.detach();
    await close();
    resolveEnd(end);
  }

  async function goDown(): Promise<void> {
    if (ending) return;
    ending = true;
    supervisor.stop();
    watch.stop();
    // One that is just being started is ended with the others.
    await supervisor.quiet();
    for (const agent of core.state.order) freezer.kill(agent);
    await endAgents(core, tmux);
    await core.durable;
    await recorder.quiet();
    await checkpoint();
    core.emit({
      kind: 'engine.stopped',
      actor: cellActor('engine'),
      subject: subject.fleet,
      data: { reason: 'down' },
    });
    await core.durable;
    await close();
    await tmux.killServer();
    resolveEnd('down');
  }

  log(`engine ${process.pid} has ${paths.fleet} (${before})`);
  return {
    core,
    cells: cells.cells,
    ended,
    stop: async reason => {
      if (ending) return void (await ended);
      await letGo(reason, 'stopped');
    },
  };
}

/** To everybody who follows, now. */
function tell(server: SocketServer<OperatorPeer>, push: Push): void {
  for (const peer of server.peers()) if (peer.data.cursor !== undefined) peer.send(push);
}

function push(server: SocketServer<OperatorPeer>, event: Event): void {
  for (const peer of server.peers()) {
    if (peer.data.cursor === undefined || event.seq <= peer.data.cursor) continue;
    peer.data.cursor = event.seq;
    peer.send({ push: 'event', event });
  }
}

/** undefined when it is gone already. */
function markOf(pid: number): { readonly pid: number; readonly born: string } | undefined {
  const born = pid > 0 ? readBirth(pid) : '';
  return born === '' ? undefined : { pid, born };
}
