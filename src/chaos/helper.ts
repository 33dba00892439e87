/** The native helper as an experiment sees it: one pipe, which is the lease on everything it breaks. */
import { HmsError, wordsOf } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import type { FaultState, Injection, Plan, Scope } from '../protocol/native.ts';
import type { PlannedStep } from './plan.ts';
import type { FaultEnd, Injected } from './runner.ts';

/** What is asked of the helper's process; each rejects with HmsError. */
export interface HelperPipe {
  open(scope: Scope): Promise<readonly FaultState[]>;
  /** Who the targets are by now. */
  retarget(targets: Scope['targets']): Promise<void>;
  plan(injection: Injection): Promise<Plan>;
  inject(injection: Injection): Promise<Plan>;
  halt(ids: readonly string[], because: string): Promise<readonly FaultState[]>;
  ping(): Promise<void>;
  onFault(listener: (state: FaultState) => void): void;
  onGone(listener: (error: HmsError) => void): void;
  /** Once it is gone: how these ended, of those that have. Never rejects. */
  recover(folder: string, ids: readonly string[]): Promise<readonly FaultState[]>;
  close(): void;
}

/** A caller that says nothing for longer has hung for the helper; we say something this often, ms. */
const PING_MS = 500;
/** So many words in a row without an answer, and it has hung: its guardians have long taken back what it broke. */
const HUNG_PINGS = 8;

export class Helper {
  readonly #pipe: HelperPipe;
  readonly #ends = new Map<string, (end: FaultEnd) => void>();
  /** States that came before anybody asked: of a kill, the end may overtake the answer. */
  readonly #early = new Map<string, FaultEnd>();
  readonly #pinging: NodeJS.Timeout;
  /** What the scope has: the helper is told of nobody else later. */
  #names: ReadonlySet<string> = new Set();
  #folder = '';
  #gone: HmsError | undefined;
  #unanswered = 0;

  constructor(pipe: HelperPipe) {
    this.#pipe = pipe;
    pipe.onFault(state => this.#see(state));
    pipe.onGone(error => void this.#lose(error));
    this.#pinging = setInterval(() => void this.#ping(), PING_MS);
  }

  /** What may be touched. Leftovers of earlier lives are taken back first: what came of those. */
  open(scope: Scope): Promise<readonly FaultState[]> {
    this.#folder = scope.folder;
    this.#names = new Set(scope.targets.map(({ name }) => name));
    return this.#pipe.open(scope);
  }

  /** Who they are by now. Whoever came since the scope was opened stays outside of it. */
  async retarget(targets: Scope['targets']): Promise<void> {
    const known = targets.filter(({ name }) => this.#names.has(name));
    if (!this.#gone && known.length > 0) await this.#pipe.retarget(known);
  }

  /** What it would do. Throws HmsError `refused` with its words when it would refuse that now. */
  async plan(injection: Injection): Promise<Plan> {
    return this.#pipe.plan(injection);
  }

  async inject({ injection }: PlannedStep): Promise<Injected> {
    if (!injection) throw new HmsError('internal', 'this is not for the native helper');
    const { promise: over, resolve } = Promise.withResolvers<FaultEnd>();
    this.#ends.set(injection.id, resolve);
    const early = this.#early.get(injection.id);
    if (early) resolve(early);
    try {
      const plan = await this.#pipe.inject(injection);
      return {
        mechanism: plan.mechanism,
        effects: plan.effects,
        reverts: revertWords(plan),
        over,
        halt: async because => {
          const faults = await this.#pipe.halt([injection.id], because);
          for (const state of faults) this.#see(state);
        },
      };
    } catch (error) {
      this.#ends.delete(injection.id);
      throw error;
    }
  }

  close(): void {
    clearInterval(this.#pinging);
    this.#pipe.close();
  }

  async #ping(): Promise<void> {
    try {
      await this.#pipe.ping();
      this.#unanswered = 0;
    } catch {
      this.#unanswered += 1;
      if (this.#unanswered < HUNG_PINGS || this.#gone) return;
      void this.#lose(new HmsError('native-hung', 'the native helper does not answer', 'hms doctor'));
      this.#pipe.close();
    }
  }

  /** Its guardians take back what it broke; where they died too, that is done here. */
  async #lose(error: HmsError): Promise<void> {
    if (this.#gone) return;
    this.#gone = error;
    clearInterval(this.#pinging);
    const ids = [...this.#ends.keys()];
    if (ids.length === 0) return;
    for (const state of await this.#pipe.recover(this.#folder, ids))
      this.#see({ ...state, because: wordsOf(error) });
    for (const end of this.#ends.values())
      end({
        phase: 'failed',
        because: `${wordsOf(error)}; nobody says whether it was taken back`,
        detail: '',
        residues: [],
      });
    this.#ends.clear();
  }

  #see(state: FaultState): void {
    const end = endOf(state);
    if (!end) return;
    this.#early.set(state.id, end);
    this.#ends.get(state.id)?.(end);
    this.#ends.delete(state.id);
  }
}

/** `by the kernel: …`, for people. */
export function revertWords({ reverts }: Plan): readonly string[] {
  return reverts.map(({ what, by }) =>
    oneLine(`by ${by === 'nobody' ? 'nobody' : `the ${by}`}: ${what}`, 400),
  );
}

/** undefined while it is not over. */
export function endOf({ phase, because, detail, residues }: FaultState): FaultEnd | undefined {
  if (phase !== 'reverted' && phase !== 'failed') return undefined;
  const measured = Object.entries(detail).map(([name, value]) => `${name} ${value}`);
  return {
    phase: residues.length > 0 ? 'failed' : phase,
    because: oneLine(because || phase, 400),
    detail: oneLine(measured.join(', '), 1000),
    residues: residues.map(one => oneLine(one, 400)),
  };
}
