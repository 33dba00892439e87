/**
 * Experiments, as the engine has a part in them: it asks the gate for exactly what is planned, writes down what their
 * runner tells, has a cell hang for one, and says when a runner is gone. It breaks nothing that is not agreed to; the
 * runner and the native helper are processes of their own, which the death of an engine does not concern.
 */

import { CHAOS_TOOL } from '../gate/chaos.ts';
import { withdraw } from '../gate/holds.ts';
import type { Action } from '../model/action.ts';
import type { CellHealth } from '../model/cell.ts';
import { ExperimentId } from '../model/chaos.ts';
import type { ExperimentState, FaultState } from '../model/chaos-state.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Draft } from '../model/event.ts';
import { RequestId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { RequestState } from '../model/state.ts';
import { oneLine, plural } from '../model/text.ts';
import type { ChaosProposed, ChaosTold, OperatorWith } from '../protocol/messages.ts';
import { type Cell, cellActor, healthy, subject, type World } from './cell.ts';

/** How often what is held back looks for the kill switch, ms. */
const LOOK_MS = 100;
/** A runner that is not connected has so long to come back before it is looked for, ms. */
const AWAY_MS = 5000;

interface ChaosOptions {
  /** Asks the gate; the request that was made. */
  propose(action: Action): RequestId;
  /** Of these processes and folders, those that are not the fleet's. */
  outside(scope: Proposal['scope'], paths: Proposal['paths']): readonly string[];
  /** Holds a cell back; how to let it go. */
  hold(cell: string): () => void;
  /** Has a cell fail, as if it had thrown. */
  kill(cell: string): void;
  /** Is this process still the one that was born then? */
  alive(pid: number, born: string): boolean;
  /** Has the native helper take back what a runner has left whose helper died with it. */
  takeBack(): void;
  /** The kill switch is a file: it works without an engine. */
  readonly halt: { on(): boolean; set(on: boolean): void };
  readonly cwd: string;
}

type Proposal = OperatorWith<'chaos.propose'>;

export class Chaos implements Cell {
  readonly name = 'chaos';
  readonly #world: World;
  readonly #options: ChaosOptions;
  /** How to let cells that hang go, by fault. */
  readonly #hanging = new Map<string, () => void>();
  /** When the runner of an experiment was last heard of. */
  readonly #heard = new Map<string, number>();
  readonly #connected = new Map<string, number>();
  #stopped = false;

  constructor(world: World, options: ChaosOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Asks the gate. Throws HmsError `chaos-halted`, or `experiment-running` while another one runs. */
  propose(by: string, given: Proposal): ChaosProposed {
    this.#requireReleased();
    for (const one of Object.values(this.#world.state.chaos.running)) if (this.#isGone(one)) this.#lost(one);
    const [running] = Object.values(this.#world.state.chaos.running);
    if (running)
      throw new HmsError(
        'experiment-running',
        `${running.id} runs: ${oneLine(running.title)}`,
        'one at a time: hms chaos status',
      );
    const input: Record<string, Json> = {
      about: given.faults.map(({ about }) => about).join('; '),
      experiment: given.experiment,
      title: given.title,
      ...(given.day === '' ? {} : { day: given.day }),
      by,
      seed: given.seed,
      faults: given.faults.map(({ forMs, ...fault }) => ({ ...fault, for_ms: forMs })),
      'steady-state': given.probes,
      outside: [...this.#options.outside(given.scope, given.paths)],
    };
    const id = this.#options.propose({ tool: CHAOS_TOOL, input, cwd: this.#options.cwd });
    const made = this.#requestOf(id);
    if (!made) throw new HmsError('not-asked', `${id} was not taken by the gate`);
    const { digest, needs, outcome, why } = made;
    return { request: RequestId.parse(id), digest, needs: outcome === null ? needs : 0, outcome, why };
  }

  /** The runner is there; returns what to call when it goes. */
  connected(experiment: string): () => void {
    this.#connected.set(experiment, (this.#connected.get(experiment) ?? 0) + 1);
    return () => {
      const left = (this.#connected.get(experiment) ?? 1) - 1;
      if (left > 0) this.#connected.set(experiment, left);
      else this.#connected.delete(experiment);
      this.#heard.set(experiment, this.#world.now());
    };
  }

  /** Words of a runner. What is said twice, because the answer was lost, counts once. Throws HmsError. */
  tell(actor: Draft['actor'], told: ChaosTold): void {
    if (told.kind === 'experiment.started') this.#requireAgreed(told.data);
    else if (!this.#isNews(told)) return;
    this.#world.emit({ ...told, actor, subject: subject.fleet } as Draft);
  }

  /** Makes the cell of this fault hang for so long; 0 lets it go. One that is to be killed is. Throws HmsError. */
  hang(experiment: string, fault: string, forMs: number): void {
    if (forMs === 0) {
      this.#letGo(fault);
      return;
    }
    this.#requireReleased();
    const planned = this.#world.state.chaos.running[experiment]?.faults.find(({ id }) => id === fault);
    if (!planned || !['cell_hang', 'cell_kill'].includes(planned.what) || planned.phase !== 'planned')
      throw new HmsError('not-agreed', `${fault} is no hang that was agreed to`);
    const cells = planned.targets.map(target => target.replace(/^cell:/, ''));
    if (planned.what === 'cell_kill') {
      for (const cell of cells) this.#options.kill(cell);
      return;
    }
    const releases: (() => void)[] = [];
    const release = (): void => {
      for (const done of releases.splice(0)) done();
    };
    try {
      for (const cell of cells) releases.push(this.#options.hold(cell));
    } catch (error) {
      release();
      throw error;
    }
    const end = this.#world.now() + Math.min(forMs, planned.forMs);
    const look = (): void => {
      if (this.#world.now() >= end || this.#options.halt.on()) this.#letGo(fault);
      else cancel = this.#world.after(Math.min(LOOK_MS, end - this.#world.now()), look);
    };
    let cancel = this.#world.after(Math.min(LOOK_MS, forMs), look);
    this.#hanging.set(fault, () => {
      cancel();
      release();
    });
  }

  /** The kill switch. Acts first and writes down then. */
  halt(actor: Draft['actor'], on: boolean, reason: string): void {
    this.#options.halt.set(on);
    if (on) for (const fault of [...this.#hanging.keys()]) this.#letGo(fault);
    this.#tellHalt(actor, on, reason);
  }

  /** A new engine: what was halted without one is learned, experiments without a runner are over. */
  takeCharge(): void {
    for (const { id } of Object.values(this.#world.state.chaos.running))
      this.#heard.set(id, this.#world.now());
    this.look();
  }

  /** Looked at once a second: the kill switch, and runners that have gone. */
  look(): void {
    const on = this.#options.halt.on();
    this.#tellHalt(cellActor(this.name), on, 'by its file');
    for (const experiment of Object.values(this.#world.state.chaos.running)) {
      const away = this.#world.now() - (this.#heard.get(experiment.id) ?? 0) > AWAY_MS;
      if (away && this.#isGone(experiment)) this.#lost(experiment);
    }
  }

  #isGone({ id, runner }: ExperimentState): boolean {
    return !this.#connected.has(id) && !this.#options.alive(runner.pid, runner.born);
  }

  healthCheck(): CellHealth {
    return healthy(`${plural(this.#hanging.size, 'cell')} made to hang`);
  }

  stop(): void {
    this.#stopped = true;
    for (const release of this.#hanging.values()) release();
    this.#hanging.clear();
  }

  /** Whoever asked is gone: nobody is to agree to it any more. */
  forget(request: string): void {
    // An engine that stops lets go of its runners; they ask the next one.
    if (this.#stopped) return;
    const drafts = withdraw(this.#world.state, request, 'its runner has gone');
    if (drafts.length > 0) this.#world.emit(...drafts);
  }

  #letGo(fault: string): void {
    const release = this.#hanging.get(fault);
    this.#hanging.delete(fault);
    release?.();
  }

  #tellHalt(actor: Draft['actor'], on: boolean, reason: string): void {
    const { halted } = this.#world.state.chaos;
    if (on === (halted !== null)) return;
    try {
      this.#world.emit(
        on
          ? { kind: 'chaos.halted', actor, subject: subject.fleet, data: { reason } }
          : { kind: 'chaos.released', actor, subject: subject.fleet, data: {} },
      );
    } catch (error) {
      // It holds all the same; the next look tells it.
      this.#world.log(`the halt of chaos is not written down: ${wordsOf(error)}`);
    }
  }

  #lost(experiment: ExperimentState): void {
    this.#options.takeBack();
    this.#world.emit({
      kind: 'experiment.finished',
      actor: cellActor(this.name),
      subject: subject.fleet,
      data: {
        experiment: ExperimentId.parse(experiment.id),
        verdict: 'lost',
        reason: 'its runner died; the native helper takes back what it had broken',
        ms: Math.max(0, this.#world.now() - experiment.since),
        detectedMs: null,
        recoveredMs: null,
        report: '',
      },
    });
  }

  /** A request that was approved, for exactly this experiment and these faults, and that nothing was begun with. */
  #requireAgreed(data: Extract<ChaosTold, { kind: 'experiment.started' }>['data']): void {
    const request = this.#requestOf(data.request);
    const run = ['approved', 'overridden', 'permitted'].includes(request?.outcome ?? '');
    const input = request?.action.input ?? {};
    const agreed = JSON.stringify(idsOf(input['faults'])) === JSON.stringify(data.faults.map(({ id }) => id));
    const mine = request?.action.tool === CHAOS_TOOL && request.via === 'cell';
    if (!mine || !run || input['experiment'] !== data.experiment || !agreed)
      throw new HmsError(
        'not-agreed',
        `${data.experiment} is not what was agreed to`,
        'hms chaos run asks for it',
      );
    const { running, finished } = this.#world.state.chaos;
    if (running[data.experiment] || finished.some(({ id }) => id === data.experiment))
      throw new HmsError(
        'not-agreed',
        `${data.experiment} has begun already`,
        'what was agreed to is done once',
      );
    this.#requireReleased();
  }

  #isNews(told: Exclude<ChaosTold, { kind: 'experiment.started' }>): boolean {
    const experiment = this.#world.state.chaos.running[told.data.experiment];
    if (!experiment) return false;
    switch (told.kind) {
      case 'fault.injected':
        return phaseOf(experiment, told.data.fault) === 'planned';
      case 'fault.reverted':
        return phaseOf(experiment, told.data.fault) === 'active';
      case 'fault.failed':
        return ['planned', 'active'].includes(phaseOf(experiment, told.data.fault) ?? '');
      case 'steady-state.broken':
        return experiment.probes.some(({ name, ok }) => name === told.data.probe && ok !== false);
      case 'steady-state.restored':
        return experiment.probes.some(({ name, ok }) => name === told.data.probe && ok === false);
      default:
        return true;
    }
  }

  #requestOf(id: string): RequestState | undefined {
    const { pending, settled } = this.#world.state;
    return pending[id] ?? settled.find(request => request.id === id);
  }

  #requireReleased(): void {
    if (this.#options.halt.on())
      throw new HmsError('chaos-halted', 'the kill switch of chaos is on', 'lift it: hms chaos halt --lift');
  }
}

function phaseOf({ faults }: ExperimentState, fault: string): FaultState['phase'] | undefined {
  return faults.find(({ id }) => id === fault)?.phase;
}

function idsOf(faults: Json | undefined): readonly string[] {
  if (!Array.isArray(faults)) return [];
  return faults.map(fault =>
    typeof fault === 'object' && fault !== null && 'id' in fault ? String(fault.id) : '',
  );
}
