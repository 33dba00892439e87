/** What is seen of agents from outside, as signals: output, screens, commands, resources, status, a terminal that is read. */
import { resetIn } from '../../drivers/reset-time.ts';
import type { Signal } from '../../healing/types.ts';
import type { Data, Event } from '../../model/event.ts';
import type { ErrorClass, HealingConfig } from '../../model/healing.ts';
import type { PaneId } from '../../model/ids.ts';
import type { Reading } from '../../model/resources.ts';
import { oneLine } from '../../model/text.ts';
import type { World } from '../cell.ts';
import { Commits } from './commits.ts';
import { Disks } from './disks.ts';
import { errorIn } from './error-words.ts';
import { Screens } from './screens.ts';
import { doingOf } from './senses.ts';
import { digestOf, hasMoved, newLines, type Shown } from './shown.ts';
import { Spending } from './spending.ts';

/** A terminal shows keys that are typed into it: for so long what comes is no sign of life, ms. */
const ECHO_MS = 1500;

/** A command that takes so long waits for something, ms: asked again, it polls. */
const WAITED_FOR_MS = 10_000;

export interface Sight {
  readonly agent: string;
  readonly incarnation: number;
  /** Seconds since the epoch of its last output. */
  readonly activity: number;
}

interface SensingOptions {
  /** Agents that are healed. */
  agents(): Iterable<string>;
  /** How it is healed, at the level in force; undefined for one that is not. */
  configOf(agent: string): HealingConfig | undefined;
  /** How many files these have open, where that is known and the native helper does not tell it. */
  openFiles(agents: readonly string[]): ReadonlyMap<string, number>;
  /** What panes show. */
  screens(panes: readonly PaneId[]): Promise<ReadonlyMap<PaneId, Shown>>;
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
  /** What it printed last tells of an error that its file knows: whether it got past it shows on its screen. */
  readonly #erring = new Set<string>();
  readonly #reads = new Map<string, boolean>();
  readonly #spending = new Map<string, Spending>();
  readonly #screens: Screens;
  readonly #commits: Commits;
  readonly #disks: Disks;
  /** What was told last. */
  readonly #told = new Map<string, string>();

  constructor(world: World, options: SensingOptions) {
    this.#world = world;
    this.#options = options;
    this.#disks = new Disks((agent, share) =>
      options.signal(agent, { signal: 'allowance', of: 'disk', share }),
    );
    this.#commits = new Commits(agent => options.signal(agent, { signal: 'saved' }));
    this.#screens = new Screens(world, {
      paneOf: agent => this.#paneToSee(agent),
      read: options.screens,
      onScreen: (agent, before, now) => this.#saw(agent, before, now),
    });
  }

  /** One look at all panes: who has printed since the last one. */
  see(sights: readonly Sight[]): void {
    for (const { agent, incarnation, activity } of sights) {
      if (!this.#isHealed(agent)) continue;
      if (this.#world.state.agents[agent]?.incarnation !== incarnation) continue;
      const before = this.#activity.get(agent);
      if (before === activity) continue;
      this.#activity.set(agent, activity);
      if (activity > 0) this.#screens.printed(agent, activity);
      if (before === undefined || activity === 0) continue;
      const isEcho = (this.#echo.get(agent) ?? 0) > this.#world.now();
      if (!isEcho && !this.#erring.has(agent)) this.#progress(agent);
    }
  }

  /** What agents use, once a second. */
  use({ samples, deeper }: Reading): void {
    const agents = [...this.#options.agents()];
    this.lookAtTerminals(agents);
    const [folders, now] = [this.#foldersOf(agents), this.#world.now()];
    void this.#disks.look(folders, now);
    void this.#commits.look(folders, now);
    const files = this.#options.openFiles(agents.filter(id => deeper === undefined && this.#countsFiles(id)));
    for (const id of agents) {
      const sample = samples[id];
      if (!sample || !this.#world.state.agents[id]?.alive) continue;
      const { cpu, rss, threads, processes, output, runs = false } = sample;
      const fds = deeper?.agents[id]?.fds ?? files.get(id) ?? 0;
      const use = {
        cpu,
        runs,
        rss,
        fds,
        threads: threads ?? 0,
        children: processes - 1,
        output: output ?? 0,
      };
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
    if (!this.#isHealed(agent)) return;
    this.#failing.add(agent);
    this.tellDoing(agent);
    this.#error(agent, error, words);
  }

  /** It says that it lives. */
  beat(agent: string): void {
    if (this.#isHealed(agent)) this.#options.signal(agent, { signal: 'heartbeat' });
  }

  /** What stood still has been silent by order, and whoever let it go on knows what it has spent. */
  thawed(agent: string): void {
    if (!this.#isHealed(agent)) return;
    this.#progress(agent);
    this.beat(agent);
    if (this.#spending.delete(agent)) this.#options.signal(agent, { signal: 'usage', tokensPerMin: 0 });
  }

  /** Its tool says what it has used. */
  used({ agent, usage, context }: Data<'usage.reported'>): void {
    if (!this.#isHealed(agent)) return;
    const spending = this.#spending.get(agent) ?? new Spending();
    this.#spending.set(agent, spending);
    const rates = spending.add(usage, this.#world.now());
    this.#options.signal(agent, { signal: 'usage', ...rates, ...(context !== undefined && { context }) });
  }

  statusChanged({ agent, status, evidence: { source } }: Data<'status.changed'>): void {
    if (status === 'working' && source !== 'screen') this.#failing.delete(agent);
    this.tellDoing(agent);
    // That its driver says how it failed is no sign of life.
    if ((source === 'hook' || source === 'protocol') && !this.#failing.has(agent)) this.#progress(agent);
  }

  /** A command of it has ended, asked for or not. */
  ran({ kind, data }: Extract<Event, { kind: 'tool.used' | 'gate.effected' }>): void {
    const command = kind === 'tool.used' ? data : this.#asked(data.request);
    if (!command || !this.#isHealed(command.agent)) return;
    const { agent, digest, title } = command;
    this.#progress(agent);
    const { outcome, ms, exit } = data;
    if (exit !== 0 && exit !== null)
      this.#options.signal(agent, { signal: 'tool-failed', words: `${oneLine(title, 120)}: exit ${exit}` });
    // What takes its time and comes out the same is waited for.
    if (outcome === undefined || ms >= WAITED_FOR_MS) return;
    this.#options.signal(agent, {
      signal: 'command',
      digest: `${digest} ${outcome}`,
      words: oneLine(title, 120),
    });
  }

  /** Keys are typed into it by us, or were by the engine before. */
  keys(agent: string, at = this.#world.now()): void {
    this.#echo.set(agent, at + ECHO_MS);
  }

  /** A new run: nothing is known of it. */
  forget(agent: string): void {
    this.#failing.delete(agent);
    this.#erring.delete(agent);
    this.#reads.delete(agent);
    this.#activity.delete(agent);
    this.#echo.delete(agent);
    this.#screens.forget(agent);
    this.#spending.delete(agent);
  }

  /** What it is about, also when that was told before. */
  tellAgain(agent: string, at = this.#world.now()): void {
    this.#told.delete(agent);
    this.tellDoing(agent, at);
  }

  tellDoing(agent: string, at = this.#world.now()): void {
    const { agents, leases } = this.#world.state;
    const state = agents[agent];
    if (!this.#isHealed(agent) || !state?.alive) return;
    const { doing, words } = doingOf(state, leases, {
      reports: this.#options.reports(agent),
      failing: this.#failing.has(agent),
      reads: this.#reads.get(agent),
    });
    if (this.#told.get(agent) === doing) return;
    this.#told.set(agent, doing);
    this.#options.signal(agent, { signal: 'doing', doing, words }, at);
  }

  /** Only what works is looked at: who waits or idles shows the same with every right. */
  #paneToSee(agent: string): PaneId | undefined {
    const config = this.#options.configOf(agent);
    const state = this.#world.state.agents[agent];
    if (!config || !state?.alive || state.freeze) return undefined;
    if (config.level === 'basic' && Object.keys(config.errors).length === 0) return undefined;
    const doing = this.#told.get(agent);
    return doing === 'waiting' || doing === 'idle' ? undefined : (state.pane as PaneId);
  }

  #saw(agent: string, before: Shown | undefined, now: Shown): void {
    this.#readErrors(agent, newLines(before, now));
    if (!hasMoved(before, now)) return;
    const digest = digestOf(now.lines, this.#options.reports(agent));
    this.#options.signal(agent, { signal: 'screen', digest });
  }

  #readErrors(agent: string, lines: readonly string[]): void {
    const found = errorIn(lines, this.#options.configOf(agent)?.errors ?? {});
    if (found) {
      this.#erring.add(agent);
      this.#error(agent, found.error, oneLine(found.words, 400));
    } else if (lines.length > 0 && this.#erring.delete(agent)) this.#progress(agent);
  }

  /** With the time at which it is over, where that is told. */
  #error(agent: string, error: ErrorClass, words: string): void {
    const until = resetIn(words, this.#world.now());
    const signal = { signal: 'error', error, words } as const;
    this.#options.signal(agent, until === undefined ? signal : { ...signal, until });
  }

  #asked(
    id: string,
  ): { readonly agent: string; readonly digest: string; readonly title: string } | undefined {
    const request = this.#world.state.settled.find(one => one.id === id);
    // What a cell wanted with it is none of its commands.
    if (!request || request.via === 'cell') return undefined;
    return { agent: request.agent, digest: request.digest, title: request.facts.title };
  }

  /** Where those work whose level looks ahead: nobody else asks how full a disk is. */
  #foldersOf(agents: readonly string[]): ReadonlyMap<string, string> {
    const ahead = agents.filter(id => this.#options.configOf(id)?.level === 'evolutionary');
    const states = ahead.map(id => this.#world.state.agents[id]).filter(state => state?.alive);
    return new Map(states.flatMap(state => (state ? [[state.id, state.cwd]] : [])));
  }

  /** Somebody asks: a limit, or what is usual. */
  #countsFiles(agent: string): boolean {
    const config = this.#options.configOf(agent);
    return config !== undefined && (config.level !== 'basic' || config.limits.fds !== undefined);
  }

  #isHealed(agent: string): boolean {
    return this.#options.configOf(agent) !== undefined;
  }

  #progress(agent: string): void {
    this.#options.signal(agent, { signal: 'progress' });
  }
}
