/**
 * An event in one line for people: what `hms audit tail` and the console's timeline print after the time and the
 * name of whom it concerns. Everything that came from outside is neutralised here, so that callers need not.
 */

import { written } from './address.ts';
import type { FleetChange } from './change.ts';
import type { Data, Kind } from './event.ts';
import { resistingWords } from './freeze.ts';
import type { Millis } from './ids.ts';
import { oneLine, plural, spanWords as span } from './text.ts';
import { costWords, countWords } from './usage.ts';

/** Characters of any one piece of foreign text in a summary. */
const PIECE = 120;
const DIGEST_SHOWN = 8;

/** `2 added (a, b), 1 changed (c), policies`. */
export function changeWords({ agents, fleet }: FleetChange): string {
  const parts = (['added', 'changed', 'removed'] as const).flatMap(what => {
    const names = agents.filter(a => a.what === what).map(a => a.agent);
    return names.length === 0 ? [] : [`${names.length} ${what} (${some(names, '')})`];
  });
  return [...parts, ...fleet.map(field => cut(field.name))].join(', ') || 'nothing that counts';
}

type Summaries = { readonly [K in Kind]: (data: Data<K>, time: Millis) => string };

function cut(text: string): string {
  return oneLine(text, PIECE);
}

/** ` · text`, or nothing for an empty text. */
function also(text: string): string {
  return text === '' ? '' : ` · ${cut(text)}`;
}

function some(items: readonly (string | number)[], none: string): string {
  return items.length === 0 ? none : cut(items.join(', '));
}

const VERDICT = { permit: 'permitted', forbid: 'forbidden', hold: 'held' } as const;
const DECISION = { approve: 'approves', deny: 'denies', override: 'overrides the forbid of' } as const;
const AFTER = { first: 'first start', stop: 'after a clean stop', crash: 'after a crash' } as const;

const SUMMARIES: Summaries = {
  'engine.started': d =>
    `engine ${cut(d.version)} took charge of ${cut(d.fleet)}, pid ${d.pid} · ${AFTER[d.after]}`,
  'engine.stopped': d => `engine stopped${also(d.reason)}`,
  'fleet.configured': d => {
    const agents = Object.keys(d.agents);
    const what = d.change ? `, changed: ${changeWords(d.change)}` : '';
    return `fleet file in force: ${plural(agents.length, 'agent')} (${some(agents, 'none')})${what}`;
  },
  'config.proposed': d => `the fleet file has changed: ${changeWords(d.change)} · waits for a yes`,
  'config.refused': d => `the changed fleet file cannot be used: ${some(d.problems, 'no reason given')}`,
  'config.withdrawn': () => 'the fleet file is again what is in force',
  'config.applied': d =>
    `the change is carried out: ${d.revision.slice(0, DIGEST_SHOWN)} holds for every agent`,
  'policy.loaded': d =>
    `policy ${d.digest.slice(0, DIGEST_SHOWN)} in force: ${plural(d.rules.length, 'rule')} from ${some(d.files, 'the default')}`,
  'tmux.started': d => `tmux ${cut(d.version)} started, pid ${d.pid}`,
  'tmux.lost': d => `tmux server lost with ${some(d.agents, 'no agent')}${also(d.detail)}`,

  'agent.started': d =>
    `started: ${some([d.argv.join(' ')], '')} · incarnation ${d.incarnation}, pid ${d.pid}${d.resumed === '' ? '' : ', session resumed'}`,
  'agent.adopted': d => `found alive in ${d.pane} and adopted · incarnation ${d.incarnation}, pid ${d.pid}`,
  'agent.exited': d => {
    const how = d.signal
      ? `killed by ${cut(d.signal)}`
      : d.status === null
        ? 'ended, status unknown'
        : `exited ${d.status}`;
    return `${how}${d.wanted ? ' as asked' : ''} · incarnation ${d.incarnation}${also(d.detail)}`;
  },
  'restart.scheduled': d => `restart ${d.attempt} in ${span(d.delayMs)}${also(d.reason)}`,
  'restarts.forgiven': d => `restarts so far forgiven${also(d.reason)}`,
  'agent.failed': d => `failed: ${cut(d.reason)}${also(d.hint)}`,
  'agent.stopped': () => 'stopped by a person',
  'status.changed': d => `${d.status} · ${d.evidence.source}: ${cut(d.evidence.detail)}`,
  'gating.changed': d => `${d.gating}${also(d.detail)}`,
  'worktree.added': d =>
    `has a worktree of ${cut(d.repo)} on ${cut(d.branch)}, to be merged into ${cut(d.target)}`,
  'worktree.merged': d =>
    `${cut(d.branch)} merged into ${cut(d.target)} as ${d.commit.slice(0, DIGEST_SHOWN)}`,
  'worktree.dropped': d => `${cut(d.branch)} dropped; kept as ${cut(d.ref)}`,
  'conversation.started': d => `conversation ${cut(d.conversation)}`,

  'gate.requested': d =>
    `asks: ${cut(d.facts.title)} · ${d.facts.level} · ${VERDICT[d.verdict]} by ${some(d.rules, 'default')}${also(d.why)}`,
  'approval.decided': d => `${DECISION[d.decision]} ${d.request}${d.edited ? ', edited' : ''}${also(d.note)}`,
  'approval.deferred': (d, time) => `puts ${d.request} off for ${span(d.until - time)}`,
  'gate.settled': d => `${d.request} ${d.outcome}${also(d.reason)}`,
  'tool.used': d => `used ${d.tool} without asking: ${d.title}${d.exit === 0 ? '' : `, exit ${d.exit}`}`,
  'gate.effected': d =>
    `${d.request} ran ${span(d.ms)}${d.exit === null ? '' : `, exit ${d.exit}`}${also(d.detail)}`,
  'grant.issued': (d, time) =>
    `${d.override ? 'override' : 'grant'} ${d.grant} for ${d.agent}: ${plural(d.uses, 'use')} within ${span(d.expires - time)}${also(d.reason)}`,
  'grant.revoked': d => `grant ${d.grant} revoked${also(d.reason)}`,

  'operator.attached': d => `attached as ${d.role} in ${d.mode} · ${cut(d.client)}`,
  'operator.detached': d => `detached${also(d.reason)}`,
  'mode.changed': d => `mode ${d.from} → ${d.to}`,
  'lease.taken': d => `took ${cut(d.name)} · fence ${d.fence}`,
  'lease.asked': d => `asks for ${cut(d.name)}`,
  'lease.released': d => `released ${cut(d.name)}${also(d.reason)}`,
  'stage.added': d =>
    d.staged.type === 'message'
      ? `staged ${d.item}: to ${d.staged.agent} “${cut(d.staged.text)}”`
      : `staged ${d.item}: ${d.staged.decision} ${d.staged.request}`,
  'stage.dropped': d => `dropped staged ${some(d.items, 'nothing')}`,
  'stage.committed': d => `committed staged ${some(d.items, 'nothing')}`,

  'message.sent': d =>
    `${cut(written(d.from))} → ${cut(written(d.to))}${d.reply ? ' (answers)' : ''}: ${cut(d.text)}`,
  'message.read': d => `${cut(written(d.by))} has read up to event ${d.to}`,
  'keyboard.typed': d => `typed ${plural(d.bytes, 'byte')} into ${d.agent} · fence ${d.fence}`,

  'incident.opened': d => `incident ${d.incident}: ${cut(d.class)}${also(d.detail)}`,
  'incident.dismissed': d => `incident ${d.incident} was no trouble`,
  'incident.diagnosed': d => `incident ${d.incident} is ${d.class}${also(d.detail)}`,
  'incident.delayed': d => `incident ${d.incident} waits${also(d.detail)}`,
  'incident.escalated': d => `incident ${d.incident}: ${d.request} asks a person${also(d.detail)}`,
  'incident.closed': d => `incident ${d.incident} closed: ${cut(d.outcome)} · ${span(d.ms)}`,
  'recovery.attempted': d => `incident ${d.incident}: tries ${d.strategy}${also(d.reason)}`,
  'recovery.verified': d => `incident ${d.incident}: ${d.strategy} helped · ${span(d.ms)}`,
  'recovery.failed': d =>
    `incident ${d.incident}: ${d.strategy} ${d.result === 'failed' ? 'did not help' : 'was not possible'}${also(d.detail)} · ${span(d.ms)}`,
  'lesson.learnt': d => `incident ${d.incident} taught${also(d.detail)}`,
  'restart.shared': d => `restarted with ${d.with}, which is in its group ${cut(d.group)}`,
  'load.shed': d => `incident ${d.incident}: ${d.frozen} is to make room for ${d.agent}`,
  'worktree.snapshotted': d => `snapshot ${d.snapshot} of its tree (${d.is})${also(d.detail)}`,
  'worktree.restored': d => `its files are those of snapshot ${d.snapshot}; as they were is ${d.before}`,
  'provider.swapped': d =>
    `${d.to === '' ? 'has its own model and provider again' : `goes on with ${cut(d.to)}`} from its next start on${also(d.detail)}`,
  'healing.changed': d => `healing is ${d.level} now`,
  'evolution.stepped': d =>
    `generation ${d.step}: ${(100 * d.fitness).toFixed(1)} % of what rules alone cost · ${plural(d.evaluations, 'genome')} judged, on ${plural(d.incidents, 'incident')} of this fleet`,
  'evolution.ended': d => `evolved ${plural(d.steps, 'generation')} in ${span(d.ms)}${also(d.detail)}`,
  'tuning.adopted': d => `${d.request}: the new tuning is tried on ${some(d.agents, 'nobody')}`,
  'tuning.promoted': d => `${d.request}: the new tuning holds for all that evolve${also(d.detail)}`,
  'tuning.reverted': d =>
    `the tuning is taken back${d.from === 'canary' ? ' from those that tried it' : ''}${also(d.detail)}`,
  'dependency.lost': d => `${cut(d.name)} is down${also(d.detail)}`,
  'dependency.restored': d => `${cut(d.name)} is back after ${span(d.ms)}`,
  'probe.failed': d => `probe ${cut(d.probe)} (${d.purpose}) fails${also(d.detail)}`,
  'probe.passed': d => `probe ${cut(d.probe)} succeeds again`,

  'cell.failed': d => `cell ${d.cell} fails (${d.fault})${also(d.detail)}`,
  'cell.restarted': d =>
    `cell ${d.cell} started anew in ${span(d.ms)}, attempt ${d.attempt}${also(d.reason)}`,
  'cell.recovered': d => `cell ${d.cell} is well again after ${span(d.ms)}${also(d.detail)}`,
  'cell.isolated': d => `cell ${d.cell} stands aside: ${d.request} asks a person${also(d.detail)}`,

  'breaker.opened': d => `breaker ${d.breaker} opened for ${span(d.waitMs)}${also(d.why)}`,
  'breaker.half-opened': d => `breaker ${d.breaker} is half-open${also(d.why)}`,
  'breaker.closed': d => `breaker ${d.breaker} closed${also(d.why)}`,
  'breaker.isolated': d =>
    `breaker ${d.breaker} isolated: nothing passes until a person says so${also(d.why)}`,

  'recording.started': d => `recording ${cut(d.file)} begins`,
  'recording.chunked': d =>
    `recording ${cut(d.file)}: ${plural(d.bytes, 'byte')} settled, ${d.digest.slice(0, DIGEST_SHOWN)}`,
  'recording.ended': d =>
    `recording ${cut(d.file)} ends: ${plural(d.bytes, 'byte')} in ${span(d.ms)}${d.redacted > 0 ? `, ${plural(d.redacted, 'secret')} painted over` : ''}${also(d.reason)}`,
  'recording.removed': d => `recording ${cut(d.file)} removed${also(d.reason)}`,
  'recording.paused': d => `recording pauses${also(d.reason)}`,
  'recording.resumed': () => 'recording goes on',

  'usage.reported': d => {
    const { input, output, cacheRead, cacheWrite, cost } = d.usage;
    const cache = cacheRead + cacheWrite > 0 ? `, ${countWords(cacheRead + cacheWrite)} cached` : '';
    return `used ${countWords(input)} tokens in, ${countWords(output)} out${cache}${also(d.model)}${cost === null ? '' : also(costWords(cost))}`;
  },

  'freeze.ordered': d =>
    `FREEZE ${d.fleet ? 'everything' : some(d.agents, 'nothing')}${d.fleet ? ` (${some(d.agents, 'nothing runs')})` : ''}${also(d.detail)}`,
  'agent.frozen': d =>
    d.running === 0
      ? `frozen: ${plural(d.stopped, 'process', 'processes')} confirmed${also(d.detail)}`
      : `partly frozen (${d.stopped} of ${d.stopped + d.running})${also(resistingWords(d.resisting))}`,
  'freeze.lifted': d => `thaw ${d.fleet ? 'everything' : some(d.agents, 'nothing')}${also(d.detail)}`,
  'agent.thawed': d =>
    `thawed: ${plural(d.running, 'process', 'processes')} go on${also(resistingWords(d.resisting))}`,

  'experiment.started': d =>
    `experiment ${d.experiment} begins: ${cut(d.title)} · ${some(
      d.faults.map(f => f.about),
      'nothing is broken',
    )} · seed ${d.seed}`,
  'experiment.finished': d =>
    `experiment ${d.experiment} ${d.verdict} after ${span(d.ms)}${d.detectedMs === null ? '' : `, noticed in ${span(d.detectedMs)}`}${d.recoveredMs === null ? '' : d.recoveredMs === 0 ? ', never out of its steady state' : `, recovered in ${span(d.recoveredMs)}`}${also(d.reason)}`,
  'fault.injected': (d, time) =>
    `BROKEN: ${cut(d.about)} · by ${cut(d.mechanism)}, at most ${span(d.until - time)}`,
  'fault.reverted': d => `${d.fault} taken back after ${span(d.ms)} (${cut(d.because)})${also(d.detail)}`,
  'fault.failed': d =>
    `${d.fault} failed: ${cut(d.reason)}${d.residues.length === 0 ? '' : ` · LEFT BEHIND: ${some(d.residues, '')}`}`,
  'steady-state.checked': d => {
    const out = d.probes.filter(probe => !probe.ok).map(({ name, value }) => `${name} is ${value}`);
    return d.holds
      ? `steady state holds ${d.when}`
      : `no steady state ${d.when}: ${some(out, 'unknown why')}`;
  },
  'steady-state.broken': d => `steady state broken: ${cut(d.probe)} is ${cut(d.value)}, not ${cut(d.wanted)}`,
  'steady-state.restored': d => `${cut(d.probe)} is steady again after ${span(d.ms)}`,
  'chaos.halted': d => `CHAOS HALTED: everything broken is taken back${also(d.reason)}`,
  'chaos.released': () => 'the halt of chaos is lifted',

  'notification.sent': d => `told ${some(d.channels, 'nobody')} by rule ${cut(d.rule)}: ${cut(d.text)}`,

  'journal.checkpointed': d =>
    `checkpoint over ${plural(d.size, 'event')}, root ${d.root.slice(0, DIGEST_SHOWN)}`,
  'engine.noted': d => `${d.level}: ${cut(d.text)}`,
};

/**
 * One line for people; never throws and never holds a control character, whatever the event holds. Total: a kind
 * of a later version, or data that does not look like its kind, is shown as JSON.
 */
export function summarise<K extends Kind>(event: {
  readonly kind: K;
  readonly time: Millis;
  readonly data: Data<K>;
}): string {
  if (Object.hasOwn(SUMMARIES, event.kind)) {
    try {
      return oneLine(SUMMARIES[event.kind](event.data, event.time), 400);
    } catch {
      // Written by another version, or not by us at all: show what is there.
    }
  }
  return oneLine(JSON.stringify(event.data) ?? '', 400);
}
