/** What each request of a person does. Rights are checked by the operators' cell, decisions made by the gate's. */

import { subject } from '../cells/cell.ts';
import type { Chaos } from '../cells/chaos.ts';
import type { Configurator, Readable } from '../cells/configurator.ts';
import type { Freezer } from '../cells/freezer/freezer.ts';
import type { Gatekeeper } from '../cells/gatekeeper/gatekeeper.ts';
import type { Healer } from '../cells/healer/healer.ts';
import { type Messages, newMessageId } from '../cells/messages/messages.ts';
import type { Notifier } from '../cells/notifier/notifier.ts';
import type { Operators, Session } from '../cells/operators.ts';
import type { Recorder } from '../cells/recorder.ts';
import type { Supervisor } from '../cells/supervisor/supervisor.ts';
import type { Worktrees } from '../cells/worktrees.ts';
import type { JournalReader } from '../journal/types.ts';
import { HmsError } from '../model/errors.ts';
import type { Draft, StagedItem } from '../model/event.ts';
import { freezeWords, startHeld } from '../model/freeze.ts';
import type { AgentId, PaneId } from '../model/ids.ts';
import type { OPERATOR_REQUESTS, Push } from '../protocol/messages.ts';
import type { Peer, RequestOf } from '../protocol/server.ts';
import type { TmuxServer } from '../tmux/types.ts';
import { type BreakerDesk, carryOutBreaker } from './breaker-requests.ts';
import { type CellDesk, carryOutCell } from './cell-requests.ts';
import { carryOutChaos, requireForChaos } from './chaos-requests.ts';
import type { Core } from './core.ts';
import { carryOutEvolution, type EvolutionDesk } from './evolution-requests.ts';
import { carryOutHeal } from './heal-requests.ts';
import { journalPage } from './journal-pages.ts';
import { agentOf } from './known-agent.ts';
import type { OwnRules } from './own-rules.ts';
import { carryOutRemedy, type RemedyDesk } from './remedy-requests.ts';
import { welcome } from './welcome.ts';

/** The smallest size an agent's window gets, whatever a console's view is: the usual terminal, less tmux's line. */
const LEAST = { cols: 80, rows: 23 };

/** What works also where nothing can be written: above all what ends things or stops them. */
const WITHOUT_JOURNAL: ReadonlySet<Request['do']> = new Set([
  'ping',
  'present',
  'view.size',
  'fleet.freeze',
  'fleet.thaw',
  'fleet.down',
  'chaos.halt',
  'journal.read',
]);

/** What programs do without anybody: no sign that somebody is there. */
const PASSIVE: ReadonlySet<Request['do']> = new Set([
  'ping',
  'view.size',
  'journal.read',
  'breaker.list',
  'message.wait',
  'chaos.tell',
  'chaos.measure',
]);

export interface OperatorPeer {
  session: Session | undefined;
  /** Pushes start after this seq; undefined for one that does not follow. */
  cursor: number | undefined;
  /** Has been given what agents used in the last minutes. */
  hasHistory: boolean;
  /** The experiment it is the runner of; ''. */
  experiment: string;
}

interface OperatorDesk extends CellDesk, RemedyDesk, EvolutionDesk {
  readonly core: Core;
  readonly journal: JournalReader & { checkpoint(): Promise<{ size: number; root: string; note: string }> };
  readonly operators: Operators;
  readonly gatekeeper: Gatekeeper;
  readonly supervisor: Supervisor;
  readonly recorder: Recorder;
  readonly freezer: Freezer;
  readonly breakers: BreakerDesk['breakers'];
  readonly healer: Healer;
  readonly configurator: Pick<Configurator<Readable>, 'look' | 'agree'>;
  readonly worktrees: Worktrees;
  readonly chaos: Chaos;
  readonly messages: Messages;
  readonly notifier: Notifier;
  readonly ownRules: OwnRules;
  readonly tmux: TmuxServer;
  readonly version: string;
  /** To every client that follows. */
  toFollowers(push: Push): void;
  /** Ends agents, tmux and engine, after the answer has gone out. */
  down(): void;
}

type Request = RequestOf<typeof OPERATOR_REQUESTS>;

export async function handleOperator(
  desk: OperatorDesk,
  peer: Peer<OperatorPeer>,
  request: Request,
): Promise<unknown> {
  if (request.do === 'hello') return welcome(desk, peer, request.with);
  const session = peer.data.session;
  if (!session) throw new HmsError('hello-first', 'the first request on a connection is hello');
  if (!PASSIVE.has(request.do)) desk.notifier.active(session.id);
  if (request.do === 'message.wait') {
    const gone = new AbortController();
    peer.onClose(() => gone.abort());
    return desk.messages.wait(subject.operator(session.operator), gone.signal);
  }
  const answer = await carryOut(desk, session, request, peer);
  // The brake's answer is what was seen of processes; it must come also where nothing can be written.
  if (request.do === 'fleet.freeze' || request.do === 'fleet.thaw') return answer;
  await desk.core.durable;
  return answer ?? {};
}

async function carryOut(
  desk: OperatorDesk,
  session: Session,
  request: Exclude<Request, { do: 'hello' | 'message.wait' }>,
  peer: Peer<OperatorPeer>,
): Promise<unknown> {
  const { core, operators, gatekeeper, supervisor, tmux } = desk;
  if (!WITHOUT_JOURNAL.has(request.do)) core.requireJournal();
  const actor = operators.actor(session);
  const by = { operator: session.operator, role: session.role, via: actor.via };
  switch (request.do) {
    case 'ping':
      return { now: core.now() };
    case 'mode.set':
      return operators.setMode(session, request.with.mode);
    case 'approval.decide':
      operators.require(session, request.with.decision === 'override' ? 'override' : 'decide');
      requireForChaos(desk, session, request.with);
      return emit(core, gatekeeper.decide(by, request.with));
    case 'approval.defer':
      operators.require(session, 'decide');
      return emit(core, gatekeeper.defer(by, request.with.request, request.with.minutes));
    case 'grant.issue':
      operators.require(session, 'decide');
      requireForChaos(desk, session, { request: request.with.request, decision: 'approve' });
      return emit(core, gatekeeper.issueGrant(by, request.with));
    case 'grant.revoke':
      operators.require(session, 'decide');
      return emit(core, gatekeeper.revokeGrant(by, request.with.grant, request.with.reason));
    case 'agent.start':
      operators.require(session, 'operate');
      requireThawed(startHeld(core.state, agentOf(core, request.with.agent).id));
      return supervisor.start(request.with.agent, actor, `started by ${session.operator}`);
    case 'agent.stop':
      operators.require(session, 'operate');
      agentOf(core, request.with.agent);
      return supervisor.stopAgent(request.with.agent, actor);
    case 'agent.restart':
      operators.require(session, 'operate');
      requireThawed(startHeld(core.state, agentOf(core, request.with.agent).id));
      return supervisor.restart(request.with.agent, actor);
    case 'agent.send':
      operators.require(session, 'type');
      return send(desk, actor, request.with.agent, request.with.text, request.with.enter);
    case 'heal.set-level':
    case 'heal.dismiss':
      return carryOutHeal(desk, session, request);
    case 'remedy.undo':
    case 'remedy.swap':
    case 'remedy.snapshots':
    case 'remedy.snapshot':
    case 'remedy.restore':
      return carryOutRemedy(desk, session, request);
    case 'evolution.look':
    case 'evolution.begin':
    case 'evolution.propose':
    case 'evolution.revert':
      return carryOutEvolution(desk, session, request, peer);
    case 'fleet.freeze':
      operators.require(session, 'operate');
      for (const agent of request.with.agents) agentOf(core, agent);
      return desk.freezer.freeze(request.with.agents, actor);
    case 'fleet.thaw':
      operators.require(session, 'operate');
      for (const agent of request.with.agents) agentOf(core, agent);
      return desk.freezer.thaw(request.with.agents, actor);
    case 'lease.take':
      agentOf(core, request.with.agent);
      return { fence: operators.takeLease(session, request.with.agent, request.with.force) };
    case 'lease.release':
      return operators.releaseLease(session, request.with.agent);
    case 'lease.ask':
      agentOf(core, request.with.agent);
      return operators.askForLease(session, request.with.agent);
    case 'lease.give':
      return { fence: operators.giveLease(session, request.with.agent, request.with.to) };
    case 'agent.typed':
      return operators.reportTyped(session, request.with.agent, request.with.fence, request.with.bytes);
    case 'agent.type': {
      const bytes = Buffer.from(request.with.bytes, 'base64');
      operators.checkTyping(session, request.with.agent, request.with.fence, bytes.length);
      const pane = paneOf(core, request.with.agent);
      return request.with.paste
        ? tmux.sendText(pane, bytes.toString('utf8'), false)
        : tmux.sendBytes(pane, bytes);
    }
    case 'stage.add':
      return { item: operators.stage(session, request.with.staged) };
    case 'stage.drop':
      return operators.dropStaged(session, request.with.items);
    case 'stage.commit':
      operators.require(session, 'stage');
      return commit(desk, session, request.with.items);
    case 'message.send': {
      const to = desk.messages.addressOf(actor, request.with);
      operators.require(session, to === 'people' || to.startsWith('operator:') ? 'look' : 'operate');
      return desk.messages.send(actor, request.with);
    }
    case 'message.list': {
      const { unread, limit } = request.with;
      return {
        messages: desk.messages[unread ? 'unread' : 'list'](subject.operator(session.operator), limit),
      };
    }
    case 'message.read':
      return desk.messages.markRead(actor, request.with.to);
    case 'view.size': {
      const { cols, rows, agent } = request.with;
      const known = agent && core.state.agents[agent];
      // It ended meanwhile: its next window is fitted when the console sees it.
      if (known && !known.alive) return undefined;
      const only = known && (known.pane as PaneId);
      return tmux.resize(Math.max(LEAST.cols, cols), Math.max(LEAST.rows, rows), only || undefined);
    }
    case 'recording.tell':
      requireRecorder(session);
      return desk.recorder.tell(request.with);
    case 'recording.settings':
      requireRecorder(session);
      return desk.recorder.settings;
    case 'chaos.propose':
    case 'chaos.tell':
    case 'chaos.measure':
    case 'chaos.hang':
    case 'chaos.halt':
      return carryOutChaos(desk, session, request, peer);
    case 'cell.list':
    case 'cell.repair':
    case 'cell.optimize':
      return carryOutCell(desk, session, request);
    case 'breaker.list':
    case 'breaker.open':
    case 'breaker.close':
    case 'breaker.isolate':
    case 'breaker.reset':
      return carryOutBreaker(desk, session, request);
    case 'journal.checkpoint':
      operators.require(session, 'look');
      return desk.journal.checkpoint();
    case 'worktree.list':
      return { worktrees: await desk.worktrees.list() };
    case 'worktree.diff':
      agentOf(core, request.with.agent);
      return desk.worktrees.diff(request.with.agent);
    case 'worktree.propose':
      operators.require(session, 'operate');
      agentOf(core, request.with.agent);
      return desk.worktrees.propose(request.with.agent, request.with.do);
    case 'fleet.look':
      return { proposal: await desk.configurator.look() };
    case 'fleet.reload':
      operators.require(session, 'operate');
      return { change: await desk.configurator.agree(request.with.revision, actor) };
    case 'notify.rules':
      operators.require(session, request.with.reload ? 'operate' : 'look');
      if (request.with.reload) await desk.ownRules.read();
      return desk.ownRules.inForce();
    case 'notify.test':
      operators.require(session, 'operate');
      return { results: await desk.notifier.test(request.with.rule) };
    case 'present':
      return undefined;
    case 'journal.read':
      operators.require(session, 'look');
      return journalPage(desk.journal, request.with);
    case 'fleet.down':
      operators.require(session, 'operate');
      return desk.down();
  }
}

function requireRecorder(session: Session): void {
  if (session.client !== 'recorder')
    throw new HmsError('not-allowed', "only the fleet's recorder may ask that");
}

function emit(core: Core, drafts: readonly Draft[]): void {
  if (drafts.length > 0) core.emit(...drafts);
}

function paneOf(core: Core, id: AgentId): PaneId {
  const agent = agentOf(core, id);
  if (!agent.alive)
    throw new HmsError('not-running', `${id} is not running`, `start it: hms agent start ${id}`);
  if (agent.freeze) requireThawed(`${id} is ${freezeWords(agent.freeze)}`);
  return agent.pane as PaneId;
}

/** Throws HmsError `frozen` when there is a reason. */
function requireThawed(held: string | undefined): void {
  if (held) throw new HmsError('frozen', held, 'thaw it first: hms thaw');
}

/** Types a message into an agent's pane. Text typed onto a dialog would pick an option: refused while it asks. */
async function send(
  desk: OperatorDesk,
  actor: Draft['actor'],
  agent: AgentId,
  text: string,
  enter: boolean,
): Promise<void> {
  const { core, tmux } = desk;
  const pane = paneOf(core, agent);
  if (agentOf(core, agent).status === 'asking') {
    throw new HmsError(
      'agent-asking',
      `${agent} waits for an answer; text typed now could pick one`,
      'decide its request first',
    );
  }
  await tmux.sendText(pane, text, enter);
  core.emit({
    kind: 'message.sent',
    actor,
    subject: subject.agent(agent),
    data: {
      from: subject.operator(actor.id),
      to: subject.agent(agent),
      text,
      id: newMessageId(),
      typed: true,
    },
  });
}

/** Carries staged items out one by one, in their order; one that fails is reported and ends nothing else. */
async function commit(desk: OperatorDesk, session: Session, items: readonly number[]): Promise<unknown> {
  const staged = desk.operators.commitStaged(session, items);
  const results: { item: number; ok: boolean; message: string }[] = [];
  for (const [at, item] of staged.entries()) {
    const number = items[at] ?? 0;
    try {
      await carryOutStaged(desk, session, item);
      results.push({ item: number, ok: true, message: '' });
    } catch (error) {
      if (!(error instanceof HmsError)) throw error;
      results.push({ item: number, ok: false, message: error.message });
    }
  }
  return { results };
}

async function carryOutStaged(desk: OperatorDesk, session: Session, item: StagedItem): Promise<void> {
  const actor = desk.operators.actor(session);
  if (item.type === 'message') return send(desk, actor, item.agent, item.text, true);
  const { request, decision, digest, note } = item;
  requireForChaos(desk, session, item);
  const by = { operator: session.operator, role: session.role, via: actor.via };
  const evidence = { keys: ['stage.commit'], shown: digest };
  emit(desk.core, desk.gatekeeper.decide(by, { request, decision, digest, note, evidence }));
}
