/** What befalls a simulated agent: its fault takes hold, it dies, is started anew, is cured. */
import type { StrategyName } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import { exponential } from '../random.ts';
import { STRATEGIES } from '../strategy.ts';
import type { Signal } from '../types.ts';
import { type Condition, EFFECT_MS, type SimulatedAgent, STRATEGY_AT } from './agent.ts';
import { isHealthy, type Symptom } from './catalogue.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { allowanceOf, emptied, nextFailure, nextLine, SLOWER, sampled } from './sensing.ts';

/** How often sensors look at what an agent uses, ms. */
export const SAMPLE_MS = 2000;

const PROGRESS: Signal = { signal: 'progress' };
const SAVED: Signal = { signal: 'saved' };
const TOOL_FAILED: Signal = { signal: 'tool-failed', words: 'a tool failed' };
export const WORKING: Signal = { signal: 'doing', doing: 'working', words: 'works' };

/** The world's clock and queue, as far as an agent's body needs them. */
export interface Course {
  readonly now: Millis;
  /** At once. */
  tell(agent: SimulatedAgent, signal: Signal): void;
  later(ms: Millis, agent: SimulatedAgent, signal: Signal): void;
  /** Its fault shows again at `at`, if it is still the same life of it. */
  again(at: Millis, agent: SimulatedAgent, epoch: number): void;
}

export class Bodies {
  readonly #course: Course;
  readonly #faults: Faults;
  readonly #ledger: Ledger;

  constructor(course: Course, faults: Faults, ledger: Ledger) {
    this.#course = course;
    this.#faults = faults;
    this.#ledger = ledger;
  }

  /** From now on it does this share of its work. */
  setRate(agent: SimulatedAgent, rate: number): void {
    const { now } = this.#course;
    const spent = now - agent.rateSince;
    this.#ledger.down(agent.condition, spent * (1 - agent.rate), now);
    // While it waits for a person nothing is done, which is nobody's fault.
    if (!agent.waiting) agent.inHand += spent * agent.rate;
    if (!agent.waiting) agent.unsaved -= spent * agent.rate;
    agent.rate = rate;
    agent.rateSince = now;
    const works = rate > 0 && !agent.waiting;
    agent.savesAt = works ? now + Math.max(0, agent.unsaved) / rate : Number.POSITIVE_INFINITY;
  }

  save(agent: SimulatedAgent): void {
    this.setRate(agent, agent.rate);
    agent.inHand = 0;
    agent.saves += 1;
    agent.unsaved = this.#faults.untilSaved(agent, agent.saves);
    this.setRate(agent, agent.rate);
    this.#course.tell(agent, SAVED);
  }

  toolFails(agent: SimulatedAgent): void {
    agent.failsAt = this.#course.now + nextFailure(agent);
    this.#course.tell(agent, TOOL_FAILED);
  }

  sample(agent: SimulatedAgent): void {
    if (!agent.alive) return;
    const { now } = this.#course;
    if (agent.symptom?.does === 'refuse') this.#tellError(agent);
    const allowance = allowanceOf(agent, now);
    if (allowance) this.#course.tell(agent, allowance);
    this.#course.tell(agent, { signal: 'resources', use: sampled(agent, now) });
  }

  /** The fault shows on an agent that runs: its sign, or once it has taken hold all of it. */
  show(agent: SimulatedAgent, { model, sign, holdsAt, cured }: Condition): void {
    if (!agent.alive || cured) return;
    const { now } = this.#course;
    const symptom: Symptom = sign && now < holdsAt ? { does: 'show', sign, upTo: 1 } : model.symptom;
    agent.symptom = symptom;
    agent.printsAt = now + nextLine(agent);
    agent.failsAt = now + nextFailure(agent);
    switch (symptom.does) {
      case 'die':
        this.#die(agent, symptom.lost === true, symptom.unseen ? 100 : 1);
        return;
      case 'hang':
      case 'spin':
        this.setRate(agent, 0);
        return;
      case 'refuse':
        this.setRate(agent, 0);
        this.#tellError(agent);
        return;
      case 'storm':
      case 'crawl':
        this.setRate(agent, 0.2);
        return;
      case 'wait':
        this.setRate(agent, 1);
        agent.waiting = true;
        this.setRate(agent, 1);
        this.#course.tell(agent, { signal: 'doing', doing: 'waiting', words: 'asks a question' });
        return;
      case 'show':
        this.setRate(agent, symptom.sign === 'slower' ? 1 / SLOWER : 1);
        return;
      case 'think':
      case 'compile':
        return;
    }
  }

  #tellError(agent: SimulatedAgent): void {
    const { condition, symptom } = agent;
    if (!condition || symptom?.does !== 'refuse') return;
    const until = symptom.tells ? { until: condition.until } : {};
    this.#course.tell(agent, {
      signal: 'error',
      error: symptom.error,
      words: condition.model.words,
      ...until,
    });
  }

  #die(agent: SimulatedAgent, lost: boolean, seenAfter: Millis): void {
    const { incarnation } = agent;
    agent.stirred += 1;
    this.stop(agent);
    this.#course.later(seenAfter, agent, {
      signal: 'exited',
      incarnation,
      clean: false,
      lost,
      words: lost ? 'lost with its tmux server' : 'exit 1',
    });
  }

  stop(agent: SimulatedAgent): void {
    this.setRate(agent, 0);
    agent.alive = false;
    agent.waiting = false;
    agent.symptom = undefined;
    agent.printsAt = Number.POSITIVE_INFINITY;
    agent.failsAt = Number.POSITIVE_INFINITY;
  }

  effect(agent: SimulatedAgent, strategy: StrategyName, epoch: number): void {
    const { restarts, loses, risky } = STRATEGIES[strategy];
    // Something else was done to it since, or it is dead.
    if (epoch !== agent.epoch) return;
    if (!restarts && !agent.alive) {
      this.#course.tell(agent, { signal: 'step', ok: false, words: 'it is dead' });
      return;
    }
    if (strategy === 'save') {
      this.#saveAsTold(agent);
      return;
    }
    this.#lose(agent, loses);
    const { condition } = agent;
    // What was interrupted is over, whatever it was.
    const ends = condition && isHealthy(condition.model) && (restarts || strategy === 'interrupt');
    const cured =
      condition !== undefined && !condition.cured && (ends || this.#cures(agent, condition, strategy));
    if (restarts) this.startAnew(agent);
    if (risky) this.#course.tell(agent, { signal: 'step', ok: true, words: 'allowed' });
    if (cured) this.cured(agent);
    else if (condition && !condition.cured && restarts) {
      this.#ledger.wasted();
      const after = exponential(1000 * condition.model.againS, agent.random);
      this.#course.again(this.#course.now + after, agent, epoch);
    }
  }

  /** Whoever can read what is typed does nothing else meanwhile. */
  #saveAsTold(agent: SimulatedAgent): void {
    const { now } = this.#course;
    if (agent.symptom && agent.symptom.does !== 'show' && agent.symptom.does !== 'crawl') {
      this.#course.tell(agent, { signal: 'step', ok: false, words: 'it does not answer' });
      return;
    }
    this.#ledger.down(agent.condition, EFFECT_MS.save, now);
    this.save(agent);
  }

  #lose(agent: SimulatedAgent, share: number): void {
    if (share === 0) return;
    this.setRate(agent, agent.rate);
    const lost = agent.inHand * share;
    this.#ledger.lost(agent.condition, lost, this.#course.now);
    agent.inHand -= lost;
    // What is lost has to be done again before there is as much to save.
    agent.unsaved += lost;
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

  startAnew(agent: SimulatedAgent): void {
    const { condition } = agent;
    agent.alive = true;
    agent.incarnation += 1;
    if (condition?.cured) this.end(agent, condition);
    this.setRate(agent, 1);
    agent.printsAt = this.#course.now + nextLine(agent);
    agent.failsAt = this.#course.now + nextFailure(agent);
    this.#course.tell(agent, { signal: 'started', incarnation: agent.incarnation, resumed: false });
    this.#course.tell(agent, WORKING);
  }

  /** The cause is gone. What is dead stays so until somebody starts it. */
  cured(agent: SimulatedAgent): void {
    const { condition } = agent;
    if (!condition) return;
    condition.cured = true;
    if (!agent.alive) return;
    const showed = agent.symptom !== undefined;
    this.end(agent, condition);
    const empty = emptied(condition.sign);
    if (empty) this.#course.tell(agent, empty);
    if (!showed) return;
    agent.symptom = undefined;
    if (agent.waiting) {
      this.setRate(agent, 1);
      agent.waiting = false;
      this.setRate(agent, 1);
    }
    this.#course.tell(agent, WORKING);
    this.#course.tell(agent, PROGRESS);
    agent.printsAt = this.#course.now + nextLine(agent);
    agent.failsAt = this.#course.now + nextFailure(agent);
  }

  end(agent: SimulatedAgent, condition: Condition): void {
    this.setRate(agent, 1);
    agent.condition = undefined;
    agent.calmSince = this.#course.now;
    this.#ledger.ended(condition, this.#course.now);
  }
}
