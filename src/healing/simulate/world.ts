/**
 * A fleet in simulated time (discrete events, nothing sleeps): agents that work, faults that come to them, sensors that
 * tell a policy, and what the policy does about it. Faults and luck are those of the seed, whoever the policy is (common
 * random numbers), so that two policies can be compared fault by fault.
 */
import type { StrategyName } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import { exponential, lognormal, type Random, randomAt, seeded } from '../random.ts';
import { STRATEGIES } from '../strategy.ts';
import type { Signal } from '../types.ts';
import { type Condition, EFFECT_MS, SimulatedAgent } from './agent.ts';
import { CATALOGUE, type FaultModel, isHealthy } from './catalogue.ts';
import { EventHeap } from './heap.ts';
import { Ledger } from './ledger.ts';
import type { Score } from './score.ts';
import { sampled } from './sensing.ts';

export interface WorldOptions {
  readonly agents: number;
  readonly seed: number;
  readonly durationMs: Millis;
  /** When the mix of faults and what cures them changes; the duration for never. */
  readonly shiftAt: Millis;
  /** Mean time between two faults of one agent, ms. */
  readonly faultEveryMs: Millis;
  readonly catalogue?: readonly FaultModel[];
}

/** What a policy can do. */
export interface Hands {
  perform(agent: string, strategy: StrategyName): void;
  /** Calls a person, who comes after a while and cures it. */
  ask(agent: string): void;
}

export interface Policy {
  /** Takes in what a sensor tells; when to look at this agent next, though nothing is told. */
  signal(agent: string, signal: Signal, now: Millis): Millis;
}

export type MakePolicy = (hands: Hands, agents: readonly string[], random: Random) => Policy;

/** A person who was asked is there after a median of so long, ms; one who was not finds out by looking round. */
const PERSON_COMES_MS = 300_000;
const PERSON_NOTICES_MS = 600_000;
const PERSON_TAKES_MS = 30_000;
/** A service that is down is noticed by its probe after so long at most, ms. */
const PROBE_MS = 250;
/** That it went away is noticed at the first call, ms; it does not flicker faster than this. */
const NOTICED_MS = 20;
const SHORTEST_OUTAGE_MS = 1000;
/** How often sensors look at what an agent uses, ms. */
const SAMPLE_MS = 2000;
/** Agents that share a dependency. */
const GROUP = 4;
/** No fault begins so soon after the last was over, ms. */
const CALM_MS = 5000;

type Happening =
  | { readonly is: 'fault'; readonly agent: SimulatedAgent; readonly number: number }
  | { readonly is: 'progress' | 'sample' | 'again'; readonly agent: SimulatedAgent; readonly epoch: number }
  | {
      readonly is: 'effect';
      readonly agent: SimulatedAgent;
      readonly epoch: number;
      readonly strategy: StrategyName;
    }
  | { readonly is: 'over' | 'person'; readonly agent: SimulatedAgent; readonly condition: Condition }
  | { readonly is: 'tell'; readonly agent: SimulatedAgent; readonly signal: Signal }
  | { readonly is: 'look' | 'up'; readonly agent: SimulatedAgent };

export class World {
  readonly #options: WorldOptions;
  readonly #heap = new EventHeap<Happening>();
  readonly #agents: readonly SimulatedAgent[];
  readonly #byName: ReadonlyMap<string, SimulatedAgent>;
  readonly #policy: Policy;
  readonly #random: Random;
  readonly #ledger = new Ledger();
  /** Until when the dependency of each group is down. */
  readonly #downUntil: Millis[];
  #now: Millis = 0;

  constructor(options: WorldOptions, makePolicy: MakePolicy) {
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#agents = Array.from(
      { length: options.agents },
      (_, index) => new SimulatedAgent(index, 1500 + 2500 * randomAt(options.seed, index)),
    );
    this.#byName = new Map(this.#agents.map(agent => [agent.name, agent]));
    this.#downUntil = Array.from({ length: Math.ceil(options.agents / GROUP) }, () => 0);
    const hands: Hands = {
      perform: (agent, strategy) => this.#perform(agent, strategy),
      ask: agent => this.#ask(agent),
    };
    this.#policy = makePolicy(hands, [...this.#byName.keys()], seeded(options.seed + 1));
  }

  run(): Score {
    const { durationMs } = this.#options;
    for (const agent of this.#agents) {
      this.#tell(agent, { signal: 'started', incarnation: 1, resumed: false });
      this.#tell(agent, { signal: 'doing', doing: 'working', words: 'works' });
      this.#planProgress(agent);
      this.#heap.push(SAMPLE_MS, { is: 'sample', agent, epoch: -1 });
      this.#planFault(agent, 0, 0);
    }
    for (let next = this.#heap.pop(); next && next.at <= durationMs; next = this.#heap.pop()) {
      this.#now = next.at;
      this.#happen(next.event);
    }
    this.#now = durationMs;
    for (const agent of this.#agents) {
      agent.setRate(1, durationMs);
      if (agent.condition) this.#ledger.unfinished(agent.condition, durationMs);
    }
    return this.#ledger.score(this.#agents, durationMs);
  }

  #happen(event: Happening): void {
    const { agent } = event;
    switch (event.is) {
      case 'tell':
        this.#tell(agent, event.signal);
        return;
      case 'up':
        this.#up(agent);
        return;
      case 'look':
        if (agent.lookAt === this.#now) this.#tell(agent, { signal: 'time' });
        return;
      case 'fault':
        this.#fault(agent, event.number);
        return;
      case 'progress':
        if (event.epoch !== agent.epoch) return;
        this.#tell(agent, { signal: 'progress' });
        this.#planProgress(agent);
        return;
      case 'sample':
        this.#sample(agent);
        return;
      case 'again':
        if (event.epoch === agent.epoch && agent.condition) this.#show(agent, agent.condition);
        return;
      case 'effect':
        this.#effect(agent, event.strategy, event.epoch);
        return;
      case 'over':
        if (agent.condition === event.condition) this.#goneByItself(agent);
        return;
      case 'person':
        if (agent.condition === event.condition) this.#personCures(agent);
        return;
    }
  }

  #tell(agent: SimulatedAgent, signal: Signal): void {
    const next = this.#policy.signal(agent.name, signal, this.#now);
    if (next === agent.lookAt) return;
    // Never twice in one moment: a policy that wants to look again at once looks a moment later.
    agent.lookAt = Math.max(next, this.#now + 1);
    if (agent.lookAt < Number.POSITIVE_INFINITY) this.#heap.push(agent.lookAt, { is: 'look', agent });
  }

  #later(ms: Millis, agent: SimulatedAgent, signal: Signal): void {
    this.#heap.push(this.#now + ms, { is: 'tell', agent, signal });
  }

  #planProgress(agent: SimulatedAgent): void {
    const does = agent.condition?.model.symptom.does;
    const slower = does === 'crawl' ? 5 : does === 'think' ? 2 : does === 'storm' ? 0.2 : 1;
    const sigma = does === 'think' ? 1 : 0.6;
    const wait = lognormal(agent.pace * slower, sigma, this.#random);
    this.#heap.push(this.#now + wait, { is: 'progress', agent, epoch: agent.epoch });
  }

  #sample(agent: SimulatedAgent): void {
    const symptom = agent.condition?.model.symptom;
    if (symptom?.does === 'leak' && agent.alive) {
      agent.rss += (symptom.mbPerS * SAMPLE_MS) / 1000;
      if (agent.rss >= symptom.diesAtMb) this.#die(agent, false, 0);
    }
    if (agent.alive) {
      if (symptom?.does === 'refuse') this.#tellError(agent);
      const use = sampled(agent, symptom, this.#random);
      this.#tell(agent, { signal: 'resources', use });
    }
    this.#heap.push(this.#now + SAMPLE_MS, { is: 'sample', agent, epoch: -1 });
  }

  #planFault(agent: SimulatedAgent, number: number, after: Millis): void {
    const { seed, faultEveryMs } = this.#options;
    const wait = -faultEveryMs * Math.log(1 - randomAt(seed, agent.index, number, 1));
    this.#heap.push(after + wait, { is: 'fault', agent, number });
  }

  #fault(agent: SimulatedAgent, number: number): void {
    if (agent.condition) {
      // It comes when the last one is over.
      this.#heap.push(this.#now + CALM_MS, { is: 'fault', agent, number });
      return;
    }
    this.#planFault(agent, number + 1, this.#now + CALM_MS);
    const era = this.#now < this.#options.shiftAt ? 0 : 1;
    const model = this.#draw(agent, number, era);
    if (!model.dependency) {
      this.#begin(agent, model, number, era);
      return;
    }
    const group = Math.floor(agent.index / GROUP);
    const until = this.#now + Math.max(SHORTEST_OUTAGE_MS, 1000 * this.#organicS(model, agent, number));
    this.#downUntil[group] = Math.max(until, this.#downUntil[group] ?? 0);
    for (const each of this.#agents.slice(group * GROUP, (group + 1) * GROUP)) {
      this.#later(NOTICED_MS, each, { signal: 'dependency', name: `d${group}`, up: false });
      this.#heap.push(until, { is: 'up', agent: each });
      if (!each.condition) this.#begin(each, model, number, era);
    }
  }

  /** The dependency of an agent is back, unless another fault has made it longer. */
  #up(agent: SimulatedAgent): void {
    const group = Math.floor(agent.index / GROUP);
    if ((this.#downUntil[group] ?? 0) > this.#now) return;
    this.#later(PROBE_MS * this.#random(), agent, { signal: 'dependency', name: `d${group}`, up: true });
    if (agent.condition?.model.dependency) this.#goneByItself(agent);
  }

  #draw(agent: SimulatedAgent, number: number, era: 0 | 1): FaultModel {
    const catalogue = this.#options.catalogue ?? CATALOGUE;
    const total = catalogue.reduce((sum, { share }) => sum + share[era], 0);
    let left = total * randomAt(this.#options.seed, agent.index, number, 2);
    for (const model of catalogue) {
      left -= model.share[era];
      if (left < 0) return model;
    }
    throw new Error('the shares of the catalogue are all 0');
  }

  #organicS(model: FaultModel, agent: SimulatedAgent, number: number): number {
    const [median, sigma] = model.organic ?? [Number.POSITIVE_INFINITY, 0];
    if (median === Number.POSITIVE_INFINITY) return median;
    const own = seeded(1 + Math.floor(0x7fff_ffff * randomAt(this.#options.seed, agent.index, number, 3)));
    return lognormal(median, sigma, own);
  }

  #begin(agent: SimulatedAgent, model: FaultModel, number: number, era: 0 | 1): void {
    const condition: Condition = {
      number,
      model,
      era,
      since: this.#now,
      firstAct: undefined,
      asked: false,
      tries: 0,
    };
    agent.condition = condition;
    this.#ledger.began(condition);
    const until = this.#now + 1000 * this.#organicS(model, agent, number);
    // A dependency comes back for all that need it at once.
    if (!model.dependency && until < Number.POSITIVE_INFINITY) {
      this.#heap.push(until, { is: 'over', agent, condition });
    }
    if (!isHealthy(model)) {
      this.#heap.push(this.#now + PERSON_NOTICES_MS, { is: 'person', agent, condition });
    }
    this.#show(agent, condition);
  }

  /** The fault takes hold of an agent that runs. */
  #show(agent: SimulatedAgent, { model: { symptom } }: Condition): void {
    if (!agent.alive) return;
    agent.epoch += 1;
    switch (symptom.does) {
      case 'die':
        this.#die(agent, symptom.lost === true, symptom.unseen ? 100 : 1);
        return;
      case 'hang':
      case 'spin':
        agent.setRate(0, this.#now);
        return;
      case 'refuse':
        agent.setRate(0, this.#now);
        this.#tellError(agent);
        return;
      case 'storm':
      case 'crawl':
        agent.setRate(0.2, this.#now);
        this.#planProgress(agent);
        return;
      case 'leak':
      case 'think':
        this.#planProgress(agent);
        return;
      case 'compile':
        return;
      case 'wait':
        agent.waiting = true;
        this.#tell(agent, { signal: 'doing', doing: 'waiting', words: 'asks a question' });
        return;
    }
  }

  #tellError(agent: SimulatedAgent): void {
    const { condition } = agent;
    const symptom = condition?.model.symptom;
    if (!condition || symptom?.does !== 'refuse') return;
    const ends = condition.since + 1000 * this.#organicS(condition.model, agent, condition.number);
    const until = symptom.tells ? { until: ends } : {};
    this.#tell(agent, { signal: 'error', error: symptom.error, words: condition.model.words, ...until });
  }

  #die(agent: SimulatedAgent, lost: boolean, seenAfter: Millis): void {
    agent.alive = false;
    agent.epoch += 1;
    agent.setRate(0, this.#now);
    this.#later(seenAfter, agent, {
      signal: 'exited',
      incarnation: agent.incarnation,
      clean: false,
      lost,
      words: 'exit 1',
    });
  }

  #perform(name: string, strategy: StrategyName): void {
    const agent = this.#byName.get(name);
    if (!agent) return;
    const { restarts, loses, tokens } = STRATEGIES[strategy];
    this.#ledger.acted(agent.condition, this.#now, agent, restarts, tokens);
    if (restarts) {
      agent.lose(agent.alive || agent.condition ? loses : 0);
      agent.alive = false;
      agent.waiting = false;
      agent.setRate(0, this.#now);
    }
    agent.epoch += restarts ? 1 : 0;
    this.#heap.push(this.#now + EFFECT_MS[strategy], { is: 'effect', agent, epoch: agent.epoch, strategy });
  }

  #effect(agent: SimulatedAgent, strategy: StrategyName, epoch: number): void {
    const { restarts, loses } = STRATEGIES[strategy];
    if (restarts && epoch !== agent.epoch) return;
    if (!restarts) agent.lose(loses);
    const { condition } = agent;
    const cured = condition !== undefined && this.#cures(agent, condition, strategy);
    if (restarts) this.#startAnew(agent);
    if (!condition) return;
    if (isHealthy(condition.model)) {
      // What was interrupted is over, whatever it was.
      if (restarts || strategy === 'interrupt') this.#end(agent, condition);
      return;
    }
    if (cured) {
      this.#end(agent, condition);
      if (!restarts) this.#worksAgain(agent);
      return;
    }
    this.#ledger.wasted(restarts);
    if (!restarts) return;
    const after = exponential(1000 * condition.model.againS, this.#random);
    this.#heap.push(this.#now + after, { is: 'again', agent, epoch: agent.epoch });
  }

  /** The same fault and the same strategy have the same luck in every policy's world; a second try is a new draw. */
  #cures(agent: SimulatedAgent, condition: Condition, strategy: StrategyName): boolean {
    const [before, after] = condition.model.cures[strategy] ?? [0, 0];
    const chance = condition.era === 0 ? before : after;
    condition.tries += 1;
    const strategyAt = Object.keys(EFFECT_MS).indexOf(strategy);
    return (
      randomAt(this.#options.seed, agent.index, condition.number, 7, strategyAt, condition.tries) < chance
    );
  }

  #startAnew(agent: SimulatedAgent): void {
    agent.alive = true;
    agent.incarnation += 1;
    agent.epoch += 1;
    agent.rss = 200;
    agent.setRate(1, this.#now);
    this.#tell(agent, { signal: 'started', incarnation: agent.incarnation, resumed: false });
    this.#tell(agent, { signal: 'doing', doing: 'working', words: 'works' });
    this.#planProgress(agent);
  }

  #worksAgain(agent: SimulatedAgent): void {
    agent.epoch += 1;
    agent.waiting = false;
    agent.setRate(1, this.#now);
    this.#tell(agent, { signal: 'doing', doing: 'working', words: 'works' });
    this.#tell(agent, { signal: 'progress' });
    this.#planProgress(agent);
  }

  #end(agent: SimulatedAgent, condition: Condition): void {
    agent.condition = undefined;
    this.#ledger.ended(condition, this.#now);
  }

  #goneByItself(agent: SimulatedAgent): void {
    const { condition } = agent;
    if (!condition) return;
    this.#end(agent, condition);
    // What is dead stays so until somebody starts it.
    if (agent.alive) this.#worksAgain(agent);
  }

  #ask(name: string): void {
    const agent = this.#byName.get(name);
    const { condition } = agent ?? {};
    this.#ledger.asked();
    if (!agent || !condition || condition.asked) return;
    condition.asked = true;
    const comes = PERSON_COMES_MS * (0.5 + randomAt(this.#options.seed, agent.index, condition.number, 9));
    this.#heap.push(this.#now + comes, { is: 'person', agent, condition });
  }

  #personCures(agent: SimulatedAgent): void {
    const { condition } = agent;
    if (!condition) return;
    if (!condition.asked) this.#ledger.asked();
    this.#ledger.personCame(condition);
    agent.setRate(0, this.#now);
    agent.downMs += PERSON_TAKES_MS;
    this.#end(agent, condition);
    if (agent.alive) this.#worksAgain(agent);
    else this.#startAnew(agent);
  }
}
