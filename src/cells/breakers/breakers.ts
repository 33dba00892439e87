/**
 * The breakers of a fleet, by name. They are told what became of calls, whoever made them, and say which are refused.
 * Each change is an event, so that the next engine goes on with those that are open or isolated.
 */
import { isDeepStrictEqual } from 'node:util';
import { Breaker, type Outcome, type Permit, type Transition } from '../../healing/breaker/breaker.ts';
import { through } from '../../healing/breaker/execute.ts';
import { causeWords } from '../../healing/breaker/words.ts';
import { type BreakerName, type BreakerState, breakerName, kindOf } from '../../model/breaker.ts';
import { type BreakersConfig, breakerOptions } from '../../model/breaker-settings.ts';
import { BREAKERS_KEPT } from '../../model/breaker-state.ts';
import type { BreakerReading } from '../../model/breaker-view.ts';
import { refusalWords } from '../../model/breaker-words.ts';
import type { CellHealth } from '../../model/cell.ts';
import { wordsOf } from '../../model/errors.ts';
import type { Draft, Event, EventOf } from '../../model/event.ts';
import { AgentId } from '../../model/ids.ts';
import { type Cell, cellActor, healthy, type World } from '../cell.ts';
import { agreedAct } from './asked.ts';
import { draftOf, subjectOf } from './drafts.ts';
import { ProbeGuard } from './probes.ts';
import { ProviderGuard, type ProviderOptions } from './providers.ts';
import { StartGuard } from './starts.ts';
import { StrategyGuard } from './strategies.ts';
import { Trials } from './trials.ts';

export type Verb = 'open' | 'close' | 'isolate' | 'reset';

/** Who acts by hand, and why. */
export interface Hand {
  readonly actor: Draft['actor'];
  readonly why: string;
  /** How long it stays open, ms; as its settings say without it. */
  readonly forMs?: number | undefined;
}

export interface BreakersOptions extends ProviderOptions {
  config(): BreakersConfig;
  /** Whether its threshold follows what is usual where the file does not say. */
  isAdaptive(name: BreakerName): boolean;
  /** The start of an agent may be tried again. */
  mayStart(agent: AgentId): void;
  /** What has been counted, once a second at most and only where it has changed. */
  onCounted(readings: readonly BreakerReading[]): void;
}

interface Live {
  readonly breaker: Breaker;
  cancel: () => void;
  /** The way of our own calls through it. */
  run?: ReturnType<typeof through>;
}

/** Readings are told so often at most, ms. */
const TELL_MS = 1000;
const OWN = cellActor('breaker');

export class Breakers implements Cell {
  readonly name = 'breaker';
  readonly starts: StartGuard;
  readonly strategies: StrategyGuard;
  readonly probes: ProbeGuard;
  readonly providers: ProviderGuard;
  readonly #world: World;
  readonly #options: BreakersOptions;
  readonly #live = new Map<BreakerName, Live>();
  /** Whose hand is at it while a change is told. */
  #hand: Hand | undefined;
  #telling: (() => void) | undefined;
  #latest = 0;

  constructor(world: World, options: BreakersOptions) {
    this.#world = world;
    this.#options = options;
    const trials = new Trials(this);
    this.starts = new StartGuard(world, this);
    this.strategies = new StrategyGuard(this, trials);
    this.probes = new ProbeGuard(trials);
    this.providers = new ProviderGuard(world, this, trials, options);
  }

  /** Takes up those the last engine left open or isolated. */
  takeCharge(): void {
    for (const { name, is, until, openings } of Object.values(this.#world.state.breakers)) {
      if (is === 'closed') continue;
      const breaker = this.#liveOf(name).breaker;
      breaker.restore({ state: is, waitLeft: Math.max(0, until - this.#now()), openings }, this.#now());
      this.#schedule(name);
    }
  }

  /** Another fleet file is in force: those whose settings changed count anew, in the state they are in. */
  reconfigure(): void {
    for (const [name, { breaker, cancel }] of this.#live) {
      const options = this.#optionsOf(name);
      if (isDeepStrictEqual(options, breaker.options)) continue;
      cancel();
      const next = this.#make(name);
      next.restore(breaker.snapshot(this.#now()), this.#now());
      this.#live.set(name, { breaker: next, cancel: () => {} });
      this.#schedule(name);
    }
  }

  onEvent(event: Event): void {
    this.starts.onEvent(event);
    this.strategies.onEvent(event);
    this.providers.onEvent(event);
    if (event.kind === 'gate.settled') this.#settled(event.data.request);
    if (event.kind === 'restarts.forgiven') this.#forgiven(event);
    // Another level may learn what is usual, or not.
    if (event.kind === 'healing.changed') this.reconfigure();
  }

  /** Somebody wants it started, whatever became of its starts so far. */
  #forgiven({ actor, data: { agent, reason: why } }: EventOf<'restarts.forgiven'>): void {
    const start = breakerName('start', agent);
    const is = this.stateOf(start);
    if (is === 'open' || is === 'half-open') this.operate(start, 'close', { actor, why });
  }

  #settled(id: string): void {
    const request = this.#world.state.settled.find(one => one.id === id);
    const agreed = request && agreedAct(request);
    if (agreed) this.operate(agreed.breaker, agreed.verb, agreed.hand);
  }

  /** What keeps back whatever could be tried for an agent. */
  keepsBack(agent: string): readonly BreakerName[] {
    const start = breakerName('start', agent);
    return [...(this.stateOf(start) === 'closed' ? [] : [start]), ...this.providers.keepsBack(agent)];
  }

  stateOf(name: BreakerName): BreakerState {
    return this.#live.get(name)?.breaker.state ?? 'closed';
  }

  /** Why a call would be refused now; undefined when it would pass. Asking changes nothing. */
  refusal(name: BreakerName): string | undefined {
    const breaker = this.#live.get(name)?.breaker;
    if (!breaker?.refuses(this.#now())) return undefined;
    const { state, waitLeft } = breaker.snapshot(this.#now());
    return refusalWords({ name, is: state, until: this.#world.now() + waitLeft });
  }

  /** Leave for one call; 0 when it is refused. To be given back by `record`. */
  tryAcquire(name: BreakerName): Permit {
    return this.#liveOf(name).breaker.tryAcquire(this.#now());
  }

  record(name: BreakerName, permit: Permit, outcome: Outcome, ms = 0): void {
    const live = this.#liveOf(name);
    live.breaker.record(permit, outcome, ms, this.#now());
    // The one that was used last is the last to go.
    if (this.#live.delete(name)) this.#live.set(name, live);
    this.#tellSoon();
  }

  /** What became of a call that was made without asking: half-open, it counts as a trial; else refused ones count nothing. */
  observe(name: BreakerName, outcome: Outcome, ms = 0): void {
    const permit = this.tryAcquire(name);
    if (permit !== 0) this.record(name, permit, outcome, ms);
  }

  /**
   * A call of our own through a breaker. Rejects as the call does, or with BrokenCircuitError without calling.
   *
   * @param isFailure whether an error says something about what is called
   */
  call<T>(name: BreakerName, isFailure: (error: unknown) => boolean, call: () => Promise<T>): Promise<T> {
    const live = this.#liveOf(name);
    live.run ??= through(
      live.breaker,
      name,
      () => this.#now(),
      error => (isFailure(error) ? 'failure' : 'ignored'),
    );
    return live.run(call);
  }

  close(name: BreakerName, why: string): void {
    this.operate(name, 'close', { actor: OWN, why });
  }

  /** By hand, whatever it was. */
  operate(name: BreakerName, verb: Verb, hand: Hand): void {
    const { breaker } = this.#liveOf(name);
    const now = this.#now();
    const wasClosed = breaker.isClosed;
    this.#hand = hand;
    try {
      if (verb === 'open') breaker.open(now, hand.forMs ?? breaker.options.waitDurationInOpenState);
      else if (verb === 'isolate') breaker.isolate(now);
      else breaker.close(now);
    } finally {
      this.#hand = undefined;
    }
    if (verb === 'reset') this.#forget(name);
    // That somebody wanted it so is written down also where it was so already.
    const data = { breaker: name, why: hand.why };
    if (wasClosed && breaker.isClosed)
      this.#emit({ kind: 'breaker.closed', actor: hand.actor, subject: subjectOf(name), data });
  }

  /** The next call meets a new one. */
  #forget(name: BreakerName): void {
    this.#live.delete(name);
    this.#tellSoon();
  }

  /** All there are, by name. */
  list(): readonly BreakerReading[] {
    const now = this.#now();
    return [...this.#live]
      .map(([name, { breaker }]): BreakerReading => {
        const { state, waitLeft, openings, tally } = breaker.snapshot(now);
        const { kind, adaptive = false } = breaker.options;
        return { name, is: state, kind, adaptive, waitMs: Math.round(waitLeft), openings, ...tally };
      })
      .toSorted((a, b) => a.name.localeCompare(b.name));
  }

  healthCheck(): CellHealth {
    return healthy(`${this.#live.size} breakers`);
  }

  stop(): void {
    for (const { cancel } of this.#live.values()) cancel();
    this.starts.stop();
    this.#telling?.();
  }

  #liveOf(name: BreakerName): Live {
    const known = this.#live.get(name);
    if (known) return known;
    // Names come from agents too: there are so many at most, whatever they send.
    if (this.#live.size >= BREAKERS_KEPT) this.#dropOldest();
    const live = { breaker: this.#make(name), cancel: () => {} };
    this.#live.set(name, live);
    this.#tellSoon();
    return live;
  }

  /** Of those that refuse nothing. */
  #dropOldest(): void {
    for (const [name, { breaker }] of this.#live) {
      if (!breaker.isClosed) continue;
      this.#live.delete(name);
      return;
    }
  }

  #make(name: BreakerName): Breaker {
    return new Breaker(this.#optionsOf(name), change => this.#turned(name, change));
  }

  #optionsOf(name: BreakerName): Breaker['options'] {
    return breakerOptions(name, this.#options.config(), this.#options.isAdaptive(name));
  }

  #turned(name: BreakerName, change: Transition): void {
    const hand = this.#hand ?? { actor: OWN, why: causeWords(change.cause) };
    // What follows from it is nobody's hand.
    this.#hand = undefined;
    const breaker = this.#live.get(name)?.breaker;
    if (!breaker) return;
    this.#emit(draftOf(name, change, breaker.snapshot(change.at), hand));
    this.#schedule(name);
    this.#tell(name);
    this.#tellSoon();
  }

  /** Whoever is kept back hears that it is, or that it is no longer, or that it may try. */
  #tell(name: BreakerName): void {
    this.providers.turned(name);
    const agent = kindOf(name) === 'start' ? AgentId.safeParse(name.slice('start:'.length)).data : undefined;
    if (agent === undefined) return;
    const refused = this.refusal(name) !== undefined;
    this.#options.keepBack(agent, name, refused);
    if (!refused) this.#options.mayStart(agent);
  }

  /** An open one may be tried when its wait is over; a half-open one whose trial is never answered opens again. */
  #schedule(name: BreakerName): void {
    const live = this.#live.get(name);
    if (!live) return;
    live.cancel();
    const { state, waitLeft } = live.breaker.snapshot(this.#now());
    if (state === 'open')
      live.cancel = this.#world.after(Math.max(1, waitLeft), () => {
        // Timers may come a moment early.
        if (live.breaker.refuses(this.#now())) this.#schedule(name);
        else this.#tell(name);
      });
    if (state === 'half-open')
      live.cancel = this.#world.after(live.breaker.options.maxWaitDurationInHalfOpenState, () => {
        if (live.breaker.refuses(this.#now())) live.breaker.tryAcquire(this.#now());
      });
  }

  #tellSoon(): void {
    this.#telling ??= this.#world.after(TELL_MS, () => {
      this.#telling = undefined;
      this.#options.onCounted(this.list());
    });
  }

  #emit(draft: Draft): void {
    try {
      this.#world.emit(draft);
    } catch (error) {
      // It keeps calls back also where nothing can be written.
      this.#world.log(`${draft.kind}: ${wordsOf(error)}`);
    }
  }

  /** The world's clock may be set back; a breaker's may not. */
  #now(): number {
    this.#latest = Math.max(this.#latest, this.#world.now());
    return this.#latest;
  }
}
