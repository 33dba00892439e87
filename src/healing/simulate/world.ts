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
import { exponential } from '../random.ts';
import { STRATEGIES } from '../strategy.ts';
import type { Signal } from '../types.ts';
import {
  type Condition,
  EFFECT_MS,
  LEAVE_MS,
  SAVED_EVERY_MS,
  SimulatedAgent,
  STRATEGY_AT,
  type Turn,
} from './agent.ts';
import { CATALOGUE, type FaultModel, isHealthy } from './catalogue.ts';
import { CALM_MS, Faults, GROUP } from './faults.ts';
import { EventHeap } from './heap.ts';
import { Ledger } from './ledger.ts';
import type { MakePolicy, Policy } from './policy.ts';
import type { Score } from './score.ts';
import { nextLine, sampled } from './sensing.ts';

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
/** How often sensors look at what an agent uses, ms. */
const SAMPLE_MS = 2000;
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
  | {
      readonly is: 'over' | 'person' | 'round';
      readonly agent: SimulatedAgent;
      readonly condition: Condition;
    }
  | { readonly is: 'tell'; readonly agent: SimulatedAgent; readonly signal: Signal };

const PROGRESS: Signal = { signal: 'progress' };
const TIME: Signal = { signal: 'time' };
const WORKING: Signal = { signal: 'doing', doing: 'working', words: 'works' };

export class World {
  readonly #options: WorldOptions;
  readonly #faults: Faults;
  readonly #heap = new EventHeap<Happening>();
  readonly #agents: readonly SimulatedAgent[];
  readonly #byName: ReadonlyMap<string, SimulatedAgent>;
  readonly #policy: Policy;
  readonly #ledger: Ledger;
  /** Until when the dependency of each group is down. */
  readonly #downUntil: Millis[];
  #now: Millis = 0;

  constructor(options: WorldOptions, makePolicy: MakePolicy) {
    const { agents, seed, shiftAt } = options;
    this.#options = options;
    this.#faults = new Faults({ ...options, catalogue: options.catalogue ?? CATALOGUE });
    this.#ledger = new Ledger(shiftAt);
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
      this.#setRate(agent, 1);
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
        this.#sample(agent);
      } else this.#tell(agent, TIME);
      if (agent.stirred !== stirred) {
        this.#turn(agent);
        return true;
      }
    }
  }

  #untilSample({ condition, printsAt, pace }: SimulatedAgent): Millis {
    const calm = !condition && printsAt - this.#now < LATE * pace;
    return calm ? CALM_SAMPLES * SAMPLE_MS : SAMPLE_MS;
  }

  /** Plans an agent's next turn: at its next signal, or some seconds on while it is calm. */
  #turn(agent: SimulatedAgent): void {
    const calm = !agent.condition && agent.alive && this.#now - agent.calmSince > TURN_MS;
    const at = this.#now + (calm ? TURN_MS : ILL_TURN_MS);
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
        if (event.epoch === agent.epoch && agent.condition) this.#show(agent, agent.condition);
        return;
      case 'effect':
        this.#effect(agent, event.strategy, event.epoch);
        return;
      case 'over':
        if (agent.condition === event.condition) this.#cured(agent);
        return;
      case 'person':
        if (agent.condition === event.condition) this.#personCures(agent);
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

  /** From now on it does this share of its work. */
  #setRate(agent: SimulatedAgent, rate: number): void {
    this.#ledger.down(agent.condition, (this.#now - agent.rateSince) * (1 - agent.rate), this.#now);
    agent.rate = rate;
    agent.rateSince = this.#now;
  }

  #sample(agent: SimulatedAgent): void {
    if (!agent.alive) return;
    const { symptom } = agent;
    if (symptom?.does === 'leak') {
      agent.rss += (symptom.mbPerS * SAMPLE_MS) / 1000;
      if (agent.rss >= symptom.diesAtMb) {
        this.#die(agent, false, 1);
        return;
      }
    }
    if (symptom?.does === 'refuse') this.#tellError(agent);
    this.#tell(agent, { signal: 'resources', use: sampled(agent) });
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
    if (agent.condition?.model.dependency) this.#cured(agent);
  }

  #begin(agent: SimulatedAgent, model: FaultModel, number: number, era: 0 | 1, until: Millis): void {
    const since = this.#now;
    const flags = { firstAct: undefined, asked: false, cured: false, tries: {} };
    const condition: Condition = { number, model, era, since, until, ...flags };
    this.#setRate(agent, agent.rate);
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
    this.#show(agent, condition);
  }

  /** The fault takes hold of an agent that runs. */
  #show(agent: SimulatedAgent, { model: { symptom }, cured }: Condition): void {
    if (!agent.alive || cured) return;
    agent.symptom = symptom;
    agent.printsAt = this.#now + nextLine(agent);
    switch (symptom.does) {
      case 'die':
        this.#die(agent, symptom.lost === true, symptom.unseen ? 100 : 1);
        return;
      case 'hang':
      case 'spin':
        this.#setRate(agent, 0);
        return;
      case 'refuse':
        this.#setRate(agent, 0);
        this.#tellError(agent);
        return;
      case 'storm':
      case 'crawl':
        this.#setRate(agent, 0.2);
        return;
      case 'wait':
        agent.waiting = true;
        this.#tell(agent, { signal: 'doing', doing: 'waiting', words: 'asks a question' });
        return;
      case 'leak':
      case 'think':
      case 'compile':
        return;
    }
  }

  #tellError(agent: SimulatedAgent): void {
    const { condition, symptom } = agent;
    if (!condition || symptom?.does !== 'refuse') return;
    const until = symptom.tells ? { until: condition.until } : {};
    this.#tell(agent, { signal: 'error', error: symptom.error, words: condition.model.words, ...until });
  }

  #die(agent: SimulatedAgent, lost: boolean, seenAfter: Millis): void {
    const { incarnation } = agent;
    agent.stirred += 1;
    this.#stop(agent);
    this.#later(seenAfter, agent, {
      signal: 'exited',
      incarnation,
      clean: false,
      lost,
      words: lost ? 'lost with its tmux server' : 'exit 1',
    });
  }

  #stop(agent: SimulatedAgent): void {
    agent.alive = false;
    agent.waiting = false;
    agent.symptom = undefined;
    agent.printsAt = Number.POSITIVE_INFINITY;
    this.#setRate(agent, 0);
  }

  #perform(name: string, strategy: StrategyName): void {
    const agent = this.#byName.get(name);
    if (!agent) return;
    const { restarts, risky } = STRATEGIES[strategy];
    this.#ledger.acted(agent, STRATEGIES[strategy], this.#now);
    agent.epoch += 1;
    agent.stirred += 1;
    agent.calmSince = this.#now;
    if (restarts) this.#stop(agent);
    const effect = { is: 'effect', agent, epoch: agent.epoch, strategy } as const;
    this.#heap.push(this.#now + EFFECT_MS[strategy] + (risky ? LEAVE_MS : 0), effect);
  }

  #effect(agent: SimulatedAgent, strategy: StrategyName, epoch: number): void {
    const { restarts, loses, risky } = STRATEGIES[strategy];
    // Something else was done to it since, or it is dead.
    if (epoch !== agent.epoch) return;
    if (!restarts && !agent.alive) {
      this.#tell(agent, { signal: 'step', ok: false, words: 'it is dead' });
      return;
    }
    this.#lose(agent, loses);
    const { condition } = agent;
    // What was interrupted is over, whatever it was.
    const ends = condition && isHealthy(condition.model) && (restarts || strategy === 'interrupt');
    const cured =
      condition !== undefined && !condition.cured && (ends || this.#cures(agent, condition, strategy));
    if (restarts) this.#startAnew(agent);
    if (risky) this.#tell(agent, { signal: 'step', ok: true, words: 'allowed' });
    if (cured) this.#cured(agent);
    else if (condition && !condition.cured && restarts) {
      this.#ledger.wasted();
      const after = exponential(1000 * condition.model.againS, agent.random);
      this.#heap.push(this.#now + after, { is: 'again', agent, epoch });
    }
  }

  #lose(agent: SimulatedAgent, share: number): void {
    if (share === 0) return;
    // Without a fault, half of what can be at hand is.
    const inHand = agent.condition ? agent.inHand : SAVED_EVERY_MS / 2;
    // What goes back beyond the last save undoes saved work too.
    const undone = Math.max(0, share - 1) * (SAVED_EVERY_MS / 2);
    this.#ledger.lost(agent.condition, inHand * Math.min(1, share) + undone, this.#now);
    agent.inHand -= agent.inHand * Math.min(1, share);
  }

  /**
   * The same fault and the same strategy have the same luck in every policy's world. A second start is a new draw; keys
   * and freezing that did not help will not.
   */
  #cures(agent: SimulatedAgent, condition: Condition, strategy: StrategyName): boolean {
    const chance = condition.model.cures[strategy]?.[condition.era] ?? 0;
    const tries = STRATEGIES[strategy].restarts ? (condition.tries[strategy] ?? 0) + 1 : 1;
    condition.tries[strategy] = tries;
    return (
      chance > 0 && this.#faults.luck(agent, condition.number, STRATEGY_AT[strategy] ?? 0, tries) < chance
    );
  }

  #startAnew(agent: SimulatedAgent): void {
    const { condition } = agent;
    agent.alive = true;
    agent.incarnation += 1;
    agent.rss = 200;
    if (condition?.cured) this.#end(agent, condition);
    this.#setRate(agent, 1);
    agent.printsAt = this.#now + nextLine(agent);
    this.#tell(agent, { signal: 'started', incarnation: agent.incarnation, resumed: false });
    this.#tell(agent, WORKING);
  }

  /** The cause is gone. What is dead stays so until somebody starts it. */
  #cured(agent: SimulatedAgent): void {
    const { condition } = agent;
    if (!condition) return;
    condition.cured = true;
    if (!agent.alive) return;
    const showed = agent.symptom !== undefined;
    this.#end(agent, condition);
    if (!showed) return;
    agent.symptom = undefined;
    agent.waiting = false;
    this.#tell(agent, WORKING);
    this.#tell(agent, PROGRESS);
    agent.printsAt = this.#now + nextLine(agent);
  }

  #end(agent: SimulatedAgent, condition: Condition): void {
    this.#setRate(agent, 1);
    agent.condition = undefined;
    agent.calmSince = this.#now;
    this.#ledger.ended(condition, this.#now);
  }

  #ask(name: string): void {
    const agent = this.#byName.get(name);
    if (!agent) return;
    const { condition } = agent;
    this.#ledger.asked(condition, this.#now);
    if (!condition || condition.asked) return;
    condition.asked = true;
    const comes = PERSON_COMES_MS * (0.5 + this.#faults.person(agent, condition.number));
    this.#heap.push(this.#now + comes, { is: 'person', agent, condition });
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
    if (agent.alive) this.#cured(agent);
    else {
      condition.cured = true;
      this.#startAnew(agent);
    }
  }
}
