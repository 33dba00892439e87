/** What is seen of agents from outside, as signals: output, resources, status, a terminal that is read. */
import type { Signal } from '../../healing/types.ts';
import type { Data } from '../../model/event.ts';
import type { ErrorClass } from '../../model/healing.ts';
import type { Reading } from '../../model/resources.ts';
import type { World } from '../cell.ts';
import { doingOf } from './senses.ts';

/** A terminal shows keys that are typed into it: for so long what comes is no sign of life, ms. */
const ECHO_MS = 1500;

export interface Sight {
  readonly agent: string;
  readonly incarnation: number;
  /** Seconds since the epoch of its last output. */
  readonly activity: number;
}

interface SensingOptions {
  /** Agents that are healed. */
  agents(): Iterable<string>;
  isHealed(agent: string): boolean;
  /** Its driver says what it is about. */
  reports(agent: string): boolean;
  /** Whether one of its processes waits for somebody to type; undefined where that is not known. */
  reads(agents: readonly string[]): ReadonlyMap<string, boolean | undefined>;
  signal(agent: string, signal: Signal, at?: number): void;
}

export class Sensing {
  readonly #world: World;
  readonly #options: SensingOptions;
  readonly #activity = new Map<string, number>();
  /** Until when what an agent prints is an echo. */
  readonly #echo = new Map<string, number>();
  readonly #failing = new Set<string>();
  readonly #reads = new Map<string, boolean>();
  /** What was told last. */
  readonly #told = new Map<string, string>();

  constructor(world: World, options: SensingOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** One look at all panes: who has printed since the last one. */
  see(sights: readonly Sight[]): void {
    for (const { agent, incarnation, activity } of sights) {
      if (!this.#options.isHealed(agent)) continue;
      if (this.#world.state.agents[agent]?.incarnation !== incarnation) continue;
      const before = this.#activity.get(agent);
      if (before === activity) continue;
      this.#activity.set(agent, activity);
      if (before === undefined || activity === 0) continue;
      if ((this.#echo.get(agent) ?? 0) <= this.#world.now()) this.#progress(agent);
    }
  }

  /** What agents use, once a second. */
  use({ samples, deeper }: Reading): void {
    const agents = [...this.#options.agents()];
    this.lookAtTerminals(agents);
    for (const id of agents) {
      const sample = samples[id];
      if (!sample || !this.#world.state.agents[id]?.alive) continue;
      const { cpu, rss, threads, processes, output } = sample;
      const fds = deeper?.agents[id]?.fds ?? 0;
      const use = { cpu, rss, fds, threads: threads ?? 0, children: processes - 1, output: output ?? 0 };
      this.#options.signal(id, { signal: 'resources', use });
    }
  }

  /** Before a silence is judged: is it somebody's turn to type? */
  lookAtTerminals(agents: readonly string[]): void {
    const silent = agents.filter(id => !this.#options.reports(id));
    if (silent.length === 0) return;
    for (const [id, reads] of this.#options.reads(silent)) {
      if (reads === undefined) this.#reads.delete(id);
      else this.#reads.set(id, reads);
      this.tellDoing(id);
    }
  }

  /** Its driver reports an error it did not get past. */
  failedBy(agent: string, error: ErrorClass, words: string): void {
    if (!this.#options.isHealed(agent)) return;
    this.#failing.add(agent);
    this.tellDoing(agent);
    this.#options.signal(agent, { signal: 'error', error, words });
  }

  statusChanged({ agent, status, evidence: { source } }: Data<'status.changed'>): void {
    if (status === 'working' && source !== 'screen') this.#failing.delete(agent);
    this.tellDoing(agent);
    if (source === 'hook' || source === 'protocol') this.#progress(agent);
  }

  /** Keys are typed into it by us, or were by the engine before. */
  keys(agent: string, at = this.#world.now()): void {
    this.#echo.set(agent, at + ECHO_MS);
  }

  /** A new run: nothing is known of it. */
  forget(agent: string): void {
    this.#failing.delete(agent);
    this.#reads.delete(agent);
    this.#activity.delete(agent);
    this.#echo.delete(agent);
  }

  /** What it is about, also when that was told before. */
  tellAgain(agent: string, at = this.#world.now()): void {
    this.#told.delete(agent);
    this.tellDoing(agent, at);
  }

  tellDoing(agent: string, at = this.#world.now()): void {
    const { agents, leases } = this.#world.state;
    const state = agents[agent];
    if (!this.#options.isHealed(agent) || !state?.alive) return;
    const { doing, words } = doingOf(state, leases, {
      reports: this.#options.reports(agent),
      failing: this.#failing.has(agent),
      reads: this.#reads.get(agent),
    });
    if (this.#told.get(agent) === doing) return;
    this.#told.set(agent, doing);
    this.#options.signal(agent, { signal: 'doing', doing, words }, at);
  }

  #progress(agent: string): void {
    this.#options.signal(agent, { signal: 'progress' });
  }
}
