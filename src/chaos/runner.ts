/**
 * Runs one experiment: steady state before, the method with the probes looked at all the time, everything taken back,
 * steady state after, verdict. Has no clock, no process and no socket of its own: those come as ports.
 */
import type { Verdict } from '../model/chaos.ts';
import { ExperimentId } from '../model/chaos.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import type { RequestId } from '../model/ids.ts';
import type { ChaosTold, ProbeReadings } from '../protocol/messages.ts';
import { deedsOf, detection, type OperatorDeed } from './noticing.ts';
import type { PlannedStep } from './plan.ts';
import type { Experiment, Provider } from './schema.ts';
import { type Value, valueWords } from './tolerance.ts';
import { abortReason, isSteady, lookedAt, ruleSince, type Watched, watched } from './watch.ts';

/** How a fault ended. */
export interface FaultEnd {
  readonly phase: 'reverted' | 'failed';
  readonly because: string;
  readonly detail: string;
  readonly residues: readonly string[];
}

/** A fault that is there. */
export interface Injected {
  readonly mechanism: string;
  readonly effects: readonly string[];
  readonly reverts: readonly string[];
  /** Resolves when it is over and that was looked at. */
  readonly over: Promise<FaultEnd>;
  /** Takes it back now. */
  halt(because: string): Promise<void>;
}

export interface RunnerPorts {
  /** ms since the epoch, as the engine counts. */
  now(): number;
  /** Resolves early when aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  look(provider: Provider): Promise<Value>;
  /** Resolves when the effect is there. Rejects with HmsError when it is refused. */
  inject(step: PlannedStep): Promise<Injected>;
  tell(told: ChaosTold): void;
  measure(readings: ProbeReadings): void;
  /** The kill switch. */
  halted(): boolean;
}

export interface RunGiven {
  readonly id: string;
  readonly day: string;
  readonly seed: number;
  readonly request: RequestId;
  readonly experiment: Experiment;
  readonly steps: readonly PlannedStep[];
  readonly runner: { readonly pid: number; readonly born: string };
}

export interface FaultRun {
  readonly step: PlannedStep;
  readonly mechanism: string;
  readonly effects: readonly string[];
  readonly reverts: readonly string[];
  /** ms since the epoch; 0 for one that never was there. */
  readonly injectedAt: number;
  readonly endedAt: number;
  readonly end: FaultEnd;
}

export interface ProbeLook {
  readonly name: string;
  readonly at: number;
  readonly value: string;
}

export interface Outcome {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly faults: readonly FaultRun[];
  readonly probes: readonly Watched[];
  /** Probes that are steps of the method. */
  readonly looks: readonly ProbeLook[];
  readonly detected: { readonly ms: number; readonly by: string } | null;
  readonly recoveredMs: number | null;
  readonly deeds: readonly OperatorDeed[];
}

/** How long the end of a fault may be overdue before it is asked for, ms. */
const OVERDUE_MS = 5000;
/** Looks at a steady state that is not there yet before the experiment gives up on beginning. */
const PATIENT_LOOKS = 5;

export class ExperimentRun {
  readonly #given: RunGiven;
  readonly #ports: RunnerPorts;
  readonly #id: ExperimentId;
  readonly #stop = new AbortController();
  /** Something has happened that the probes are to see. */
  #wake = new AbortController();
  readonly #events: Event[] = [];
  readonly #faults: FaultRun[] = [];
  readonly #looks: ProbeLook[] = [];
  #probes: readonly Watched[];
  #rules: ReadonlyMap<string, number> = new Map();
  #stopped: { readonly code: 'abort' | 'halt'; readonly why: string } | undefined;
  #breaking = false;
  #steadySince: number | null = null;
  #wasBroken = false;

  constructor(given: RunGiven, ports: RunnerPorts) {
    this.#given = given;
    this.#ports = ports;
    this.#id = ExperimentId.parse(given.id);
    this.#probes = watched(given.experiment);
  }

  /** What the engine tells meanwhile. */
  see(event: Event): void {
    this.#events.push(event);
    // What comes and goes between two looks is seen all the same.
    if (/^(?:agent|restart|status|engine|tmux)\./.test(event.kind)) this.#wake.abort();
  }

  /** Ends it before its time: everything is taken back. */
  abort(why: string, code: 'abort' | 'halt' = 'abort'): void {
    this.#stopped ??= { code, why };
    this.#stop.abort();
  }

  /** Never rejects for what an experiment may meet; everything broken is taken back when it resolves. */
  async run(): Promise<Outcome> {
    const { experiment, steps, day, seed, request, runner } = this.#given;
    const startedAt = this.#ports.now();
    const probes = this.#probes.map(({ probe }) => probe.name);
    const faults = steps.map(({ fault }) => fault);
    this.#tell('experiment.started', {
      experiment: this.#id,
      title: experiment.title,
      day,
      seed,
      request,
      runner,
      probes,
      faults,
    });
    if (!(await this.#steadyBefore())) {
      const why = this.#stopped?.why ?? 'its steady state was not there to begin with';
      return this.#finish(startedAt, 'not-begun', why);
    }
    const looking = new AbortController();
    const loop = this.#keepLooking(looking.signal);
    let failure: string | undefined;
    try {
      this.#breaking = true;
      failure = await this.#method();
      this.#breaking = false;
      await this.#untilSteady(this.#ports.now());
    } finally {
      // Whatever happens: who looks for ever would also live for ever.
      looking.abort();
      await loop;
    }
    await this.#look();
    const steady = isSteady(this.#probes);
    this.#tellChecked('after');
    if (this.#stopped) return this.#finish(startedAt, 'aborted', this.#stopped.why);
    if (failure !== undefined) return this.#finish(startedAt, 'aborted', failure);
    return steady
      ? this.#finish(startedAt, 'held', '')
      : this.#finish(
          startedAt,
          'deviated',
          `${this.#outOfIt()} did not come back within ${experiment['recover-within']} ms`,
        );
  }

  /** Why the method could not be carried to its end by itself; undefined when it was. */
  async #method(): Promise<string | undefined> {
    const { experiment, steps } = this.#given;
    for (const [at, step] of experiment.method.entries()) {
      if (this.#stopped) return undefined;
      if (step.type === 'probe') {
        const value = valueWords(await this.#ports.look(step.provider));
        this.#looks.push({ name: step.name, at: this.#ports.now(), value });
        continue;
      }
      const planned = steps.find(one => one.at === at);
      if (!planned) continue;
      await this.#ports.sleep(step.pauses.before, this.#stop.signal);
      if (this.#stopped) return undefined;
      const failure = await this.#break(planned);
      if (failure !== undefined) return failure;
      await this.#ports.sleep(step.pauses.after, this.#stop.signal);
    }
    return undefined;
  }

  async #break(step: PlannedStep): Promise<string | undefined> {
    const { fault } = step;
    let injected: Injected;
    try {
      injected = await this.#ports.inject(step);
    } catch (error) {
      const hint = error instanceof HmsError && error.hint ? ` (${error.hint})` : '';
      const reason = `${wordsOf(error)}${hint}`;
      this.#faults.push({
        ...NEVER,
        step,
        end: { phase: 'failed', because: reason, detail: '', residues: [] },
      });
      this.#tell('fault.failed', { experiment: this.#id, fault: fault.id, reason, residues: [] });
      return `${fault.about}: ${reason}`;
    }
    const injectedAt = this.#ports.now();
    const { id, what, targets, forMs, about } = fault;
    const { mechanism, effects, reverts } = injected;
    this.#tell('fault.injected', {
      experiment: this.#id,
      fault: id,
      what,
      targets,
      until: injectedAt + forMs,
      mechanism,
      about,
    });
    const end = await this.#untilOver(injected, forMs);
    const endedAt = this.#ports.now();
    this.#faults.push({ step, mechanism, effects, reverts, injectedAt, endedAt, end });
    if (end.phase === 'failed') {
      const residues = end.residues.map(one => one.slice(0, 4096)).slice(0, 64);
      this.#tell('fault.failed', { experiment: this.#id, fault: id, reason: end.because, residues });
      return `${about}: ${end.because}`;
    }
    const { because, detail } = end;
    this.#tell('fault.reverted', {
      experiment: this.#id,
      fault: id,
      because,
      ms: endedAt - injectedAt,
      detail,
    });
    // The helper looks for the kill switch too, and may see it first.
    if (this.#ports.halted()) this.abort('the kill switch of chaos is on', 'halt');
    if (!this.#stopped && !AS_PLANNED.includes(because)) return `${about} ended early: ${because}`;
    // What is over at once is watched for its time all the same.
    await this.#ports.sleep(Math.max(0, injectedAt + forMs - this.#ports.now()), this.#stop.signal);
    return undefined;
  }

  /** Its own end, ours, or the one that is asked for because it is overdue. */
  async #untilOver(injected: Injected, forMs: number): Promise<FaultEnd> {
    const done = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, done.signal]);
    const over = injected.over.finally(() => done.abort());
    await Promise.race([over, this.#ports.sleep(forMs + OVERDUE_MS, signal)]);
    if (done.signal.aborted) return over;
    try {
      await injected.halt(this.#stopped?.code === 'halt' ? 'halt' : 'abort');
      return await over;
    } catch (error) {
      // Its guardian takes it back when it hears nothing more; nobody here has seen that.
      const because = `nobody says whether it was taken back: ${wordsOf(error)}`;
      return { phase: 'failed', because, detail: '', residues: [] };
    }
  }

  async #steadyBefore(): Promise<boolean> {
    for (let look = 1; ; look += 1) {
      if (this.#ports.halted()) this.abort('the kill switch of chaos is on', 'halt');
      await this.#look();
      if (isSteady(this.#probes) || look >= PATIENT_LOOKS || this.#stopped) break;
      await this.#ports.sleep(this.#given.experiment.every, this.#stop.signal);
    }
    this.#tellChecked('before');
    this.#wasBroken = false;
    return isSteady(this.#probes) && !this.#stopped;
  }

  async #keepLooking(signal: AbortSignal): Promise<void> {
    const { experiment } = this.#given;
    while (!signal.aborted) {
      const begun = this.#ports.now();
      if (this.#ports.halted()) this.abort('the kill switch of chaos is on', 'halt');
      await this.#look();
      const now = this.#ports.now();
      this.#rules = ruleSince(experiment, this.#probes, this.#rules, now);
      const why = this.#breaking ? abortReason(experiment, this.#probes, this.#rules, now) : undefined;
      if (why !== undefined) this.abort(why);
      // The kill switch is looked for more often than the probes.
      const next = begun + experiment.every;
      // However much happens, the machine has other things to do.
      await this.#ports.sleep(LEAST_MS, signal);
      while (!signal.aborted && !this.#wake.signal.aborted && this.#ports.now() < next) {
        const either = AbortSignal.any([signal, this.#wake.signal]);
        await this.#ports.sleep(Math.min(HALT_MS, next - this.#ports.now()), either);
        if (this.#ports.halted()) this.abort('the kill switch of chaos is on', 'halt');
      }
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
    }
  }

  async #untilSteady(since: number): Promise<void> {
    const patience = new AbortController();
    while (!isSteady(this.#probes) && this.#ports.now() - since < this.#given.experiment['recover-within'])
      await this.#ports.sleep(HALT_MS, patience.signal);
  }

  async #look(): Promise<void> {
    const values = await Promise.all(this.#probes.map(({ probe }) => this.#ports.look(probe.provider)));
    const at = this.#ports.now();
    const { watched: next, turns } = lookedAt(this.#probes, values, at);
    this.#probes = next;
    for (const { is, name, value, wanted, ms } of turns) {
      if (is === 'broken')
        this.#tell('steady-state.broken', { experiment: this.#id, probe: name, value, wanted });
      else this.#tell('steady-state.restored', { experiment: this.#id, probe: name, ms });
    }
    if (isSteady(next)) this.#steadySince ??= at;
    else {
      this.#steadySince = null;
      this.#wasBroken = true;
    }
    this.#ports.measure({
      experiment: this.#id,
      at,
      probes: next.map(({ probe, samples }) => {
        const last = samples.at(-1);
        const seen =
          last?.value.is === 'seen' && typeof last.value.value === 'number' ? last.value.value : null;
        return { name: probe.name, ok: last?.ok ?? false, value: seen };
      }),
    });
  }

  #tellChecked(when: 'before' | 'after'): void {
    this.#tell('steady-state.checked', {
      experiment: this.#id,
      when,
      holds: isSteady(this.#probes),
      probes: this.#probes.map(({ probe, samples, brokenSince }) => {
        const last = samples.at(-1);
        return {
          name: probe.name,
          ok: brokenSince === null,
          value: last ? valueWords(last.value).slice(0, 200) : '',
        };
      }),
    });
  }

  #outOfIt(): string {
    return this.#probes
      .filter(({ brokenSince }) => brokenSince !== null)
      .map(({ probe }) => probe.name)
      .join(', ');
  }

  /** The event that ends it is told by whoever has written the report. */
  #finish(startedAt: number, verdict: Verdict, reason: string): Outcome {
    const first = this.#faults.find(({ injectedAt }) => injectedAt > 0);
    const from = first?.injectedAt ?? 0;
    const recovered = !this.#wasBroken ? 0 : this.#steadySince === null ? null : this.#steadySince - from;
    return {
      verdict,
      reason,
      startedAt,
      endedAt: this.#ports.now(),
      faults: this.#faults,
      probes: this.#probes,
      looks: this.#looks,
      detected: first ? detection(this.#events, first, this.#faults) : null,
      recoveredMs: first ? recovered : null,
      deeds: deedsOf(this.#events, this.#given.request),
    };
  }

  #tell<K extends ChaosTold['kind']>(kind: K, data: Extract<ChaosTold, { kind: K }>['data']): void {
    this.#ports.tell({ kind, data } as Extract<ChaosTold, { kind: K }>);
  }
}

/** A fault that ended for another reason was not what is judged; `abort` is what is said to one that is overdue. */
const AS_PLANNED: readonly string[] = ['time', 'done', 'abort'];
/** How often the kill switch is looked for, ms. */
const HALT_MS = 100;
/** Least time between two looks at the probes, ms. */
const LEAST_MS = 50;
const NEVER = { mechanism: '', effects: [], reverts: [], injectedAt: 0, endedAt: 0 };
