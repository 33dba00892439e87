/** What goes on beside the mischief of the soak: the journal is followed, people's questions are answered, samples are taken. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetPaths } from '../../src/fleet/paths.ts';
import type { Random } from '../../src/healing/random.ts';
import type { IncidentState } from '../../src/model/incident-state.ts';
import { reduce } from '../../src/model/reduce.ts';
import { EMPTY, type FleetState } from '../../src/model/state.ts';
import type { Program } from '../../test/support/program.ts';
import { Chronicle } from '../heal-real/chronicle.ts';
import { answers, type EngineSample, engineSample } from './gauge.ts';

const ANSWER_MS = 3000;
const SAMPLE_MS = 5000;
/** Longer than any wait of healing's own, ms. */
const STUCK_MS = 300_000;
const FORGOTTEN_MS = 60_000;

export class Keeper {
  readonly #chronicle: Chronicle;
  readonly #program: Program;
  readonly #paths: FleetPaths;
  readonly #random: Random;
  #state: FleetState = EMPTY;
  #folded = 0;
  readonly engine: EngineSample[] = [];
  readonly forgotten: string[] = [];
  /** Each incident as it was when it last changed, and when that was. */
  readonly #moved = new Map<string, { readonly incident: IncidentState; readonly at: number }>();
  #told = new Set<string>();
  readonly #looks = { all: 0, answered: 0 };

  constructor(program: Program, paths: FleetPaths, random: Random) {
    this.#program = program;
    this.#paths = paths;
    this.#random = random;
    this.#chronicle = new Chronicle(paths.journal);
  }

  get events() {
    return this.#chronicle.events;
  }

  /** As the journal has it now. */
  get state(): FleetState {
    const { events } = this.#chronicle;
    for (; this.#folded < events.length; this.#folded += 1) {
      const event = events[this.#folded];
      if (event) this.#state = reduce(this.#state, event);
    }
    return this.#state;
  }

  /** Percent of looks at which an engine answered. */
  get answeredPct(): number {
    return (100 * this.#looks.answered) / Math.max(1, this.#looks.all);
  }

  /** Until the signal aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    const every = async (ms: number, act: () => Promise<void>): Promise<void> => {
      while (!signal.aborted) {
        await act();
        await sleep(ms);
      }
    };
    await Promise.all([
      every(ANSWER_MS, () => this.#answer()),
      every(SAMPLE_MS, () => this.#sample()),
      every(1000, async () => {
        this.#looks.all += 1;
        if (await answers(this.#paths.operatorSocket)) this.#looks.answered += 1;
      }),
    ]);
  }

  close(): void {
    this.#chronicle.close();
  }

  /** A person who says yes to another start, and now yes and now no to what agents want. */
  async #answer(): Promise<void> {
    const { pending, incidents } = this.state;
    const now = Date.now();
    for (const { id, via, action, at } of Object.values(pending)) {
      const yes = via === 'cell' || this.#random() < 0.5;
      await this.#program.hms('approvals', yes ? 'approve' : 'deny', id);
      if (now - at > FORGOTTEN_MS) this.#tell(id, `${id} (${action.tool}) was not settled by an answer`);
    }
    for (const incident of Object.values(incidents)) {
      const known = this.#moved.get(incident.id);
      if (known?.incident !== incident) this.#moved.set(incident.id, { incident, at: now });
      else if (now - known.at > STUCK_MS)
        this.#tell(incident.id, `${incident.id} of ${incident.agent} (${incident.class}) stood still`);
    }
  }

  #tell(id: string, words: string): void {
    if (this.#told.has(id)) return;
    this.#told.add(id);
    this.forgotten.push(words);
  }

  async #sample(): Promise<void> {
    const pid = await this.#program.enginePid();
    if (pid > 0) this.engine.push(engineSample(pid));
  }
}
