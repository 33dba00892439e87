/**
 * Says what each agent is doing and how we know. Order of authority: the gate, then what the agent or its driver
 * reports, then its screen's activity, then its process. What cannot be known is said to be unknown.
 */

import type { CellHealth } from '../model/cell.ts';
import type { Data, Draft, Event } from '../model/event.ts';
import type { AgentState } from '../model/state.ts';
import type { AgentStatus, Evidence } from '../model/status.ts';
import { plural } from '../model/text.ts';
import { type Cell, cellActor, healthy, subject, type World } from './cell.ts';

/** Output younger than this counts as working, s. */
const FRESH_S = 5;
/** A driver that should have reported by now and has not, ms. */
const SILENT_MS = 20_000;

export interface Report {
  readonly status: AgentStatus;
  readonly evidence: Evidence;
}

/** What one look at an agent's pane shows. */
interface Sight {
  readonly agent: string;
  readonly incarnation: number;
  /** Seconds since the epoch of its last output; 0 when none yet. */
  readonly activity: number;
}

/** The status that follows from everything known, or undefined when it is not this cell's to say. */
function statusOf(
  agent: AgentState,
  asks: number,
  report: Report | undefined,
  sight: Sight | undefined,
  reports: boolean,
  now: number,
): Report | undefined {
  if (!agent.alive) return undefined;
  if (asks > 0) {
    const detail = asks === 1 ? 'a request waits at the gate' : `${asks} requests wait at the gate`;
    return { status: 'asking', evidence: { source: 'gate', detail, sure: 1 } };
  }
  if (report) return report;
  if (reports) {
    if (now - agent.since < SILENT_MS || agent.status !== 'starting') return undefined;
    return {
      status: 'unknown',
      evidence: { source: 'hook', detail: `no hook of it has arrived in ${SILENT_MS / 1000} s`, sure: 1 },
    };
  }
  if (!sight || sight.activity === 0) return undefined;
  const quiet = Math.floor(now / 1000) - sight.activity;
  if (quiet < FRESH_S)
    return { status: 'working', evidence: { source: 'screen', detail: 'prints', sure: 0.7 } };
  return {
    status: 'idle',
    evidence: { source: 'screen', detail: `no output for ${FRESH_S} s or more`, sure: 0.5 },
  };
}

export class StatusTeller implements Cell {
  readonly name = 'status';
  readonly #world: World;
  /** True for drivers that report through hooks or a protocol. */
  readonly #reports: (agent: string) => boolean;
  readonly #last = new Map<string, Report>();
  readonly #sights = new Map<string, Sight>();

  constructor(world: World, reports: (agent: string) => boolean) {
    this.#world = world;
    this.#reports = reports;
  }

  report(agent: string, report: Report): void {
    this.#last.set(agent, report);
    this.#tell(agent);
  }

  /** One look at all panes. Cheap: says something only when a status changes. */
  see(sights: readonly Sight[]): void {
    for (const sight of sights) {
      this.#sights.set(sight.agent, sight);
      this.#tell(sight.agent);
    }
  }

  onEvent(event: Event): void {
    if (event.kind === 'agent.exited' || event.kind === 'agent.started') this.#last.delete(event.data.agent);
    if (event.kind === 'gate.requested' && event.data.agent) this.#tell(event.data.agent);
    if (event.kind === 'gate.settled') {
      const ended = this.#world.state.settled.find(r => r.id === event.data.request);
      if (ended?.agent)
        this.#settledFor(ended.agent, ended.outcome === 'denied' ? 'was denied' : `${ended.outcome}`);
    }
  }

  healthCheck(): CellHealth {
    return healthy(`knows of ${plural(this.#sights.size, 'screen')}`);
  }

  stop(): void {
    this.#last.clear();
  }

  /** An agent that asked is working again with its answer, until it says otherwise. */
  #settledFor(agent: string, how: string): void {
    // A new engine knows what its agents last said only from the state.
    const said = this.#reports(agent) ? this.#world.state.agents[agent]?.status : undefined;
    if ((this.#last.get(agent)?.status ?? said) === 'asking') {
      const evidence: Evidence = { source: 'gate', detail: `its request ${how}`, sure: 0.8 };
      this.#last.set(agent, { status: 'working', evidence });
    }
    this.#tell(agent);
  }

  #tell(id: string): void {
    const { state } = this.#world;
    const agent = state.agents[id];
    // What stands still says nothing new, and its silence means nothing.
    if (!agent || agent.freeze) return;
    const asks = Object.values(state.pending).filter(
      // What a cell asks about an agent does not keep that agent waiting.
      r => r.agent === id && r.verdict === 'hold' && r.via !== 'cell',
    ).length;
    const sight = this.#sights.get(id);
    const current = sight?.incarnation === agent.incarnation ? sight : undefined;
    const next = statusOf(agent, asks, this.#last.get(id), current, this.#reports(id), this.#world.now());
    if (!next) return;
    if (next.status === agent.status && next.evidence.detail === agent.evidence.detail) return;
    const draft: Draft = {
      kind: 'status.changed',
      actor: cellActor(this.name),
      subject: subject.agent(id),
      data: { agent: id as Data<'status.changed'>['agent'], ...next },
    };
    this.#world.emit(draft);
  }
}
