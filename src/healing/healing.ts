/** Healing of one agent, put together from what its level has: detectors, and a selector that learns or does not. */
import type { RestartPolicy } from '../model/fleet.ts';
import type { HealingConfig, HealingLevel } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import { type DriverMemory, outcomesOf } from './adapt/memory.ts';
import type { Witness } from './adapt/witness.ts';
import type { AlertBudget } from './detect/budget.ts';
import type { EwmaState } from './detect/ewma.ts';
import type { Detector, Look } from './detector.ts';
import { keptBack } from './kept-back.ts';
import { Picture } from './picture.ts';
import { HORIZON_MS } from './predict/signs.ts';
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
  /** The same for what is only seen coming: what was not to come must not hide what is there. */
  readonly foresight: AlertBudget;
  /** What else is unusual of it; absent where only what is guessed counts. */
  readonly witness?: Witness;
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
  /** Whose leave the last alarm had. */
  #spentOf: AlertBudget | undefined;
  /** What a person said is no trouble: for as long as it stays as it is. */
  #dismissed: Anomaly['fault'] | undefined;
  #wellSince: Millis | undefined;
  /** Signs of life count from here: the last attempt. */
  #signsFrom: Millis = 0;
  /** When that was carried out; undefined while somebody's leave is waited for. */
  #doneAt: Millis | undefined;
  /** What was closed last and seemed to be over, with what it was a relapse of. */
  #last: { readonly closed: Closed; readonly relapsed: readonly Attempt[] } | undefined;
  /** The incident that was found to be a relapse, or not. */
  #looked = '';
  #relapsed: readonly Attempt[] = [];

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
    if (signal.signal === 'step' && signal.ok) this.#doneAt ??= now;
    const look = this.#lookAt(now);
    let worst = worstOf(this.#parts.rules, signal, look);
    this.#parts.witness?.see(signal, look);
    const guess = this.#borneOut(worstOf(this.#parts.guesses, signal, look), now);
    if (!worst && guess && this.#worthIt(guess, now)) worst = guess;
    if (!guess) this.#alarmed = false;
    if (worst?.fault === this.#dismissed) worst = undefined;
    else this.#dismissed = undefined;
    // Whoever waits for a person is well, whatever its silence looks like.
    if (picture.alive && picture.doing === 'waiting') worst = undefined;
    if (worst) worst = keptBack(worst, picture);
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
    const relapsed = this.#relapsesOf(incident);
    const pauseMs = Math.min(...this.#parts.guesses.map(one => one.pauseMs?.() ?? Number.POSITIVE_INFINITY));
    const known = { incident, relapsed, picture, pauseMs, restarts };
    return selector.choose({ ...known, config, policy, can, now, random });
  }

  applyResponse(incident: Incident, response: Response, actuators: Actuators, now: Millis): void {
    this.#signsFrom = now;
    this.#doneAt = STRATEGIES[response.strategy].risky ? undefined : now;
    this.#wellSince = undefined;
    if (startsAnew(response)) this.#restarts.push(now);
    // Waiting needs nobody's hands.
    if (response.strategy !== 'wait') actuators.perform(incident.agent, response.strategy, response.rung);
  }

  verifyRecovery(incident: Incident, now: Millis): 'recovered' | 'failed' | 'pending' {
    const { config } = this.#parts;
    const last = incident.attempts.at(-1);
    // A start that waits for leave is not judged yet.
    const carriedOut = this.#doneAt !== undefined || (last && !startsAnew(last.response));
    if (last && carriedOut && hasDiedSince(this.#picture, last)) return 'failed';
    const well = this.#wellSince !== undefined && this.#hasHelped(last);
    if (well && now - (this.#wellSince ?? now) >= config.verify) return 'recovered';
    if (!last) return 'pending';
    // Saved, but not over: on with it.
    if (last.response.strategy === 'save' && this.#picture.savedAt > last.at) return 'failed';
    // What has shown life gets its window; what has not, its patience.
    const patience = last.response.patienceMs * this.#parts.lag();
    const done = this.#doneAt;
    if (!well && done !== undefined && now - done >= patience) return 'failed';
    return 'pending';
  }

  learnFromIncident(closed: Closed): Lesson {
    const { memory, config } = this.#parts;
    const budget = this.#spentOf ?? this.#parts.budget;
    const { incident, outcome } = closed;
    const relapsed = this.#relapsesOf(incident);
    const outcomes = outcomesOf(closed, relapsed, config);
    this.#last = outcome === 'recovered' ? { closed, relapsed } : undefined;
    for (const one of outcomes) memory.take(one);
    this.#outcomes.push(...outcomes);
    if (this.#outcomes.length > KEPT) this.#outcomes.splice(0, this.#outcomes.length - KEPT);
    // Whoever brings it back by hand forgives its restarts.
    if (outcome === 'person') this.#restarts.length = 0;
    // What was seen coming, waited with and passed has disturbed nobody.
    const spared = outcome === 'organic' && incident.anomaly.foreseen !== undefined;
    if (outcome === 'recovered' || spared) budget.confirmed(closed.at);
    if (outcome === 'false-alarm') {
      budget.falseAlarm(closed.at);
      this.#dismissed = incident.anomaly.fault;
    }
    return { words: lessonOf(incident, closed, memory, relapsed) };
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
    for (const detector of [...this.#parts.rules, ...this.#parts.guesses])
      Object.assign(usual, detector.usual?.());
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
    for (const detectors of [this.#parts.rules, this.#parts.guesses])
      for (const detector of detectors) {
        const at = detector.nextLook(look);
        // What was due by now was judged with the last signal, whatever came of it.
        if (at > now && at < next) next = at;
      }
    return next;
  }

  nextVerdict(incident: Incident): Millis {
    const { config, lag } = this.#parts;
    const last = incident.attempts.at(-1);
    if (this.#wellSince !== undefined && this.#hasHelped(last)) return this.#wellSince + config.verify;
    if (!last || this.#doneAt === undefined) return Number.POSITIVE_INFINITY;
    return this.#doneAt + last.response.patienceMs * lag();
  }

  /** What the strategy itself has to show for it; one that was judged has nothing to show any more. */
  #hasHelped(last: Attempt | undefined): boolean {
    if (!last || last.result) return true;
    return STRATEGIES[last.response.strategy].helped?.(this.#picture, last.at) ?? true;
  }

  #borneOut(guess: Anomaly | undefined, now: Millis): Anomaly | undefined {
    const more = this.#parts.witness?.findings(now) ?? [];
    return guess && more.length > 0 ? { ...guess, findings: [...guess.findings, ...more] } : guess;
  }

  /** What is guessed needs the budget's leave once, and keeps it for as long as it stands. */
  #worthIt({ findings, foreseen }: Anomaly, now: Millis): boolean {
    if (this.#alarmed) return true;
    const budget = foreseen === undefined ? this.#parts.budget : this.#parts.foresight;
    this.#alarmed = budget.judge(findings, now) !== undefined;
    if (this.#alarmed) this.#spentOf = budget;
    return this.#alarmed;
  }

  /** What seemed to help lately and did not, when this incident is more of the same. Told once, it is unlearnt. */
  #relapsesOf({ id, anomaly }: Incident): readonly Attempt[] {
    if (this.#looked === id) return this.#relapsed;
    const last = this.#last;
    const { stable } = this.#parts.config;
    const again =
      last !== undefined &&
      anomaly.since < last.closed.at + relapsesWithin(last.closed, stable) &&
      isSame(last.closed, anomaly);
    this.#looked = id;
    this.#relapsed = again ? [...last.relapsed, ...last.closed.incident.attempts] : [];
    const seemed = this.#outcomes.at(-1);
    if (again && seemed?.recovered) {
      this.#parts.memory.relapsed(seemed);
      this.#outcomes[this.#outcomes.length - 1] = { ...seemed, recovered: false };
    }
    return this.#relapsed;
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

/** Bad state that was only seen coming takes as long to come again. */
const relapsesWithin = ({ incident: { anomaly } }: Closed, stable: Millis): Millis =>
  anomaly.foreseen !== undefined && anomaly.fault === 'failing' ? Math.max(stable, HORIZON_MS) : stable;

/** A crash that comes again is a crash loop. */
function isSame({ incident }: Closed, { fault }: Anomaly): boolean {
  const { fault: before, foreseen } = incident.anomaly;
  // What was to be averted has come all the same.
  return (
    foreseen !== undefined || before === fault || (before.startsWith('crash') && fault.startsWith('crash'))
  );
}

function worstOf(detectors: readonly Detector[], signal: Signal, look: Look): Anomaly | undefined {
  let worst: Anomaly | undefined;
  for (const detector of detectors) {
    const anomaly = detector.see(signal, look);
    if (anomaly && (!worst || isWorse(anomaly, worst))) worst = anomaly;
  }
  return worst;
}

/** That it ends is a part of starting it anew; that what was started ends, or what was only woken, is a failure. */
function hasDiedSince({ alive, endedAt, startedAt }: Picture, { at, response }: Attempt): boolean {
  return !alive && endedAt > at && (startedAt > at || !startsAnew(response));
}

/** What has failed comes before what is going to. */
function isWorse(one: Anomaly, two: Anomaly): boolean {
  if ((one.foreseen === undefined) !== (two.foreseen === undefined)) return one.foreseen === undefined;
  return scoreOf(one) > scoreOf(two);
}

function scoreOf({ findings }: Anomaly): number {
  return Math.max(0, ...findings.map(({ score }) => score));
}

/** Whether the strategy starts the agent anew. */
export function startsAnew({ strategy }: Response): boolean {
  return STRATEGIES[strategy].restarts;
}

function lessonOf(
  { anomaly, attempts }: Incident,
  { outcome, at }: Closed,
  memory: DriverMemory,
  relapsed: readonly Attempt[],
): string {
  const { fault, since } = anomaly;
  const last = attempts.at(-1);
  if (!last)
    return `${fault} was over after ${((at - since) / 1000).toFixed(1)} s, before anything was tried: ${outcome}`;
  const { strategy } = last.response;
  const after = (attempts.at(-2) ?? relapsed.at(-1))?.response.strategy;
  const { tried, cured } = memory.arm(last.fault, after, strategy);
  const what = after ? `${last.fault} that ${after} did not cure` : last.fault;
  return `${what}: ${strategy} ${last.result ?? outcome}; it helped ${cured} of ${tried} times`;
}
