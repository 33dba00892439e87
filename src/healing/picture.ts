/** What is known of one agent, folded from its signals. */
import type { ErrorClass, ProbePurpose } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import type { Doing, ResourceUse, Signal } from './types.ts';

/** How many deaths are remembered. */
const KEPT = 64;

export interface ProbeRun {
  readonly purpose: ProbePurpose;
  readonly ok: boolean;
  /** How many times in a row it said so. */
  readonly streak: number;
  /** When the streak began. */
  readonly since: Millis;
  readonly words: string;
}

interface ReportedError {
  readonly error: ErrorClass;
  readonly at: Millis;
  readonly until: Millis | undefined;
  readonly words: string;
}

type Spent = Omit<Extract<Signal, { signal: 'usage' }>, 'signal'>;

/** All of a picture as plain data. */
export type PictureState = Pick<
  Picture,
  | 'alive'
  | 'over'
  | 'lost'
  | 'ending'
  | 'incarnation'
  | 'startedAt'
  | 'endedAt'
  | 'doing'
  | 'doingSince'
  | 'progressAt'
  | 'printedAt'
  | 'beatAt'
  | 'savedAt'
> & {
  readonly use?: ResourceUse;
  readonly spent?: Spent;
  readonly error?: ReportedError;
  readonly deaths: readonly Millis[];
  readonly down: readonly string[];
  readonly refusing?: readonly string[];
  readonly probes: Readonly<Record<string, ProbeRun>>;
};

export class Picture {
  alive = false;
  /** It ended and is not to come back. */
  over = false;
  lost = false;
  ending = '';
  incarnation = 0;
  startedAt: Millis = 0;
  endedAt: Millis = 0;
  doing: Doing = 'unknown';
  doingSince: Millis = 0;
  /** When it last printed, reported or beat; its start at first. */
  progressAt: Millis = 0;
  /** When it last had `progress` itself. */
  printedAt: Millis = 0;
  /** When its work was last saved; its start at first. */
  savedAt: Millis = 0;
  /** When it last beat in this run; 0 before its first. */
  beatAt: Millis = 0;
  use: ResourceUse | undefined;
  /** What it spent within the last hour, and how full its context is. */
  spent: Spent | undefined;
  error: ReportedError | undefined;
  /** Deaths that were not clean ends. */
  readonly deaths: Millis[] = [];
  readonly downDependencies = new Set<string>();
  /** Breakers that keep something back from it. */
  readonly refusing = new Set<string>();
  readonly probes = new Map<string, ProbeRun>();

  constructor(from?: PictureState) {
    if (!from) return;
    const { deaths, down, refusing = [], probes, use, spent, error, ...rest } = from;
    Object.assign(this, rest);
    this.use = use;
    this.spent = spent;
    this.error = error;
    this.deaths.push(...deaths);
    for (const name of down) this.downDependencies.add(name);
    for (const name of refusing) this.refusing.add(name);
    for (const [name, run] of Object.entries(probes)) this.probes.set(name, run);
  }

  get state(): PictureState {
    const { alive, over, lost, ending, incarnation, startedAt, endedAt, doing, doingSince } = this;
    const { progressAt, printedAt, beatAt, savedAt, use, spent, error } = this;
    return {
      ...{ alive, over, lost, ending, incarnation, startedAt, endedAt, doing, doingSince },
      ...{ progressAt, printedAt, beatAt, savedAt },
      ...(use && { use }),
      ...(spent && { spent }),
      ...(error && { error }),
      deaths: [...this.deaths],
      down: [...this.downDependencies],
      refusing: [...this.refusing],
      probes: Object.fromEntries(this.probes),
    };
  }

  see(signal: Signal, now: Millis): void {
    switch (signal.signal) {
      case 'started':
        this.#started(signal.incarnation, now);
        return;
      case 'exited':
        this.#exited(signal, now);
        return;
      case 'progress':
        this.progressAt = now;
        this.printedAt = now;
        // Whoever goes on has got past its error.
        if (this.error && (this.error.until ?? 0) <= now) this.error = undefined;
        return;
      case 'heartbeat':
        this.progressAt = now;
        this.beatAt = now;
        return;
      case 'doing':
        if (this.doing !== signal.doing) {
          this.doing = signal.doing;
          this.doingSince = now;
          this.progressAt = now;
        }
        return;
      case 'probe':
        this.#probed(signal, now);
        return;
      case 'resources':
        this.use = signal.use;
        return;
      case 'usage':
        this.spent = signal;
        return;
      case 'error':
        this.#failedBy(signal, now);
        return;
      case 'dependency':
        if (signal.up) this.downDependencies.delete(signal.name);
        else this.downDependencies.add(signal.name);
        return;
      case 'breaker':
        if (signal.refuses) this.refusing.add(signal.name);
        else this.refusing.delete(signal.name);
        return;
      case 'saved':
        this.savedAt = now;
        return;
      case 'tool-failed':
      case 'allowance':
      case 'screen':
      case 'command':
      case 'step':
      case 'time':
        return;
    }
  }

  /** How many deaths within the last `ms`. */
  deathsWithin(ms: Millis, now: Millis): number {
    let count = 0;
    for (let at = this.deaths.length - 1; at >= 0 && now - (this.deaths[at] ?? 0) < ms; at -= 1) count += 1;
    return count;
  }

  #started(incarnation: number, now: Millis): void {
    // Told again after an engine's restart.
    if (this.alive && this.incarnation === incarnation) return;
    this.alive = true;
    this.over = false;
    this.lost = false;
    this.incarnation = incarnation;
    this.startedAt = now;
    this.progressAt = now;
    this.printedAt = 0;
    this.beatAt = 0;
    this.doing = 'starting';
    this.doingSince = now;
    this.use = undefined;
    this.spent = undefined;
    this.error = undefined;
    this.probes.clear();
  }

  #exited(signal: Extract<Signal, { signal: 'exited' }>, now: Millis): void {
    if (signal.incarnation !== this.incarnation) return;
    // Told again of one that is dead: whether it is still to come back may have changed.
    if (!this.alive) {
      this.over ||= signal.clean;
      return;
    }
    this.alive = false;
    this.over = signal.clean;
    this.lost = signal.lost;
    this.ending = signal.words;
    this.endedAt = now;
    if (!signal.clean) keep(this.deaths, now);
  }

  /** Said again, it is still the same error. */
  #failedBy({ error, until, words }: Extract<Signal, { signal: 'error' }>, now: Millis): void {
    const at = this.error?.error === error ? this.error.at : now;
    this.error = { error, at, until, words };
  }

  #probed({ probe, purpose, ok, words }: Extract<Signal, { signal: 'probe' }>, now: Millis): void {
    const before = this.probes.get(probe);
    const same = before?.ok === ok;
    const streak = same ? before.streak + 1 : 1;
    this.probes.set(probe, { purpose, ok, streak, since: same ? before.since : now, words });
  }
}

function keep(times: Millis[], now: Millis): void {
  times.push(now);
  if (times.length > KEPT) times.shift();
}
