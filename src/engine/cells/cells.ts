/** The engine's own cells: each raised at its place, its functions registered, watched and healed by the Loop. */

import * as z from 'zod';
import type { Cell } from '../../cells/cell.ts';
import { type Described, type Effect, FunctionRegistry } from '../../functions/registry.ts';
import { withdraw } from '../../gate/holds.ts';
import { CellHealth, CellProposal } from '../../model/cell.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { Event } from '../../model/event.ts';
import type { RequestId } from '../../model/ids.ts';
import type { Core } from '../core.ts';
import { CellHealing } from './cell-healing.ts';
import { type CellPlan, Slot } from './slot.ts';

/** Calls within the engine have this deadline, ms; making a cell anew may wait for what the one before has under way. */
const ANSWER_MS = 500;
const REPAIR_MS = 15_000;

/** "Make it anew?": what people are asked when a cell stands aside, or others would notice. */
export const REPAIR_TOOL = 'cell.repair';

const HARMLESS: Effect = {
  radius: 'cell',
  undo: 'nothing is lost by it: it is made from the state',
  risky: false,
};

/** What a repair has come to. */
export const Repaired = z.strictObject({ done: z.boolean(), words: z.string().max(400) });
export type Repaired = z.infer<typeof Repaired>;

interface CellsOptions {
  readonly core: Core;
  lag(): number;
  /** The engine is about to let go: nothing is made anew. */
  isEnding(): boolean;
  ask(cell: string, reason: string): RequestId;
  restartEngine(reason: string): void;
}

interface Functions {
  check(): Promise<CellHealth>;
  repair(): Promise<Repaired>;
  optimize(): Promise<CellProposal | null>;
}

export class Cells {
  readonly name = 'cells';
  readonly #core: Core;
  readonly #ask: CellsOptions['ask'];
  readonly #slots = new Map<string, Slot>();
  readonly #functions = new Map<string, Functions>();
  readonly #registry: FunctionRegistry;
  readonly #healing: CellHealing;

  constructor({ core, ...options }: CellsOptions) {
    this.#core = core;
    this.#ask = options.ask;
    this.#registry = new FunctionRegistry((ms, late) => core.after(ms, late), options.lag);
    const check = (cell: string): Promise<CellHealth> => this.of(cell).check();
    this.#healing = new CellHealing(core, { ...options, slots: this.#slots, check });
  }

  /** Builds a cell at a place of its own. What is returned stands for it, and for any that takes its place. */
  raise<C extends Cell>(plan: CellPlan<C>): C {
    const slot = new Slot(this.#core, plan, words => this.#healing.failed(plan.name, words));
    this.#slots.set(plan.name, slot);
    this.#functions.set(plan.name, this.#register(slot));
    this.#healing.admit(plan.name);
    return slot.cell;
  }

  /** Has these hear of events, in this order. */
  hear(...cells: readonly Pick<Cell, 'name'>[]): void {
    for (const { name } of cells) this.#core.add(this.#slotOf(name));
  }

  /** Watches them from now on. */
  start(): void {
    this.#core.add(this);
    this.#healing.start();
  }

  /** People have agreed that one is made anew. */
  onEvent(event: Event): void {
    if (event.kind !== 'gate.settled') return;
    const { settled } = this.#core.state;
    const request = settled.find(({ id }) => id === event.data.request);
    if (request?.action.tool !== REPAIR_TOOL || request.via !== 'cell') return;
    if (!['approved', 'overridden', 'permitted'].includes(request.outcome ?? '')) return;
    const cell = String(request.action.input['cell']);
    this.of(cell)
      .repair()
      .catch((error: unknown) => this.#core.log(`${cell} is not repaired: ${wordsOf(error)}`));
  }

  stop(): void {}

  /** Throws HmsError `cell-isolated` when it stands aside. */
  require(name: string): void {
    if (this.#core.isIsolated(name))
      throw new HmsError('cell-isolated', `${name} stands aside`, `hms cell repair ${name}`);
  }

  names(): readonly string[] {
    return [...this.#slots.keys()];
  }

  /** The functions of a cell. Throws HmsError `unknown-cell`. */
  of(name: string): Functions {
    this.#slotOf(name);
    const functions = this.#functions.get(name);
    if (!functions) throw new HmsError('unknown-cell', `${name} has no functions`);
    return functions;
  }

  lives(name: string): number {
    return this.#slotOf(name).lives;
  }

  /** Whether making it anew needs a person's leave. What is broken itself cannot be asked for it. */
  isRisky(name: string): boolean {
    return this.#slotOf(name).plan.effect?.risky === true && name !== 'gatekeeper';
  }

  askRepair(name: string, reason: string): RequestId {
    return this.#ask(name, reason);
  }

  registered(): readonly Described[] {
    return this.#registry.list();
  }

  /** Has it fail here and now, as if it had thrown. */
  kill(name: string, words: string): void {
    this.#slotOf(name).fail(words);
  }

  /** What people were asked about it is moot. */
  #answer(cell: string): void {
    const { state } = this.#core;
    const asked = Object.values(state.pending).filter(
      ({ action, via }) => via === 'cell' && action.tool === REPAIR_TOOL && action.input['cell'] === cell,
    );
    for (const { id } of asked) this.#core.emit(...withdraw(state, id, 'it was made anew'));
  }

  #slotOf(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot) return slot;
    throw new HmsError(
      'unknown-cell',
      `there is no cell ${name}`,
      `the cells are ${this.names().join(', ')}`,
    );
  }

  #register(slot: Slot): Functions {
    const { name: of, plan } = slot;
    const check = this.#registry.register({
      of,
      name: 'healthCheck',
      result: CellHealth,
      deadlineMs: ANSWER_MS,
      run: () => slot.check(),
      // That it does not answer is an answer.
      fallback: (why): CellHealth => ({ state: 'failing', words: why.slice(0, 400) }),
    });
    const repair = this.#registry.register({
      of,
      name: 'repair',
      result: Repaired,
      deadlineMs: REPAIR_MS,
      effect: plan.effect ?? HARMLESS,
      run: async () => {
        const { state, words } = await check();
        if (state === 'healthy' || state === 'degraded')
          return { done: false, words: `nothing to repair: ${words}`.slice(0, 400) };
        await this.#healing.repair(of);
        this.#answer(of);
        return { done: true, words: 'made anew from the state' };
      },
    });
    const optimize = this.#registry.register({
      of,
      name: 'optimize',
      result: CellProposal.nullable(),
      deadlineMs: ANSWER_MS,
      run: () => slot.cell.optimize?.() ?? null,
    });
    return { check, repair, optimize };
  }
}
