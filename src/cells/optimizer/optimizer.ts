/**
 * Evolves what the evolutionary level runs on, in a process of its own and at the lowest priority; asks people about what
 * won; and has what they agreed to tried on some agents first.
 */
import { isDeepStrictEqual } from 'node:util';
import { chosenFor } from '../../healing/evolve/canary.ts';
import { genomeInForce } from '../../healing/evolve/in-force.ts';
import { changesOf, type Proposal } from '../../healing/evolve/proposal.ts';
import type { Action } from '../../model/action.ts';
import type { CellHealth } from '../../model/cell.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { Draft, Event } from '../../model/event.ts';
import { EvolutionConfig } from '../../model/evolution.ts';
import type { RequestId } from '../../model/ids.ts';
import { oneLine } from '../../model/text.ts';
import type { EvolutionLook } from '../../protocol/messages.ts';
import { type Cell, healthy, type World } from '../cell.ts';
import { Adopting } from './adopting.ts';
import { asJson, deniedGenomes, incumbentOf, openProposal, tuneAction } from './proposing.ts';
import { ABOUT, type Ended, type Order, Runs, type Work } from './runs.ts';
import { evolutionaryAgents, nextCycle } from './schedule.ts';

/** What the machine has no time for now is tried again after so long, ms. */
const BUSY_MS = 60_000;
/** What a person asked for may take so long, ms. */
const ASKED_MS = 3_600_000;
/** Nobody waits for a cycle of its own; a person does for what they asked for. As nice(1) counts. */
const NICE = { own: 19, asked: 5 } as const;
/** A cycle of its own takes as many steps as there is time for. */
const ENDLESS = 1_000_000;

export interface OptimizerOptions {
  /** null: switched off. */
  settings(): EvolutionConfig | null;
  readonly work: Work;
  /** Why the machine has no time for it now; ''. */
  busy(): string;
  /** Asks the gate; the request that was made. */
  propose(action: Action): RequestId;
  withdraw(request: string, reason: string): void;
  readonly cwd: string;
}

/** Who wants a cycle: nobody but the schedule, or a person. */
interface Wish {
  readonly by: string;
  readonly steps: number;
  readonly seed: number;
  /** A place in the archive that is to be proposed, or the best; absent: steps first. */
  readonly propose?: 'best' | readonly [number, number];
}

export class Optimizer implements Cell {
  readonly name = 'optimizer';
  readonly #world: World;
  readonly #options: OptimizerOptions;
  readonly #adopting: Adopting;
  readonly #runs: Runs;
  /** What a person wants, as soon as the process that is at work has ended. */
  #next: { readonly run: number; readonly wish: Wish } | undefined;
  #count = 0;
  #last: EvolutionLook['last'] = null;
  /** Why the machine had no time for it, and when that is looked at again. */
  #busy = { why: '', until: 0 };
  #cancelPlan = (): void => {};
  #cancelLook = (): void => {};
  #stopped = false;

  constructor(world: World, options: OptimizerOptions) {
    this.#world = world;
    this.#options = options;
    this.#runs = new Runs(world, options.work, ended => this.#ended(ended));
    this.#adopting = new Adopting(world, () => options.settings() ?? EvolutionConfig.parse({}));
  }

  /** Goes on where the last engine stopped. */
  takeCharge(): void {
    for (const request of this.#world.state.settled) this.#adopting.settled(request);
    this.#look();
    this.#plan();
  }

  onEvent(event: Event): void {
    switch (event.kind) {
      case 'gate.settled': {
        const request = this.#world.state.settled.find(({ id }) => id === event.data.request);
        if (request) this.#adopting.settled(request);
        break;
      }
      case 'incident.opened':
        this.#plan();
        break;
      case 'incident.closed':
      case 'fleet.configured':
      case 'healing.changed':
      case 'tuning.adopted':
      case 'tuning.promoted':
      case 'tuning.reverted':
        this.#dropMoot();
        this.#look();
        this.#plan();
        break;
    }
  }

  healthCheck(): CellHealth {
    if (this.#last?.ok === false) return { state: 'degraded', words: this.#last.detail.slice(0, 400) };
    return healthy(this.#runs.by === undefined ? 'waits for its time' : 'evolves');
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelPlan();
    this.#cancelLook();
    this.#runs.stop();
  }

  /** What it does now, and when it will do something. */
  look(): EvolutionLook {
    const { state } = this.#world;
    const next = nextCycle(state, this.#options.settings(), this.#world.now());
    const running = this.#runs.look();
    return {
      running,
      last: this.#last,
      next: running || 'never' in next ? null : Math.max(next.at, this.#busy.until),
      why: 'never' in next ? next.never : this.#busy.why,
      proposal: openProposal(state)?.id ?? '',
    };
  }

  /**
   * A person wants so many generations now, or what was found proposed; the number of the run. Throws HmsError
   * `evolution-runs`, `proposal-open`.
   */
  begin(wish: Wish): number {
    const before = this.#runs.by || this.#next?.wish.by;
    if (before)
      throw new HmsError(
        'evolution-runs',
        `evolution is at work already for ${before}`,
        'wait for it: hms ga status says how far it is',
      );
    const open = this.#held();
    if (wish.propose && open)
      throw new HmsError('proposal-open', open, 'decide that first: hms approvals, or hms ga rollback');
    this.#count += 1;
    const run = this.#count;
    if (this.#runs.by === undefined) this.#start(run, wish, ASKED_MS);
    else {
      // One of its own gives way.
      this.#next = { run, wish };
      this.#runs.end();
    }
    return run;
  }

  /** Ends a run; what it has done is kept. */
  end(run: number): void {
    if (this.#next?.run === run) this.#next = undefined;
    this.#runs.end(run);
  }

  revert(actor: Draft['actor'], reason: string): 'canary' | 'all' {
    return this.#adopting.revert(actor, reason);
  }

  /** Why nothing more can be proposed now; '' when it can. */
  #held(): string {
    const { state } = this.#world;
    const open = openProposal(state);
    if (open) return `${open.id} is a proposal that waits for an answer`;
    if (state.evolution.canary) return `${state.evolution.canary.request} is being tried`;
    return '';
  }

  #plan(): void {
    this.#cancelPlan();
    if (this.#stopped) return;
    // Switched off is off now.
    if (this.#runs.by === '' && !this.#options.settings()) this.#runs.end();
    if (this.#runs.by !== undefined) return;
    const next = nextCycle(this.#world.state, this.#options.settings(), this.#world.now());
    if ('never' in next) return;
    const ms = Math.max(0, next.at - this.#world.now());
    this.#cancelPlan = this.#world.after(ms, () => this.#cycle());
  }

  #cycle(): void {
    const settings = this.#options.settings();
    if (this.#stopped || this.#runs.by !== undefined || !settings) return;
    const why = this.#options.busy();
    this.#busy = { why, until: why ? this.#world.now() + BUSY_MS : 0 };
    if (why) {
      this.#cancelPlan = this.#world.after(BUSY_MS, () => this.#cycle());
      return;
    }
    try {
      this.#count += 1;
      this.#start(this.#count, { by: '', steps: ENDLESS, seed: this.#seed() }, settings.cap);
    } catch (error) {
      this.#world.log(`evolution does not begin: ${wordsOf(error)}`);
      this.#cancelPlan = this.#world.after(BUSY_MS, () => this.#cycle());
    }
  }

  #seed(): number {
    return Math.floor(this.#world.random() * 0x7fff_ffff);
  }

  #start(run: number, { by, steps, seed, propose }: Wish, capMs: number): void {
    const { evolution } = this.#world.state;
    const incumbent = genomeInForce(evolution);
    const challenger = propose ?? (this.#held() === '' ? 'best' : 'none');
    const order: Order = {
      ...{ incumbent, capMs, seed, steps: propose ? 0 : steps, nice: by === '' ? NICE.own : NICE.asked },
      challenger: typeof challenger === 'string' ? challenger : [challenger[0], challenger[1]],
    };
    this.#runs.start(run, by, steps === ENDLESS || propose ? 0 : steps, order);
    this.#cancelPlan();
  }

  #ended({ run, began, by, steps, ended, how }: Ended): void {
    const due = ended?.due ?? this.#world.state.evolution.cycle?.due ?? false;
    let detail = ended?.words ?? how;
    let request = '';
    try {
      if (ended?.proposal) {
        request = this.#propose(ended.proposal, ended.incidents, by);
        detail = `${detail}: ${request} asks people`;
      }
    } catch (error) {
      detail = `${detail}, and is not proposed: ${wordsOf(error)}`;
    }
    detail = oneLine(detail, 1000);
    this.#last = { run, detail, steps, request, ok: ended !== undefined };
    const next = this.#next;
    this.#next = undefined;
    if (next) this.#start(next.run, next.wish, ASKED_MS);
    const ms = Math.max(0, this.#world.now() - began);
    this.#world.emit({ kind: 'evolution.ended', ...ABOUT, data: { began, ms, steps, due, detail } });
    this.#plan();
  }

  /** Asks people. Throws HmsError where there is nothing to ask, or no time for it. */
  #propose(proposal: Proposal, incidents: number, by: string): RequestId {
    const { state } = this.#world;
    const held = this.#held();
    if (held) throw new HmsError('proposal-open', held);
    const incumbent = genomeInForce(state.evolution);
    if (changesOf(incumbent, proposal.genome).length === 0)
      throw new HmsError('moot', 'it is what is in force');
    const agents = evolutionaryAgents(state);
    if (agents.length === 0) throw new HmsError('moot', 'no agent is healed at the level evolutionary');
    const genome = asJson(proposal.genome);
    const before = [...deniedGenomes(state), ...state.evolution.reverted];
    if (by === '' && before.some(one => isDeepStrictEqual(one, genome)))
      throw new HmsError('denied-before', 'people have said no to it, or it was taken back');
    const { share } = (this.#options.settings() ?? EvolutionConfig.parse({})).canary;
    const count = chosenFor(agents, share, '').length;
    const first = `${count} of ${agents.length} evolutionary agents first, all when it is not worse there; taken back by itself when it is`;
    return this.#options.propose(
      tuneAction(proposal, { incumbent, incidents, first, by, cwd: this.#options.cwd }),
    );
  }

  /** A proposal that was overtaken is not to be answered. */
  #dropMoot(): void {
    const { state } = this.#world;
    const open = openProposal(state);
    if (!open) return;
    const incumbent = incumbentOf(open);
    if (!incumbent || changesOf(incumbent, genomeInForce(state.evolution)).length > 0)
      this.#options.withdraw(open.id, 'another tuning is in force by now');
    else if (evolutionaryAgents(state).length === 0)
      this.#options.withdraw(open.id, 'no agent is healed at the level evolutionary any more');
  }

  #look(): void {
    this.#cancelLook();
    const ms = this.#adopting.look();
    if (ms === Number.POSITIVE_INFINITY || this.#stopped) return;
    this.#cancelLook = this.#world.after(ms, () => this.#look());
  }
}
