/**
 * The Loop over the engine's own cells: the one that agents are healed by, with a cell in the agent's place. A cell that
 * throws has ended, one whose health check fails again and again hangs; either is made anew, alone. When that does not
 * help within the intensity, a person is asked and the cell stands aside; without a vital one the engine starts anew.
 */

import { cellActor, subject } from '../../cells/cell.ts';
import { createSelfHealing } from '../../healing/factory.ts';
import { HealingLoop, type Told } from '../../healing/loop.ts';
import type { Abilities } from '../../healing/strategy.ts';
import type { Incident, Signal } from '../../healing/types.ts';
import type { CellHealth } from '../../model/cell.ts';
import { wordsOf } from '../../model/errors.ts';
import type { Draft } from '../../model/event.ts';
import type { RestartPolicy } from '../../model/fleet.ts';
import { HealingConfig } from '../../model/healing.ts';
import type { RequestId } from '../../model/ids.ts';
import type { Core } from '../core.ts';
import type { Slot } from './slot.ts';

/** How often each cell is asked for its health, ms. */
const LOOK_MS = 1000;
/** So many failing looks in a row are believed. */
const FAILURES = 3;
/** Of all cells, so many percent are made anew at once. */
const AT_ONCE_PERCENT = 34;

const HEALTH = 'health';
const CONFIG: HealingConfig = {
  ...HealingConfig.parse({ level: 'basic', verify: '2s', patience: '6s', stable: '60s' }),
  probes: {
    [HEALTH]: { purpose: 'live', every: LOOK_MS, timeout: 500, failures: FAILURES, successes: 1, after: 0 },
  },
};
/** As Erlang/OTP counts; the first restart follows almost at once. */
const POLICY: RestartPolicy = { when: 'always', max: 5, within: 60_000, from: 10, to: 2000 };
/** A cell is made anew, and that is all that can be done to it. */
const CAN: Abilities = {
  ...{ nudge: false, interrupt: false, resume: false, restore: false, swap: false, shed: false, save: false },
  dependencies: new Set(),
};

interface CellHealingOptions {
  readonly slots: ReadonlyMap<string, Slot>;
  check(cell: string): Promise<CellHealth>;
  /** How far our own clock can be trusted, 1 or more. */
  lag(): number;
  isEnding(): boolean;
  /** Asks the people whether it is to be made anew once more; the request that was made. */
  ask(cell: string, reason: string): RequestId;
  /** The engine starts anew, since it is not safe without this cell. */
  restartEngine(reason: string): void;
}

export class CellHealing {
  readonly #core: Core;
  readonly #options: CellHealingOptions;
  readonly #loop: HealingLoop;
  readonly #wakes = new Map<string, () => void>();
  #incidents = 0;

  constructor(core: Core, options: CellHealingOptions) {
    this.#core = core;
    this.#options = options;
    this.#loop = new HealingLoop({
      actuators: { perform: cell => void this.#renew(cell) },
      maxConcurrentPercent: AT_ONCE_PERCENT,
      newId: () => `c-${++this.#incidents}`,
      tell: told => this.#told(told),
    });
  }

  /** Looks at every cell once a second. */
  start(): void {
    this.#core.after(LOOK_MS, () => {
      for (const slot of this.#options.slots.values()) void this.#look(slot);
      this.start();
    });
  }

  admit(cell: string): void {
    const setup = { config: CONFIG, policy: POLICY, abilities: CAN, lag: this.#options.lag };
    this.#loop.add(cell, createSelfHealing({ ...setup, random: () => this.#core.random() }));
    this.#signal(cell, { signal: 'started', incarnation: 1, resumed: false });
  }

  /** It threw, or was killed. */
  failed(cell: string, words: string): void {
    const incarnation = this.#slot(cell)?.lives ?? 1;
    // It may have thrown before anybody was told that it is there.
    this.#signal(cell, { signal: 'started', incarnation, resumed: false });
    this.#signal(cell, { signal: 'exited', incarnation, clean: false, lost: false, words });
  }

  /** A person has it made anew: what was asked is answered. Rejects when another cannot be made. */
  async repair(cell: string): Promise<void> {
    const slot = this.#slot(cell);
    if (!slot) return;
    this.#loop.answered(cell, exactly());
    await this.#make(slot, 'a person asked for it', 1);
    this.#started(slot);
    if (this.#core.state.cells[cell]) this.#recovered(cell, 'repaired by a person');
  }

  async #look({ name, lives }: Slot): Promise<void> {
    const begun = performance.now();
    const { state, words } = await this.#options.check(name);
    // Of one that has been replaced meanwhile, or stands aside, nothing is to be learnt.
    if (state === 'isolated' || this.#slot(name)?.lives !== lives) return;
    const ok = state !== 'failing';
    const tookMs = Math.round(performance.now() - begun);
    this.#signal(name, { signal: 'probe', probe: HEALTH, purpose: 'live', ok, tookMs, words });
  }

  #signal(cell: string, signal: Signal): void {
    this.#loop.signal(cell, signal, exactly());
    for (const name of this.#options.slots.keys()) this.#wake(name);
  }

  #wake(cell: string): void {
    this.#wakes.get(cell)?.();
    const now = exactly();
    const next = this.#loop.nextLook(cell, now);
    if (next === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(1, next - now);
    this.#wakes.set(
      cell,
      this.#core.after(wait, () => this.#signal(cell, { signal: 'time' })),
    );
  }

  async #renew(cell: string): Promise<void> {
    const slot = this.#slot(cell);
    const incident = this.#loop.incidentOf(cell);
    if (!slot || !incident || this.#options.isEnding()) return;
    try {
      await this.#make(
        slot,
        incident.anomaly.findings[0]?.words ?? incident.anomaly.fault,
        incident.attempts.length,
      );
    } catch (error) {
      this.#core.log(`${cell} cannot be made anew: ${error instanceof Error ? error.stack : error}`);
      this.#signal(cell, { signal: 'step', ok: false, words: wordsOf(error) });
      return;
    }
    this.#started(slot);
  }

  async #make(slot: Slot, reason: string, attempt: number): Promise<void> {
    const begun = performance.now();
    await slot.renew();
    const data = { cell: slot.name, attempt: Math.max(1, attempt), reason };
    this.#write('cell.restarted', { ...data, ms: Math.round(performance.now() - begun) });
  }

  #started({ name, lives, isFailing }: Slot): void {
    if (!isFailing) this.#signal(name, { signal: 'started', incarnation: lives, resumed: false });
  }

  #told(told: Told): void {
    if (told.told === 'opened') this.#open(told.incident);
    else if (told.told === 'asked') this.#giveUp(told.incident.agent, told.words);
    else if (told.told === 'closed' && told.closed.outcome !== 'person') {
      const { incident, at } = told.closed;
      this.#recovered(incident.agent, told.lesson.words, at - incident.anomaly.since);
    }
  }

  #open({ agent: cell, anomaly: { fault, findings } }: Incident): void {
    this.#write('cell.failed', { cell, fault, detail: findings[0]?.words ?? fault });
  }

  #recovered(
    cell: string,
    detail: string,
    ms = this.#core.now() - (this.#core.state.cells[cell]?.since ?? 0),
  ): void {
    this.#write('cell.recovered', { cell, detail, ms: Math.max(0, Math.round(ms)) });
  }

  #giveUp(cell: string, words: string): void {
    const slot = this.#slot(cell);
    if (!slot || this.#options.isEnding()) return;
    if (slot.plan.vital) {
      this.#options.restartEngine(`the cell ${cell} does not work: ${words}`);
      return;
    }
    slot.isolate(words);
    try {
      const request = this.#options.ask(cell, words);
      this.#write('cell.isolated', { cell, request, detail: words });
    } catch (error) {
      this.#core.log(`nobody can be asked about ${cell}: ${wordsOf(error)}`);
    }
  }

  #write<K extends `cell.${string}` & Draft['kind']>(
    kind: K,
    data: Extract<Draft, { kind: K }>['data'],
  ): void {
    try {
      this.#core.emit({ kind, actor: cellActor('engine'), subject: subject.fleet, data } as Draft);
    } catch (error) {
      // Cells are healed where nothing can be written.
      this.#core.log(`${kind}: ${wordsOf(error)}`);
    }
  }

  #slot(cell: string): Slot | undefined {
    return this.#options.slots.get(cell);
  }
}

/** ms since the epoch, finer than those: a cell may fail, be made anew and fail again within one. */
function exactly(): number {
  return performance.timeOrigin + performance.now();
}
