/** Keeps count of what happened in a simulated world. */
import type { Millis } from '../../model/ids.ts';
import type { Condition, SimulatedAgent } from './agent.ts';
import { isHealthy } from './catalogue.ts';
import type { Score } from './score.ts';

const DAY_MS = 86_400_000;

export class Ledger {
  #tokens = 0;
  #asked = 0;
  #starts = 0;
  #wasted = 0;
  #falseActs = 0;
  #whileWaiting = 0;
  #giveUps = 0;
  #faults = 0;
  readonly #detectS: number[] = [];
  readonly #recoverS: number[] = [];
  readonly #byFault = new Map<string, number>();

  began({ model }: Condition): void {
    if (!isHealthy(model)) this.#faults += 1;
  }

  /** The policy did something to an agent that has this fault, or none. */
  acted(
    condition: Condition | undefined,
    now: Millis,
    { alive, waiting }: SimulatedAgent,
    start: boolean,
    tokens: number,
  ): void {
    this.#tokens += tokens;
    if (start) this.#starts += 1;
    if (start && waiting) this.#whileWaiting += 1;
    // What is dead may be started, whatever it died of.
    if (!condition && !alive) return;
    if (!condition || isHealthy(condition.model)) {
      this.#falseActs += 1;
      return;
    }
    if (condition.firstAct !== undefined) return;
    condition.firstAct = now;
    this.#detectS.push((now - condition.since) / 1000);
  }

  wasted(start: boolean): void {
    if (start) this.#wasted += 1;
  }

  asked(): void {
    this.#asked += 1;
  }

  /** A person had to find out by looking round: the policy had given up without a word. */
  personCame({ asked, model }: Condition): void {
    if (!asked && !isHealthy(model)) this.#giveUps += 1;
  }

  ended({ model, since }: Condition, now: Millis): void {
    if (isHealthy(model)) return;
    const seconds = (now - since) / 1000;
    this.#recoverS.push(seconds);
    this.#byFault.set(model.id, (this.#byFault.get(model.id) ?? 0) + seconds);
  }

  unfinished(condition: Condition, now: Millis): void {
    this.ended(condition, now);
  }

  score(agents: readonly SimulatedAgent[], durationMs: Millis): Score {
    const sum = (of: (agent: SimulatedAgent) => number): number =>
      agents.reduce((total, agent) => total + of(agent), 0);
    return {
      downS: sum(({ downMs }) => downMs) / 1000,
      lostS: sum(({ lostMs }) => lostMs) / 1000,
      tokens: this.#tokens,
      personAsked: this.#asked,
      starts: this.#starts,
      wasted: this.#wasted,
      falseActs: this.#falseActs,
      startsWhileWaiting: this.#whileWaiting,
      giveUps: this.#giveUps,
      faults: this.#faults,
      detectS: this.#detectS,
      recoverS: this.#recoverS,
      byFault: Object.fromEntries(this.#byFault),
      agentDays: (agents.length * durationMs) / DAY_MS,
    };
  }
}
