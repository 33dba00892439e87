/** `hms status`: what every agent is doing, once or whenever it changes. */
import { Command } from 'commander';
import { age } from '../console/words.ts';
import { type FreezeState, fleetFreezeWords, freezeWords } from '../model/freeze.ts';
import { ranked } from '../model/queue.ts';
import { reduce } from '../model/reduce.ts';
import type { FleetState, RequestState } from '../model/state.ts';
import { STATUS_GLYPH } from '../model/status.ts';
import { oneLine } from '../model/text.ts';
import { openLink, withLink } from './operator-link.ts';
import { print, printJson, table } from './output.ts';

export function statusCommand(): Command {
  return new Command('status')
    .description('what every agent is doing, and what waits for you')
    .argument('[fleet]', 'name or folder')
    .option('--json', 'print the whole state as JSON')
    .option('-w, --watch', 'print again whenever it changes')
    .action(async (fleet: string | undefined, options: { json?: boolean; watch?: boolean }) => {
      if (options.watch) return watch(fleet, options.json ?? false);
      await withLink({ fleet }, async ({ welcome, paths }) => {
        if (options.json) return printJson(statusJson(welcome.state, welcome.now, paths.log));
        print(statusText(welcome.state, welcome.now));
        print(`log ${paths.log}`);
      });
    });
}

async function watch(fleet: string | undefined, json: boolean): Promise<void> {
  const link = await openLink({ fleet, follow: true });
  let state = link.welcome.state;
  const show = (): void =>
    json
      ? printJson(statusJson(state, Date.now(), link.paths.log))
      : print(`${statusText(state, Date.now())}\n`);
  show();
  link.onEvent(event => {
    state = reduce(state, event);
    if (event.kind === 'status.changed' || event.kind.startsWith('gate.') || event.kind.startsWith('agent.'))
      show();
  });
  await new Promise<void>(resolve => link.client.onClose(() => resolve()));
}

/** What scripts read. Stable: fields are added, never changed. */
function statusJson(state: FleetState, now: number, log: string): unknown {
  return {
    fleet: state.fleet,
    dir: state.dir,
    engine: state.engine,
    frozen: state.frozen,
    seq: state.seq,
    agents: Object.values(state.agents).map(agent => ({
      id: agent.id,
      driver: agent.driver,
      status: agent.status,
      evidence: agent.evidence,
      seconds: Math.floor((now - agent.since) / 1000),
      gating: agent.gating,
      frozen: agent.freeze && frozenJson(agent.freeze),
      pid: agent.alive ? agent.pid : null,
      pane: agent.alive ? agent.pane : null,
      incarnation: agent.incarnation,
      restarts: agent.restartCount,
      last_exit: agent.lastExit,
    })),
    approvals: waiting(state, now).map(r => ({
      id: r.id,
      agent: r.agent,
      title: r.facts.title,
      risk: r.facts.level,
      seconds: Math.floor((now - r.at) / 1000),
    })),
    incidents: Object.values(state.incidents),
    recording_paused: state.recordingPaused || null,
    sessions: Object.values(state.sessions),
    totals: state.totals,
    checkpoint: state.checkpoint,
    log,
  };
}

function frozenJson({ is, stopped, running, since, by, resisting }: FreezeState): unknown {
  return { is, stopped, running, since, by, resisting };
}

function statusText(state: FleetState, now: number): string {
  const agents = Object.values(state.agents).map(a => [
    `${a.freeze ? '❄' : STATUS_GLYPH[a.status]} ${a.id}`,
    a.freeze ? freezeWords(a.freeze) : a.status,
    age(now - (a.freeze?.since ?? a.since)),
    a.gate === 'ask' ? a.gating : `gate ${a.gate}`,
    oneLine(`${a.evidence.detail} (${a.evidence.source})`, 90),
  ]);
  const rows = waiting(state, now).map(r => [
    `▲ ${r.id}`,
    r.facts.level.toUpperCase(),
    r.agent || 'fleet',
    oneLine(r.facts.title, 90),
  ]);
  const brake = fleetFreezeWords(state);
  const parts = [
    ...(brake === ''
      ? []
      : [`❄ ${brake}${state.frozen ? ` by ${state.frozen.by}` : ''}: hms thaw lets it go on`]),
    ...(state.recordingPaused === '' ? [] : [`● recording pauses: ${oneLine(state.recordingPaused, 200)}`]),
    `${state.fleet}  engine ${state.engine.pid}, ${state.totals.restarts} restarts, ${Object.keys(state.incidents).length} open incidents`,
    table(agents),
  ];
  if (rows.length > 0)
    parts.push(`\n${rows.length} waiting for an answer (hms approvals list):`, table(rows));
  return parts.join('\n');
}

function waiting(state: FleetState, now: number): readonly RequestState[] {
  return ranked(Object.values(state.pending), r => r.deferredUntil > now);
}
