/**
 * The Loop of a fleet: one incident an agent, from what stands out to what was learnt. Pure but for its memory; signals,
 * the time and the ways to act come in. Ladder rungs are climbed only on a failed verification; what cannot be healed
 * is a person's, and still watched.
 */
import type { Millis } from '../model/ids.ts';
import type { IncidentResult } from '../model/incident.ts';
import { causeOf } from './cause.ts';
import { startsAnew } from './healing.ts';
import { STRATEGIES } from './strategy.ts';
import type {
  Actuators,
  Anomaly,
  Attempt,
  Closed,
  Incident,
  Lesson,
  Response,
  SelfHealing,
  Signal,
} from './types.ts';

/** What the Loop tells as it goes: each becomes an event of the journal. */
export type Told =
  | { readonly told: 'opened'; readonly incident: Incident }
  | { readonly told: 'diagnosed'; readonly incident: Incident }
  | { readonly told: 'waiting'; readonly incident: Incident; readonly words: string }
  | { readonly told: 'attempted'; readonly incident: Incident; readonly attempt: Attempt }
  | { readonly told: 'judged'; readonly incident: Incident; readonly attempt: Attempt }
  | { readonly told: 'asked'; readonly incident: Incident; readonly words: string }
  | { readonly told: 'closed'; readonly closed: Closed; readonly lesson: Lesson };

export interface LoopOptions {
  readonly actuators: Actuators;
  /** Of all agents, so many percent at most are acted on at once; one at least (Envoy's max_ejection_percent). */
  readonly maxConcurrentPercent: number;
  /** A name for the next incident. */
  newId(): string;
  tell(told: Told): void;
}

type Phase =
  /** Nothing is wrong. */
  | 'watching'
  /** Waits for a cause to go, for its turn, or for a delay. */
  | 'held'
  /** Something was tried. */
  | 'verifying'
  /** A person was asked. */
  | 'asked';

interface Track {
  readonly agent: string;
  healing: SelfHealing;
  phase: Phase;
  incident: Incident | undefined;
  /** What is done once `due` has come. */
  planned: Response | undefined;
  due: Millis;
  /** The cause that was last weighed up against acting at once: one that has not changed is not weighed again. */
  gate: string;
  /** What it depends on was down and is back: back-off is for causes that nobody knows. */
  freed: boolean;
  /** It was well since a person was asked. */
  revived: boolean;
  /** It takes one of the turns. */
  acting: boolean;
  /** What was chosen waits for somebody's leave: nothing was done yet. */
  asking: boolean;
  /** What was told of last, so that it is told once. */
  said: string;
  incarnation: number;
  startedAt: Millis;
  signalledAt: Millis;
}

export class HealingLoop {
  readonly #options: LoopOptions;
  readonly #tracks = new Map<string, Track>();
  /** Agents that wait for their turn, longest first. */
  readonly #queue = new Set<string>();
  #acting = 0;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Takes an agent in, or has another level take over an agent that is watched already. */
  add(agent: string, healing: SelfHealing): void {
    const before = this.#tracks.get(agent);
    if (before) before.healing = healing;
    else {
      const calm = { phase: 'watching', incident: undefined, planned: undefined, due: Infinity } as const;
      const nothing = {
        gate: '',
        freed: false,
        acting: false,
        asking: false,
        revived: false,
        said: '',
        incarnation: 0,
        startedAt: 0,
        signalledAt: -1,
      };
      this.#tracks.set(agent, { agent, healing, ...calm, ...nothing });
    }
  }

  remove(agent: string, now: Millis): void {
    const track = this.#tracks.get(agent);
    if (!track) return;
    if (track.incident) this.#close(track, 'closed', now);
    this.#tracks.delete(agent);
  }

  healingOf(agent: string): SelfHealing | undefined {
    return this.#tracks.get(agent)?.healing;
  }

  incidentOf(agent: string): Incident | undefined {
    return this.#tracks.get(agent)?.incident;
  }

  /** Takes in what a sensor tells. Returns when this agent should next be told the time though nothing happened. */
  signal(agent: string, signal: Signal, now: Millis): Millis {
    const track = this.#tracks.get(agent);
    if (!track) return Number.POSITIVE_INFINITY;
    if (signal.signal === 'started' && signal.incarnation !== track.incarnation) {
      track.incarnation = signal.incarnation;
      track.startedAt = now;
    }
    const anomaly = track.healing.detectAnomaly(signal, now);
    track.signalledAt = now;
    this.#step(track, anomaly, signal, now);
    return this.nextLook(agent, now);
  }

  nextLook(agent: string, now: Millis): Millis {
    const track = this.#tracks.get(agent);
    if (!track) return Number.POSITIVE_INFINITY;
    const verdict = track.incident ? track.healing.nextVerdict(track.incident) : Number.POSITIVE_INFINITY;
    // What was due with its last signal was seen to then, or left alone because it goes well by itself.
    const after = (at: Millis): Millis => (at > track.signalledAt ? at : Number.POSITIVE_INFINITY);
    const looked = track.incident ? Number.POSITIVE_INFINITY : track.healing.nextLook(now);
    return Math.min(after(track.due), after(verdict), looked);
  }

  /**
   * A person has looked: what was asked is answered, the ladder begins anew when it is still wrong.
   *
   * @param outcome `false-alarm` when there was nothing wrong
   */
  answered(agent: string, now: Millis, outcome: 'person' | 'false-alarm' = 'person'): void {
    const track = this.#tracks.get(agent);
    if (track?.incident) this.#close(track, outcome, now);
  }

  /** Goes on, after `add`, with an incident that an engine before had open: nothing that was tried is done again. */
  resume(incident: Incident): void {
    const track = this.#tracks.get(incident.agent);
    if (!track || track.incident) return;
    track.incident = incident;
    const last = incident.attempts.at(-1);
    if (incident.asked) track.phase = 'asked';
    else track.phase = last && !last.result ? 'verifying' : 'held';
    track.acting = track.phase === 'verifying' && last?.response.strategy !== 'wait';
    track.asking = track.phase === 'verifying' && last !== undefined && isRisky(last);
    if (track.acting) this.#acting += 1;
    // Signs of life count from the last attempt.
    if (last) track.healing.applyResponse(incident, last.response, { perform: () => {} }, last.at);
  }

  #step(track: Track, anomaly: Anomaly | undefined, signal: Signal, now: Millis): void {
    if (!track.incident) {
      if (!anomaly) return;
      this.#open(track, anomaly);
      this.#consider(track, now);
      return;
    }
    if (signal.signal === 'step' && !signal.ok && track.phase === 'verifying') {
      this.#failed(track, signal.words, 'refused', now);
      return;
    }
    if (signal.signal === 'step') track.asking = false;
    if (track.phase === 'asked' && this.#fellAgain(track, anomaly)) {
      this.#close(track, 'person', now);
      this.#step(track, anomaly, signal, now);
      return;
    }
    const verdict = track.healing.verifyRecovery(track.incident, now);
    if (verdict === 'recovered') {
      if (track.asking) this.#judge(track, 'it was well before anybody had agreed', 'refused');
      this.#close(track, this.#outcomeOf(track), now);
      return;
    }
    if (track.phase === 'verifying') {
      if (verdict === 'failed')
        this.#failed(track, anomaly?.findings[0]?.words ?? 'no sign of life', 'failed', now);
      // Whoever shows life leaves its turn to the next; that it holds is seen without it.
      else if (track.acting && track.healing.wellSince !== undefined) this.#release(track, now);
      return;
    }
    if (anomaly) this.#diagnose(track, anomaly);
    // What goes well again by itself is left to show whether that holds.
    if (track.phase !== 'held' || (!anomaly && track.healing.wellSince !== undefined)) return;
    this.#consider(track, now);
  }

  /** Whom a person has brought back, for a moment at least, and who fails anew: that is another incident. */
  #fellAgain(track: Track, anomaly: Anomaly | undefined): boolean {
    const revived = track.revived;
    track.revived ||= track.healing.wellSince !== undefined;
    return revived && anomaly !== undefined;
  }

  #outcomeOf({ phase, asking, incident }: Track): IncidentResult {
    if (asking) return 'organic';
    if (phase === 'verifying') return 'recovered';
    if (phase === 'asked') return 'person';
    return incident?.attempts.length ? 'recovered' : 'organic';
  }

  #open(track: Track, anomaly: Anomaly): void {
    track.incident = {
      id: this.#options.newId(),
      agent: track.agent,
      anomaly,
      attempts: [],
      asked: false,
    };
    track.said = '';
    this.#options.tell({ told: 'opened', incident: track.incident });
  }

  /** The newest anomaly says what is to be cured: a hang that became a crash is a crash. */
  #diagnose(track: Track, anomaly: Anomaly): void {
    const { incident } = track;
    if (!incident) return;
    const { fault: before, since, waitFor } = incident.anomaly;
    track.freed = waitFor.dependencies !== undefined && anomaly.waitFor.dependencies === undefined;
    // An end for want of something stays one when that is back; so does one that announced itself by failing tools.
    const stays = track.freed || before === 'failing';
    const fault = stays && anomaly.fault.startsWith('crash') ? before : anomaly.fault;
    const changed = before !== fault;
    track.incident = { ...incident, anomaly: { ...anomaly, fault, since } };
    if (changed) {
      track.planned = undefined;
      track.gate = '';
      this.#queue.delete(track.agent);
      this.#options.tell({ told: 'diagnosed', incident: track.incident });
    }
  }

  #consider(track: Track, now: Millis): void {
    const { incident } = track;
    if (!incident) return;
    const cause = causeOf(incident.anomaly, now);
    if (cause?.refuses) track.planned = undefined;
    const { planned } = track;
    if (planned && now >= track.due) {
      this.#act(track, planned, now);
      return;
    }
    if (planned) return;
    const gate = cause ? `${cause.words}, tried ${incident.attempts.length}` : '';
    if (cause && gate === track.gate) return;
    track.gate = gate;
    const response = track.healing.selectResponse(incident, now);
    if (cause && ('ask' in response || !cause.despite.includes(response.strategy))) {
      this.#hold(track, cause.until, cause.words);
    } else if ('ask' in response) {
      // Nobody is called for what has not come.
      if (incident.anomaly.foreseen === undefined) this.#ask(track, response.ask);
      else this.#hold(track, Number.POSITIVE_INFINITY, response.ask);
    } else if (response.delayMs > 0 && !track.freed) {
      track.planned = response;
      const seconds = (response.delayMs / 1000).toFixed(1);
      this.#hold(track, now + response.delayMs, `${seconds} s before the next start`);
    } else this.#act(track, response, now);
  }

  #hold(track: Track, due: Millis, words: string): void {
    track.phase = 'held';
    track.due = due;
    const { incident } = track;
    if (!incident || track.said === words) return;
    track.said = words;
    this.#options.tell({ told: 'waiting', incident, words });
  }

  #act(track: Track, response: Response, now: Millis): void {
    const { incident } = track;
    if (!incident) return;
    const acts = response.strategy !== 'wait';
    if (acts && this.#acting >= this.#slots()) {
      this.#queue.add(track.agent);
      track.planned = response;
      this.#hold(track, Number.POSITIVE_INFINITY, `for its turn: ${this.#acting} agents recover`);
      return;
    }
    if (acts) this.#acting += 1;
    track.acting = acts;
    track.planned = undefined;
    track.gate = '';
    track.freed = false;
    track.due = Number.POSITIVE_INFINITY;
    track.phase = 'verifying';
    track.said = '';
    const attempt: Attempt = { fault: incident.anomaly.fault, response, at: now };
    track.incident = { ...incident, attempts: [...incident.attempts, attempt] };
    track.asking = isRisky(attempt);
    this.#options.tell({ told: 'attempted', incident: track.incident, attempt });
    track.healing.applyResponse(track.incident, response, this.#options.actuators, now);
  }

  #slots(): number {
    return Math.max(1, Math.floor((this.#tracks.size * this.#options.maxConcurrentPercent) / 100));
  }

  #failed(track: Track, words: string, result: 'failed' | 'refused', now: Millis): void {
    this.#judge(track, words, result);
    track.phase = 'held';
    track.asking = false;
    this.#release(track, now);
    // What it is now, not what it was when the attempt began.
    const anomaly = track.healing.detectAnomaly({ signal: 'time' }, now);
    if (anomaly) this.#diagnose(track, anomaly);
    this.#consider(track, now);
  }

  #judge(track: Track, words: string, result: NonNullable<Attempt['result']>): void {
    const { incident } = track;
    const last = incident?.attempts.at(-1);
    if (!incident || !last || last.result) return;
    const attempt: Attempt = { ...last, result, words };
    track.incident = { ...incident, attempts: [...incident.attempts.slice(0, -1), attempt] };
    this.#options.tell({ told: 'judged', incident: track.incident, attempt });
  }

  #ask(track: Track, words: string): void {
    const { incident } = track;
    if (!incident) return;
    track.phase = 'asked';
    track.revived = false;
    track.due = Number.POSITIVE_INFINITY;
    track.incident = { ...incident, asked: true };
    this.#options.tell({ told: 'asked', incident: track.incident, words });
  }

  #close(track: Track, outcome: IncidentResult, now: Millis): void {
    if (outcome === 'recovered') this.#judge(track, 'verified', 'recovered');
    const { incident } = track;
    if (!incident) return;
    track.incident = undefined;
    track.planned = undefined;
    track.due = Number.POSITIVE_INFINITY;
    track.gate = '';
    track.freed = false;
    track.phase = 'watching';
    track.asking = false;
    this.#queue.delete(track.agent);
    const closed: Closed = { incident, at: now, outcome, cost: costOf(incident, track.startedAt, now) };
    this.#options.tell({ told: 'closed', closed, lesson: track.healing.learnFromIncident(closed) });
    this.#release(track, now);
  }

  /** One that acted needs its turn no longer: the next have theirs, until one of them acts. */
  #release(released: Track, now: Millis): void {
    if (!released.acting) return;
    released.acting = false;
    this.#acting -= 1;
    for (const agent of this.#queue) {
      if (this.#acting >= this.#slots()) return;
      this.#queue.delete(agent);
      const track = this.#tracks.get(agent);
      if (!track) continue;
      track.due = now;
      this.#consider(track, now);
    }
  }
}

/** Longest span of work that is taken to be lost with an agent that was started afresh, ms. */
const WORK_AT_HAND_MS = 300_000;

function costOf({ anomaly, attempts }: Incident, startedAt: Millis, now: Millis): Closed['cost'] {
  const starts = attempts.filter(({ response }) => startsAnew(response));
  const inHand = Math.min(WORK_AT_HAND_MS, Math.max(0, anomaly.since - startedAt));
  const loses = Math.max(0, ...attempts.map(({ response }) => STRATEGIES[response.strategy].loses));
  return {
    downMs: Math.max(0, now - anomaly.since),
    lostMs: loses * inHand,
    wasted: starts.filter(({ result }) => result !== 'recovered').length,
    tokens: attempts.reduce((sum, { response }) => sum + STRATEGIES[response.strategy].tokens, 0),
  };
}

function isRisky({ response }: Attempt): boolean {
  return STRATEGIES[response.strategy].risky;
}
