/** Healing of one agent, put together from what its level has: detectors, and a selector that learns or does not. */
import type { RestartPolicy } from '../model/fleet.ts';
import type { HealingConfig, HealingLevel } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import { type DriverMemory, outcomesOf } from './adapt/memory.ts';
import type { AlertBudget } from './detect/budget.ts';
import type { EwmaState } from './detect/ewma.ts';
import type { Detector, Look } from './detector.ts';
import { Picture } from './picture.ts';
import type { Selector } from './selector.ts';
import { type Abilities, STRATEGIES } from './strategy.ts';
import type {
  Actuators,
  Anomaly,
  Ask,
  Attempt,
  Closed,
  Health,
  History,
  Incident,
  Lesson,
  PastOutcome,
  Response,
  SelfHealing,
  Signal,
} from './types.ts';

export interface HealingParts {
  readonly level: HealingLevel;
  readonly config: HealingConfig;
  readonly policy: RestartPolicy;
  readonly abilities: Abilities;
  /** What people set or what is plain to see: acted on whenever they say so. */
  readonly rules: readonly Detector[];
  /** What is guessed from what is usual: acted on under the budget. */
  readonly guesses: readonly Detector[];
  readonly budget: AlertBudget;
  readonly selector: Selector;
  /** Shared with the other agents of its driver. */
  readonly memory: DriverMemory;
  /** In [0, 1). */
  random(): number;
  /** Our own lag as a multiplier of timeouts, 1 or more. */
  lag(): number;
}

/** Outcomes of one agent that are kept for its history. */
const KEPT = 100;

export class AgentHealing implements SelfHealing {
  readonly #parts: HealingParts;
  readonly #picture: Picture;
  readonly #look: { -readonly [K in keyof Look]: Look[K] };
  readonly #restarts: Millis[];
  readonly #outcomes: PastOutcome[];
  /** What was usual as its history says: a level that does not ask keeps it for one that does. */
  readonly #usual: Readonly<Record<string, EwmaState>>;
  /** What is wrong as of the last signal. */
  #standing: Anomaly | undefined;
  /** The guess that was worth an alarm; more of the same needs no second one. */
  #alarmed = false;
  #wellSince: Millis | undefined;
  /** Signs of life count from here: the last attempt. */
  #signsFrom: Millis = 0;

  constructor(parts: HealingParts, history?: History) {
    this.#parts = parts;
    this.#picture = new Picture(history?.picture);
    this.#restarts = [...(history?.restarts ?? [])];
    this.#outcomes = [...(history?.outcomes ?? [])];
    this.#usual = history?.usual ?? {};
    this.#look = { picture: this.#picture, config: parts.config, now: 0, lag: 1, troubled: false };
  }

  get level(): HealingLevel {
    return this.#parts.level;
  }

  get wellSince(): Millis | undefined {
    return this.#wellSince;
  }

  detectAnomaly(signal: Signal, now: Millis): Anomaly | undefined {
    const picture = this.#picture;
    picture.see(signal, now);
    const look = this.#lookAt(now);
    let worst = worstOf(this.#parts.rules, signal, look);
    const guess = worstOf(this.#parts.guesses, signal, look);
    if (!worst && guess && this.#worthIt(guess, now)) worst = guess;
    if (!guess) this.#alarmed = false;
    // Whoever waits for a person is well, whatever its silence looks like.
    if (picture.alive && picture.doing === 'waiting') worst = undefined;
    this.#standing = worst;
    this.#look.troubled = worst !== undefined;
    if (worst || !this.#showsLife()) this.#wellSince = undefined;
    else if (this.#wellSince === undefined) this.#wellSince = now;
    else if (this.#restarts.length > 0 && now - this.#wellSince >= this.#parts.config.stable) {
      this.#restarts.length = 0;
    }
    return worst;
  }

  selectResponse(incident: Incident, now: Millis): Response | Ask {
    const { config, policy, abilities: can, random, selector } = this.#parts;
    const [picture, restarts] = [this.#picture, this.#restarts];
    return selector.choose({ incident, picture, config, policy, can, restarts, now, random });
  }

  applyResponse(incident: Incident, response: Response, actuators: Actuators, now: Millis): void {
    this.#signsFrom = now;
    this.#wellSince = undefined;
    if (startsAnew(response)) this.#restarts.push(now);
    // Waiting needs nobody's hands.
    if (response.strategy !== 'wait') actuators.perform(incident.agent, response.strategy, response.rung);
  }

  verifyRecovery(incident: Incident, now: Millis): 'recovered' | 'failed' | 'pending' {
    const { config } = this.#parts;
    const last = incident.attempts.at(-1);
    if (last && hasDiedSince(this.#picture, last)) return 'failed';
    if (this.#wellSince !== undefined && now - this.#wellSince >= config.verify) return 'recovered';
    if (!last) return 'pending';
    // What has shown life gets its window; what has not, its patience.
    const patience = last.response.patienceMs * this.#parts.lag();
    if (this.#wellSince === undefined && now - last.at >= patience) return 'failed';
    return 'pending';
  }

  learnFromIncident(closed: Closed): Lesson {
    const { memory, config, budget } = this.#parts;
    const { incident, outcome } = closed;
    const outcomes = outcomesOf(closed, config);
    for (const one of outcomes) memory.take(one);
    this.#outcomes.push(...outcomes);
    if (this.#outcomes.length > KEPT) this.#outcomes.splice(0, this.#outcomes.length - KEPT);
    // Whoever brings it back by hand forgives its restarts.
    if (outcome === 'person') this.#restarts.length = 0;
    if (outcome === 'recovered') budget.confirmed(closed.at);
    if (outcome === 'false-alarm') budget.falseAlarm(closed.at);
    return { words: lessonOf(incident, closed, memory) };
  }

  getHealthStatus(): Health {
    const { alive, over, incarnation } = this.#picture;
    const down = !alive && !over && incarnation > 0;
    return {
      level: this.level,
      state: down ? 'down' : this.#standing ? 'suspect' : 'healthy',
      findings: this.#standing?.findings ?? [],
    };
  }

  history(): History {
    const usual = { ...this.#usual };
    for (const detector of [...this.#parts.rules, ...this.#parts.guesses]) Object.assign(usual, detector.usual?.());
    return {
      picture: this.#picture.state,
      restarts: [...this.#restarts],
      outcomes: [...this.#outcomes],
      usual,
    };
  }

  nextLook(now: Millis): Millis {
    const look = this.#lookAt(now);
    let next = Number.POSITIVE_INFINITY;
    for (const detector of this.#parts.rules) next = Math.min(next, detector.nextLook(look));
    for (const detector of this.#parts.guesses) next = Math.min(next, detector.nextLook(look));
    return next;
  }

  nextVerdict(incident: Incident): Millis {
    const { config, lag } = this.#parts;
    if (this.#wellSince !== undefined) return this.#wellSince + config.verify;
    const last = incident.attempts.at(-1);
    return last ? last.at + last.response.patienceMs * lag() : Number.POSITIVE_INFINITY;
  }

  /** What is guessed needs the budget's leave once, and keeps it for as long as it stands. */
  #worthIt({ findings }: Anomaly, now: Millis): boolean {
    this.#alarmed ||= this.#parts.budget.judge(findings, now) !== undefined;
    return this.#alarmed;
  }

  #lookAt(now: Millis): Look {
    this.#look.now = now;
    this.#look.lag = this.#parts.lag();
    return this.#look;
  }

  /** A sign of life since the last attempt. One that was started anew shows it by living; one that was not, by doing something. */
  #showsLife(): boolean {
    const { alive, startedAt, progressAt, probes } = this.#picture;
    if (!alive) return false;
    const started = startedAt >= this.#signsFrom;
    if (probes.size === 0) return started || progressAt > this.#signsFrom;
    const asked = [...probes.values()].filter(({ purpose }) => purpose !== 'health');
    if (started) return asked.every(({ ok }) => ok);
    return progressAt > this.#signsFrom || asked.some(({ ok, since }) => ok && since > this.#signsFrom);
  }
}

function worstOf(detectors: readonly Detector[], signal: Signal, look: Look): Anomaly | undefined {
  let worst: Anomaly | undefined;
  for (const detector of detectors) {
    const anomaly = detector.see(signal, look);
    if (anomaly && (!worst || scoreOf(anomaly) > scoreOf(worst))) worst = anomaly;
  }
  return worst;
}

/** That it ends is a part of starting it anew; that what was started ends, or what was only woken, is a failure. */
function hasDiedSince({ alive, endedAt, startedAt }: Picture, { at, response }: Attempt): boolean {
  return !alive && endedAt > at && (startedAt > at || !startsAnew(response));
}

function scoreOf({ findings }: Anomaly): number {
  return Math.max(0, ...findings.map(({ score }) => score));
}

/** Whether the strategy starts the agent anew. */
export function startsAnew({ strategy }: Response): boolean {
  return STRATEGIES[strategy].restarts;
}

function lessonOf({ anomaly, attempts }: Incident, { outcome, at }: Closed, memory: DriverMemory): string {
  const { fault, since } = anomaly;
  const last = attempts.at(-1);
  if (!last) return `${fault} was over after ${((at - since) / 1000).toFixed(1)} s, before anything was tried: ${outcome}`;
  const { strategy } = last.response;
  const past = memory.outcomes.filter(one => one.fault === fault && one.strategy === strategy);
  const cured = past.filter(({ recovered }) => recovered).length;
  return `${fault}: ${strategy} ${last.result ?? outcome}; of the last ${past.length} times it helped in ${cured}`;
}
