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
import { type Condition, EFFECT_MS, LEAVE_MS, SimulatedAgent } from './agent.ts';
import { Bodies, type Course, SAMPLE_MS, WORKING } from './bodies.ts';
import { CATALOGUE, type FaultModel, isHealthy } from './catalogue.ts';
import { CALM_MS, Faults, GROUP } from './faults.ts';
import type { Happening, Hit } from './happening.ts';
import { EventHeap } from './heap.ts';
import { Ledger } from './ledger.ts';
import type { MakePolicy, Policy } from './policy.ts';
import type { Score } from './score.ts';
import { nextFailure, nextLine } from './sensing.ts';

export interface WorldOptions {
  readonly agents: number;
  readonly seed: number;
  readonly durationMs: Millis;
  /** When the mix of faults and what cures them changes; the duration for never. */
  readonly shiftAt: Millis;
  /** Mean time between two faults of one agent, ms. */
  readonly faultEveryMs: Millis;
  readonly catalogue?: readonly FaultModel[];
  /** Typical time between two lines of an agent, ms; absent: each has its own. */
  readonly pace?: Millis;
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
    this.#agents = Array.from(
      { length: agents },
      (_, index) => new SimulatedAgent(index, seed, options.pace),
    );
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
  truthOf(agent: string): Readonly<SimulatedAgent> | undefined {
    return this.#byName.get(agent);
  }

  run(): Score {
    const { durationMs } = this.#options;
    for (const agent of this.#agents) {
      this.#tell(agent, { signal: 'started', incarnation: 1, resumed: false });
      this.#tell(agent, WORKING);
      agent.printsAt = nextLine(agent);
      agent.failsAt = nextFailure(agent);
      agent.unsaved = this.#faults.untilSaved(agent, 0);
      this.#bodies.setRate(agent, 1);
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
      const at = nextOf(agent);
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
      } else if (agent.savesAt === at) this.#bodies.save(agent);
      else if (agent.failsAt === at) this.#bodies.toolFails(agent);
      else this.#tell(agent, TIME);
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
    const next = nextOf(agent);
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
      case 'reach':
        if (!agent.condition && this.#now < event.hit.until) this.#begin(agent, event.hit);
        return;
      case 'holds':
        if (agent.condition === event.condition) this.#holds(agent, event.condition);
        return;
      case 'leave':
        if (event.epoch === agent.epoch) this.#carryOut(agent, event.strategy);
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
    const era: 0 | 1 = this.#now < this.#options.shiftAt ? 0 : 1;
    const model = this.#faults.kind(agent, number, era);
    const announced = this.#faults.announced(model, agent, number);
    const sign = announced === undefined ? undefined : model.sign?.of;
    const until = this.#now + (announced ?? 0) + this.#faults.organic(model, agent, number);
    const event = `${agent.index}.${number}`;
    const hit = { model, number, event, era, sign, until, announced: announced ?? 0 };
    if (model.dependency) this.#goesDown(agent, until);
    const now = this.#now;
    for (const each of this.#hitBy(model, agent)) {
      const after = this.#faults.spread(model, agent, number, each);
      if (after > 0) this.#heap.push(now + after, { is: 'reach', agent: each, hit });
      if (after > 0 || each.condition) continue;
      // What it lived through by itself comes first; then it must wait for what became of that.
      if (each !== agent && this.#liveUntil(each, now)) continue;
      this.#now = now;
      this.#begin(each, hit);
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

  #begin(agent: SimulatedAgent, { announced, ...hit }: Hit): void {
    const since = this.#now;
    const holdsAt = since + announced;
    const flags = { firstAct: undefined, asked: false, cured: false, tries: {} };
    const condition: Condition = { ...hit, since, holdsAt, ...flags };
    const { model, until } = condition;
    this.#bodies.setRate(agent, agent.rate);
    agent.condition = condition;
    agent.sampledAt = Math.min(agent.sampledAt, this.#now + SAMPLE_MS * agent.random());
    this.#ledger.began(condition);
    // A dependency comes back for all that need it at once.
    if (!model.dependency && until < Number.POSITIVE_INFINITY) {
      this.#heap.push(until, { is: 'over', agent, condition });
    }
    if (!isHealthy(model)) this.#heap.push(holdsAt + PERSON_LOOKS_MS, { is: 'round', agent, condition });
    if (announced === 0) this.#holds(agent, condition);
    else {
      this.#heap.push(holdsAt, { is: 'holds', agent, condition });
      this.#bodies.show(agent, condition);
    }
  }

  #holds(agent: SimulatedAgent, condition: Condition): void {
    this.#ledger.held(condition);
    this.#bodies.show(agent, condition);
  }

  #perform(name: string, strategy: StrategyName): void {
    const agent = this.#byName.get(name);
    if (!agent) return;
    this.#ledger.acted(agent, STRATEGIES[strategy], this.#now);
    agent.epoch += 1;
    agent.stirred += 1;
    agent.calmSince = this.#now;
    const { epoch } = agent;
    if (!STRATEGIES[strategy].risky) this.#carryOut(agent, strategy);
    // Until somebody has given leave it goes on as it is.
    else this.#heap.push(this.#now + LEAVE_MS, { is: 'leave', agent, epoch, strategy });
  }

  #carryOut(agent: SimulatedAgent, strategy: StrategyName): void {
    if (STRATEGIES[strategy].restarts) this.#bodies.stop(agent);
    const effect = { is: 'effect', agent, epoch: agent.epoch, strategy } as const;
    this.#heap.push(this.#now + EFFECT_MS[strategy], effect);
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
    if (agent.alive) this.#bodies.cured(agent);
    else {
      condition.cured = true;
      this.#bodies.startAnew(agent);
    }
  }
}

/** When something of its own happens to an agent next. */
function nextOf({ printsAt, sampledAt, savesAt, failsAt, lookAt }: SimulatedAgent): Millis {
  return Math.min(printsAt, sampledAt, savesAt, failsAt, lookAt);
}
