/**
 * A fleet in simulated time (discrete events, nothing sleeps): agents that work, faults that come to them, sensors that
 * tell a policy, and what the policy does about it. Faults and luck are those of the seed, whoever the policy is (common
 * random numbers), so that two policies can be compared fault by fault.
 *
 * What an agent prints and what sensors read off it concerns nobody else, so a calm agent lives through it in turns of
 * some seconds, each signal and each look of the policy at its own time. Only between agents may a turn's length matter.
 */
import type { StrategyName } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import { STRATEGIES } from '../strategy.ts';
import type { Signal } from '../types.ts';
import { type Condition, EFFECT_MS, LEAVE_MS, SAVED_EVERY_MS, SimulatedAgent, type Turn } from './agent.ts';
import { Bodies, type Course, SAMPLE_MS, WORKING } from './bodies.ts';
import { CATALOGUE, type FaultModel, isHealthy } from './catalogue.ts';
import { CALM_MS, Faults, GROUP } from './faults.ts';
import { EventHeap } from './heap.ts';
import { Ledger } from './ledger.ts';
import type { MakePolicy, Policy } from './policy.ts';
import type { Score } from './score.ts';
import { nextLine } from './sensing.ts';

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

/** A person who was asked comes after so long, ms, give or take a half; one who was not looks round so often. */
const PERSON_COMES_MS = 300_000;
const PERSON_LOOKS_MS = 600_000;
const PERSON_TAKES_MS = 30_000;
/** A service that is down is noticed by its probe after so long at most, ms. */
const PROBE_MS = 250;
/** That it went away is noticed at the first call, ms. */
const NOTICED_MS = 20;
/**
 * A look at an agent that goes on as ever tells nothing new: of those only every so many-th is told. One that is late,
 * or has a fault, is told all of them.
 */
const CALM_SAMPLES = 5;
/** So many times its typical interval without a line, and it is late. */
const LATE = 2;
/** A turn of a calm agent, and of one that has a fault, ms. */
const TURN_MS = 20_000;
const ILL_TURN_MS = 1000;

type Happening =
  | { readonly is: 'fault'; readonly agent: SimulatedAgent; readonly number: number }
  | Turn
  | { readonly is: 'up'; readonly agent: SimulatedAgent }
  | { readonly is: 'again'; readonly agent: SimulatedAgent; readonly epoch: number }
  | {
      readonly is: 'effect';
      readonly agent: SimulatedAgent;
      readonly epoch: number;
      readonly strategy: StrategyName;
    }
  | { readonly is: 'over' | 'round'; readonly agent: SimulatedAgent; readonly condition: Condition }
  | {
      readonly is: 'person';
      readonly agent: SimulatedAgent;
      readonly condition: Condition | undefined;
    }
  | { readonly is: 'tell'; readonly agent: SimulatedAgent; readonly signal: Signal };

const PROGRESS: Signal = { signal: 'progress' };
const TIME: Signal = { signal: 'time' };

export class World {
  readonly #options: WorldOptions;
  readonly #faults: Faults;
  readonly #heap = new EventHeap<Happening>();
  readonly #agents: readonly SimulatedAgent[];
  readonly #byName: ReadonlyMap<string, SimulatedAgent>;
  readonly #policy: Policy;
  readonly #ledger: Ledger;
  readonly #bodies: Bodies;
  /** Until when the dependency of each group is down. */
  readonly #downUntil: Millis[];
  #now: Millis = 0;

  constructor(options: WorldOptions, makePolicy: MakePolicy) {
    const { agents, seed, shiftAt } = options;
    this.#options = options;
    this.#faults = new Faults({ ...options, catalogue: options.catalogue ?? CATALOGUE });
    this.#ledger = new Ledger(shiftAt);
    this.#bodies = new Bodies(this.#course(), this.#faults, this.#ledger);
    this.#agents = Array.from({ length: agents }, (_, index) => new SimulatedAgent(index, seed));
    this.#byName = new Map(this.#agents.map(agent => [agent.name, agent]));
    this.#downUntil = Array.from({ length: Math.ceil(agents / GROUP) }, () => 0);
    const hands = {
      perform: (agent: string, strategy: StrategyName) => this.#perform(agent, strategy),
      ask: (agent: string) => this.#ask(agent),
    };
    const chance = new SimulatedAgent(-1, seed).random;
    this.#policy = makePolicy(hands, [...this.#byName.keys()], chance);
  }

  #course(): Course {
    const now = (): Millis => this.#now;
    return {
      get now() {
        return now();
      },
      tell: (agent, signal) => this.#tell(agent, signal),
      later: (ms, agent, signal) => this.#later(ms, agent, signal),
      again: (at, agent, epoch) => this.#heap.push(at, { is: 'again', agent, epoch }),
    };
  }

  /** What is really the matter with an agent: for the oracle that policies are measured against, and nobody else. */
  truthOf(agent: string): Condition | undefined {
    return this.#byName.get(agent)?.condition;
  }

  run(): Score {
    const { durationMs } = this.#options;
    for (const agent of this.#agents) {
      this.#tell(agent, { signal: 'started', incarnation: 1, resumed: false });
      this.#tell(agent, WORKING);
      agent.printsAt = nextLine(agent);
      agent.sampledAt = SAMPLE_MS;
      this.#turn(agent);
      this.#heap.push(this.#faults.wait(agent, 0), { is: 'fault', agent, number: 0 });
    }
    for (let next = this.#heap.pop(); next && next.at <= durationMs; next = this.#heap.pop()) {
      const { at, event } = next;
      // What it went through until now comes first; what it led to as well.
      if (this.#liveUntil(event.agent, at)) this.#heap.push(at, event);
      else {
        this.#now = at;
        this.#happen(event);
        this.#turn(event.agent);
      }
    }
    this.#now = durationMs;
    for (const agent of this.#agents) {
      this.#bodies.setRate(agent, 1);
      if (agent.condition) this.#ledger.ended(agent.condition, durationMs);
    }
    return this.#ledger.score(this.#agents.length, durationMs);
  }

  /** An agent's own signals up to and with `until`; true when something befell it on the way that has others follow. */
  #liveUntil(agent: SimulatedAgent, until: Millis): boolean {
    const { stirred } = agent;
    for (;;) {
      const at = Math.min(agent.printsAt, agent.sampledAt, agent.lookAt);
      if (at > until) return false;
      this.#now = at;
      if (agent.printsAt === at) {
        agent.printsAt = at + nextLine(agent);
        if (agent.printsAt - at > LATE * agent.pace)
          agent.sampledAt = Math.min(agent.sampledAt, at + SAMPLE_MS);
        this.#tell(agent, PROGRESS);
      } else if (agent.sampledAt === at) {
        agent.sampledAt = at + this.#untilSample(agent);
        this.#bodies.sample(agent);
      } else this.#tell(agent, TIME);
      if (agent.stirred !== stirred) {
        this.#turn(agent);
        return true;
      }
    }
  }

  #untilSample({ condition, printsAt, pace, waiting }: SimulatedAgent): Millis {
    const calm = waiting || (!condition && printsAt - this.#now < LATE * pace);
    return calm ? CALM_SAMPLES * SAMPLE_MS : SAMPLE_MS;
  }

  /** Plans an agent's next turn: at its next signal, or some seconds on while it is calm. */
  #turn(agent: SimulatedAgent): void {
    const calm = !agent.condition && agent.alive && this.#now - agent.calmSince > TURN_MS;
    const next = Math.min(agent.printsAt, agent.sampledAt, agent.lookAt);
    const at = calm ? this.#now + TURN_MS : Math.max(this.#now + ILL_TURN_MS, next);
    // One that comes sooner will do.
    if (agent.turnAt > this.#now && agent.turnAt <= at) return;
    agent.turnAt = at;
    this.#heap.push(at, agent.turn);
  }

  #happen(event: Happening): void {
    const { agent } = event;
    switch (event.is) {
      case 'turn':
        return;
      case 'tell':
        this.#tell(agent, event.signal);
        return;
      case 'up':
        this.#up(agent);
        return;
      case 'fault':
        this.#fault(agent, event.number);
        return;
      case 'again':
        if (event.epoch === agent.epoch && agent.condition) this.#bodies.show(agent, agent.condition);
        return;
      case 'effect':
        this.#bodies.effect(agent, event.strategy, event.epoch);
        return;
      case 'over':
        if (agent.condition === event.condition) this.#bodies.cured(agent);
        return;
      case 'person':
        this.#personComes(agent, event.condition);
        return;
      case 'round':
        if (agent.condition === event.condition) this.#lookedRound(agent, event.condition);
        return;
    }
  }

  #tell(agent: SimulatedAgent, signal: Signal): void {
    const next = this.#policy.signal(agent.name, signal, this.#now);
    // Never twice in one moment: a policy that wants to look again at once looks a moment later.
    agent.lookAt = next <= this.#now ? this.#now + 1 : next;
  }

  #later(ms: Millis, agent: SimulatedAgent, signal: Signal): void {
    this.#heap.push(this.#now + ms, { is: 'tell', agent, signal });
  }

  #fault(agent: SimulatedAgent, number: number): void {
    if (agent.condition) {
      // It comes when the last one is over.
      this.#heap.push(this.#now + CALM_MS, { is: 'fault', agent, number });
      return;
    }
    const next = { is: 'fault', agent, number: number + 1 } as const;
    this.#heap.push(this.#now + this.#faults.wait(agent, number + 1), next);
    const era = this.#now < this.#options.shiftAt ? 0 : 1;
    const model = this.#faults.kind(agent, number, era);
    const until = this.#now + this.#faults.organic(model, agent, number);
    if (model.dependency) this.#goesDown(agent, until);
    const now = this.#now;
    for (const each of this.#hitBy(model, agent)) {
      if (each.condition) continue;
      // What it lived through by itself comes first; then it must wait for what became of that.
      if (each !== agent && this.#liveUntil(each, now)) continue;
      this.#now = now;
      this.#begin(each, model, number, era, until);
      this.#turn(each);
    }
    this.#now = now;
  }

  #hitBy({ hits }: FaultModel, agent: SimulatedAgent): readonly SimulatedAgent[] {
    if (hits === 'fleet') return this.#agents;
    return hits === 'group' ? this.#groupOf(agent) : [agent];
  }

  #groupOf({ index }: SimulatedAgent): readonly SimulatedAgent[] {
    const first = index - (index % GROUP);
    return this.#agents.slice(first, first + GROUP);
  }

  #goesDown(agent: SimulatedAgent, until: Millis): void {
    const group = Math.floor(agent.index / GROUP);
    this.#downUntil[group] = Math.max(until, this.#downUntil[group] ?? 0);
    for (const each of this.#groupOf(agent)) {
      this.#later(NOTICED_MS, each, { signal: 'dependency', name: `d${group}`, up: false });
      this.#heap.push(until, { is: 'up', agent: each });
    }
  }

  /** The dependency of an agent is back, unless another fault has made it longer. */
  #up(agent: SimulatedAgent): void {
    const group = Math.floor(agent.index / GROUP);
    if ((this.#downUntil[group] ?? 0) > this.#now) return;
    const up: Signal = { signal: 'dependency', name: `d${group}`, up: true };
    this.#later(PROBE_MS * agent.random(), agent, up);
    if (agent.condition?.model.dependency) this.#bodies.cured(agent);
  }

  #begin(agent: SimulatedAgent, model: FaultModel, number: number, era: 0 | 1, until: Millis): void {
    const since = this.#now;
    const flags = { firstAct: undefined, asked: false, cured: false, tries: {} };
    const condition: Condition = { number, model, era, since, until, ...flags };
    this.#bodies.setRate(agent, agent.rate);
    agent.condition = condition;
    agent.sampledAt = Math.min(agent.sampledAt, this.#now + SAMPLE_MS * agent.random());
    agent.inHand = SAVED_EVERY_MS * this.#faults.inHand(agent, number);
    this.#ledger.began(condition);
    // A dependency comes back for all that need it at once.
    if (!model.dependency && until < Number.POSITIVE_INFINITY) {
      this.#heap.push(until, { is: 'over', agent, condition });
    }
    if (!isHealthy(model)) {
      this.#heap.push(this.#now + PERSON_LOOKS_MS, { is: 'round', agent, condition });
    }
    this.#bodies.show(agent, condition);
  }

  #perform(name: string, strategy: StrategyName): void {
    const agent = this.#byName.get(name);
    if (!agent) return;
    const { restarts, risky } = STRATEGIES[strategy];
    this.#ledger.acted(agent, STRATEGIES[strategy], this.#now);
    agent.epoch += 1;
    agent.stirred += 1;
    agent.calmSince = this.#now;
    if (restarts) this.#bodies.stop(agent);
    const effect = { is: 'effect', agent, epoch: agent.epoch, strategy } as const;
    this.#heap.push(this.#now + EFFECT_MS[strategy] + (risky ? LEAVE_MS : 0), effect);
  }

  #ask(name: string): void {
    const agent = this.#byName.get(name);
    if (!agent) return;
    const { condition } = agent;
    this.#ledger.asked(condition, this.#now);
    if (condition?.asked) return;
    if (condition) condition.asked = true;
    const comes = PERSON_COMES_MS * (0.5 + this.#faults.person(agent, condition?.number ?? 0));
    this.#heap.push(this.#now + comes, { is: 'person', agent, condition });
  }

  #personComes(agent: SimulatedAgent, condition: Condition | undefined): void {
    // Whatever it was is over; or it is another thing now, which they see as well.
    const ill = agent.condition !== undefined && !isHealthy(agent.condition.model);
    if (ill) this.#personCures(agent);
    else if (condition !== undefined) return;
    this.#policy.answered?.(agent.name, !ill, this.#now);
  }

  /** A person sees whom the policy has left alone, and deals with it; others they leave to it. */
  #lookedRound(agent: SimulatedAgent, condition: Condition): void {
    if (condition.asked || this.#policy.handles(agent.name)) {
      this.#heap.push(this.#now + PERSON_LOOKS_MS, { is: 'round', agent, condition });
      return;
    }
    this.#ledger.found(condition, this.#now);
    this.#personCures(agent);
  }

  #personCures(agent: SimulatedAgent): void {
    const { condition } = agent;
    if (!condition) return;
    this.#ledger.down(condition, PERSON_TAKES_MS, this.#now);
    agent.epoch += 1;
    agent.rss = 200;
    if (agent.alive) this.#bodies.cured(agent);
    else {
      condition.cured = true;
      this.#bodies.startAnew(agent);
    }
  }
}
