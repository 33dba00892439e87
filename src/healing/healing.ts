/** Healing of one agent, put together from what its level has: detectors, and a selector that learns or does not. */
import type { RestartPolicy } from '../model/fleet.ts';
import type { HealingConfig, HealingLevel } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import type { Detector, Look } from './detector.ts';
import { Picture } from './picture.ts';
import type { Selector } from './selector.ts';
import { type Abilities, STRATEGIES } from './strategy.ts';
import type {
  Actuators,
  Anomaly,
  Attempt,
  Closed,
  Health,
  History,
  Incident,
  Lesson,
  Response,
  SelfHealing,
  Signal,
} from './types.ts';

export interface HealingParts {
  readonly level: HealingLevel;
  readonly config: HealingConfig;
  readonly policy: RestartPolicy;
  readonly abilities: Abilities;
  /** The most telling first: of two that see the same, the first is believed. */
  readonly detectors: readonly Detector[];
  readonly selector: Selector;
  /** In [0, 1). */
  random(): number;
  /** Our own lag as a multiplier of timeouts, 1 or more. */
  lag(): number;
}

export class AgentHealing implements SelfHealing {
  readonly #parts: HealingParts;
  readonly #picture = new Picture();
  /** What is wrong as of the last signal. */
  #standing: Anomaly | undefined;
  /** Since when nothing is wrong and there is a sign of life; undefined when it is not so. */
  #wellSince: Millis | undefined;
  /** Signs of life count from here: the last attempt. */
  #signsFrom: Millis = 0;

  constructor(parts: HealingParts, history?: History) {
    this.#parts = parts;
    this.#picture.starts.push(...(history?.starts ?? []));
    this.#picture.deaths.push(...(history?.deaths ?? []));
  }

  get level(): HealingLevel {
    return this.#parts.level;
  }

  detectAnomaly(signal: Signal, now: Millis): Anomaly | undefined {
    const picture = this.#picture;
    picture.see(signal, now);
    const look = this.#look(now);
    let worst: Anomaly | undefined;
    for (const detector of this.#parts.detectors) {
      const anomaly = detector.see(signal, look);
      if (anomaly && (!worst || scoreOf(anomaly) > scoreOf(worst))) worst = anomaly;
    }
    // Whoever waits for a person is well, whatever its silence looks like.
    if (picture.alive && picture.doing === 'waiting') worst = undefined;
    this.#standing = worst;
    if (worst || !this.#showsLife()) this.#wellSince = undefined;
    else this.#wellSince ??= now;
    return worst;
  }

  selectResponse(incident: Incident, now: Millis): Response | undefined {
    const { config, policy, abilities: can, random } = this.#parts;
    return this.#parts.selector.choose({
      incident,
      picture: this.#picture,
      config,
      policy,
      can,
      now,
      random,
    });
  }

  applyResponse(incident: Incident, response: Response, actuators: Actuators, now: Millis): void {
    this.#signsFrom = now;
    this.#wellSince = undefined;
    actuators.perform(incident.agent, response.strategy, response.rung);
  }

  verifyRecovery(incident: Incident, now: Millis): 'recovered' | 'failed' | 'pending' {
    const { config } = this.#parts;
    const picture = this.#picture;
    const last = incident.attempts.at(-1);
    if (last && hasDiedSince(picture, last)) return 'failed';
    if (this.#wellSince !== undefined && now - this.#wellSince >= config.verify) return 'recovered';
    if (!last) return 'pending';
    // What has shown life gets its window; what has not, its patience.
    const patience = last.response.patienceMs * this.#parts.lag();
    if (this.#wellSince === undefined && now - last.at >= patience) return 'failed';
    return 'pending';
  }

  learnFromIncident(closed: Closed): Lesson {
    return this.#parts.selector.learn(closed);
  }

  getHealthStatus(now: Millis): Health {
    const { alive, over, incarnation } = this.#picture;
    const look = this.#look(now);
    const nextLook = Math.min(...this.#parts.detectors.map(detector => detector.nextLook(look)));
    const down = !alive && !over && incarnation > 0;
    return {
      level: this.level,
      state: down ? 'down' : this.#standing ? 'suspect' : 'healthy',
      findings: this.#standing?.findings ?? [],
      nextLook,
    };
  }

  history(): History {
    const { starts, deaths } = this.#picture;
    return { starts: [...starts], deaths: [...deaths], outcomes: this.#parts.selector.outcomes };
  }

  /** When `verifyRecovery` may say something else though nothing is told. */
  nextVerdict(incident: Incident): Millis {
    const { config, lag } = this.#parts;
    if (this.#wellSince !== undefined) return this.#wellSince + config.verify;
    const last = incident.attempts.at(-1);
    return last ? last.at + last.response.patienceMs * lag() : Number.POSITIVE_INFINITY;
  }

  #look(now: Millis): Look {
    const { config, lag } = this.#parts;
    return { picture: this.#picture, config, now, lag: lag() };
  }

  /** A sign of life since the last attempt. One that was started anew shows it by living; one that was not, by doing something. */
  #showsLife(): boolean {
    const { alive, startedAt, progressAt, probes } = this.#picture;
    if (!alive) return false;
    const asked = [...probes.values()].filter(({ purpose }) => purpose !== 'health');
    if (startedAt >= this.#signsFrom) return asked.every(({ ok }) => ok);
    return progressAt > this.#signsFrom || asked.some(({ ok, since }) => ok && since > this.#signsFrom);
  }
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
