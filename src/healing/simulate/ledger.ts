/** Keeps count of what happened in a simulated world, and charges it to the fault it happened with. */
import type { Millis } from '../../model/ids.ts';
import type { Strategy } from '../strategy.ts';
import type { Condition, SimulatedAgent } from './agent.ts';
import { isHealthy } from './catalogue.ts';
import { addCosts, COURSE_MS, type Costs, noCosts, PRICES, type Score } from './score.ts';

const DAY_MS = 86_400_000;
const NO_FAULT = 'none';
/** A sign that shows for less is none, ms. */
const ANNOUNCED_MS = 10_000;

export class Ledger {
  readonly #shiftAt: Millis;
  /** By fault, before and after the shift. */
  readonly #costs: readonly [Map<string, Costs>, Map<string, Costs>] = [new Map(), new Map()];
  readonly #detectS: number[] = [];
  readonly #recoverS: number[] = [];
  readonly #counts: Record<string, number> = {};
  /** How many agents each fault has taken hold of that can hit several. */
  readonly #reach = new Map<string, number>();
  readonly #course: number[] = [];
  #announced = 0;
  #averted = 0;
  #starts = 0;
  #wasted = 0;
  #whileWaiting = 0;
  #giveUps = 0;
  #missed = 0;
  #faults = 0;

  constructor(shiftAt: Millis) {
    this.#shiftAt = shiftAt;
  }

  began({ model, since, holdsAt }: Condition): void {
    if (!isHealthy(model)) this.#faults += 1;
    if (!isHealthy(model) && holdsAt - since >= ANNOUNCED_MS) this.#announced += 1;
    this.#counts[model.id] = (this.#counts[model.id] ?? 0) + 1;
  }

  /** It has taken hold of an agent. */
  held({ model, event }: Condition): void {
    if (model.hits) this.#reach.set(event, (this.#reach.get(event) ?? 0) + 1);
  }

  down(condition: Condition | undefined, ms: Millis, now: Millis): void {
    if (ms <= 0) return;
    this.#of(condition, now).downS += ms / 1000;
    this.#spent(ms / 1000, now);
  }

  lost(condition: Condition | undefined, ms: Millis, now: Millis): void {
    this.#of(condition, now).lostS += ms / 1000;
    this.#spent(ms / 1000, now);
  }

  /** The policy did something to an agent. */
  acted({ condition, alive, waiting }: SimulatedAgent, strategy: Strategy, now: Millis): void {
    const { restarts: start, tokens, risky } = strategy;
    const costs = this.#of(condition, now);
    costs.tokens += tokens;
    this.#spent(PRICES.token * tokens + (risky ? PRICES.leave : 0), now);
    if (risky) costs.leaves += 1;
    if (start) this.#starts += 1;
    if (start && waiting) this.#whileWaiting += 1;
    if (!condition || isHealthy(condition.model)) {
      // What is dead may be started, whatever it died of.
      if (alive) costs.falseActs += 1;
      if (alive) this.#spent(PRICES.falseAct, now);
      return;
    }
    if (condition.firstAct !== undefined) return;
    condition.firstAct = now;
    if (now >= condition.holdsAt) this.#detectS.push((now - condition.holdsAt) / 1000);
  }

  wasted(): void {
    this.#wasted += 1;
  }

  asked(condition: Condition | undefined, now: Millis): void {
    this.#of(condition, now).persons += 1;
    this.#spent(PRICES.person, now);
  }

  /** A person found out by looking round. */
  found(condition: Condition, now: Millis): void {
    this.asked(condition, now);
    this.#giveUps += 1;
    if (condition.firstAct === undefined) this.#missed += 1;
  }

  ended({ model, holdsAt }: Condition, now: Millis): void {
    if (isHealthy(model)) return;
    if (now < holdsAt) this.#averted += 1;
    else this.#recoverS.push((now - holdsAt) / 1000);
  }

  score(agents: number, durationMs: Millis): Score {
    const byFault: Record<string, Costs> = {};
    const total = noCosts();
    const after = noCosts();
    for (const [era, costs] of this.#costs.entries()) {
      for (const [fault, cost] of costs) {
        byFault[fault] ??= noCosts();
        addCosts(byFault[fault], cost);
        addCosts(total, cost);
        if (era === 1) addCosts(after, cost);
      }
    }
    return {
      total,
      after,
      byFault,
      counts: this.#counts,
      starts: this.#starts,
      wasted: this.#wasted,
      startsWhileWaiting: this.#whileWaiting,
      giveUps: this.#giveUps,
      missed: this.#missed,
      faults: this.#faults,
      announced: this.#announced,
      averted: this.#averted,
      reach: [...this.#reach.values()],
      course: this.#course,
      detectS: this.#detectS,
      recoverS: this.#recoverS,
      agentDays: (agents * durationMs) / DAY_MS,
      availability: 1 - (1000 * total.downS) / (agents * durationMs),
    };
  }

  #spent(seconds: number, now: Millis): void {
    const at = Math.floor(now / COURSE_MS);
    while (this.#course.length <= at) this.#course.push(0);
    this.#course[at] = (this.#course[at] ?? 0) + seconds;
  }

  #of(condition: Condition | undefined, now: Millis): Costs {
    const era = condition?.era ?? (now < this.#shiftAt ? 0 : 1);
    const costs = this.#costs[era];
    const fault = condition?.model.id ?? NO_FAULT;
    let cost = costs.get(fault);
    if (!cost) {
      cost = noCosts();
      costs.set(fault, cost);
    }
    return cost;
  }
}
