/** A fleet of agents that evolve, with a clock the test turns, and an optimizer whose worker the test plays. */
import type { World } from '../../../src/cells/cell.ts';
import { Optimizer, type OptimizerOptions } from '../../../src/cells/optimizer/optimizer.ts';
import { asJson } from '../../../src/cells/optimizer/proposing.ts';
import type { Order } from '../../../src/cells/optimizer/runs.ts';
import { CHAMPION } from '../../../src/healing/evolve/champion.ts';
import { atPoint, DIMENSIONS } from '../../../src/healing/evolve/genome.ts';
import type { Said } from '../../../src/healing/evolve/worker.ts';
import type { Action } from '../../../src/model/action.ts';
import { type Draft, EVENT_DATA, type Event } from '../../../src/model/event.ts';
import { EvolutionConfig } from '../../../src/model/evolution.ts';
import { AgentId, Digest, IncidentId, RequestId } from '../../../src/model/ids.ts';
import { reduce } from '../../../src/model/reduce.ts';
import { EMPTY, type FleetState } from '../../../src/model/state.ts';

export const OTHER = atPoint(Array(DIMENSIONS).fill(0.4), CHAMPION);
const NOTHING = Digest.parse('0'.repeat(64));
const actor: Draft['actor'] = { type: 'system', id: 'test', via: 'test' };

interface Work {
  readonly order: Order;
  say(said: Said): void;
  gone(words?: string): void;
  readonly ended: string[];
}

export class Bench {
  state: FleetState = EMPTY;
  now = 1_000_000;
  busy = '';
  settings: EvolutionConfig | null = EvolutionConfig.parse({});
  readonly works: Work[] = [];
  readonly events: Event[] = [];
  readonly optimizer: Optimizer;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];
  #requests = 0;

  constructor(level: 'evolutionary' | 'hybrid' = 'evolutionary') {
    const agent = {
      driver: 'command',
      title: '',
      gate: 'ask',
      needs: [],
      capabilities: [],
      healing: level,
    } as const;
    const agents = { one: agent, two: agent, three: agent };
    this.emit({ kind: 'fleet.configured', data: { digest: NOTHING, agents, operators: {} } });
    const options: OptimizerOptions = {
      settings: () => this.settings,
      work: (order, say, onEnd) => {
        const ended: string[] = [];
        this.works.push({ order, say, ended, gone: (words = 'it ended with 0') => onEnd(words) });
        return { pid: 7, end: signal => void ended.push(signal) };
      },
      busy: () => this.busy,
      propose: action => this.#ask(action),
      withdraw: (request, reason) =>
        this.emit({
          kind: 'gate.settled',
          data: {
            request: RequestId.parse(request),
            outcome: 'withdrawn',
            reason,
            digest: NOTHING,
            grant: '',
          },
        }),
      cwd: '/',
    };
    this.optimizer = new Optimizer(this.#world(), options);
    this.optimizer.takeCharge();
  }

  /** What the worker says last. */
  get work(): Work {
    const work = this.works.at(-1);
    if (!work) throw new Error('nothing has begun');
    return work;
  }

  emit(...bodies: readonly { readonly kind: Draft['kind']; readonly data: unknown }[]): void {
    for (const body of bodies) {
      EVENT_DATA[body.kind].parse(body.data);
      const event = {
        ...body,
        actor,
        subject: 'fleet',
        seq: this.state.seq + 1,
        time: this.now,
        prev: NOTHING,
      };
      this.state = reduce(this.state, event as Event);
      this.events.push(event as Event);
      this.optimizer?.onEvent(event as Event);
    }
  }

  /** Lets so much time pass, and whatever comes due in it. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#timers = this.#timers.filter(timer => timer !== next);
      this.now = next.at;
      next.callback();
    }
    this.now = end;
  }

  /** An incident that took so long. */
  trouble(agent: string, ms = 5000): void {
    this.open(agent);
    const [incident = ''] = Object.keys(this.state.incidents);
    this.emit({ kind: 'incident.closed', data: { incident, outcome: '', ms, result: 'recovered' } });
  }

  open(agent: string): void {
    this.emit({
      kind: 'incident.opened',
      data: {
        incident: IncidentId.parse(`i-${String(this.state.seq).padStart(6, '0')}`),
        ...{ agent: AgentId.parse(agent), class: 'hang', detail: '' },
        ...{ level: 'evolutionary', since: 0, findings: [] },
      },
    });
  }

  decide(request: string, outcome: 'approved' | 'denied'): void {
    const data = { request: RequestId.parse(request), outcome, reason: '', digest: NOTHING, grant: '' };
    this.emit({ kind: 'gate.settled', data });
  }

  /** The worker has found `OTHER` to be better, and ends. */
  finds(genome = OTHER): void {
    const interval = { mean: -5, low: -7, high: -3 };
    this.work.say({
      ...{ said: 'ended', steps: 1, due: false, words: 'a better one was found', incidents: 3 },
      proposal: {
        genome,
        changes: [{ what: 'prior', from: '8', to: '3' }],
        gain: interval,
        afterShift: interval,
        evidence: { seeds: 40, byFault: { F04: -6 }, falseActs: [2, 1] },
      },
    });
    this.work.gone();
  }

  #ask(action: Action): RequestId {
    this.#requests += 1;
    const request = RequestId.parse(`r-${String(this.#requests).padStart(12, '0')}`);
    this.emit({
      kind: 'gate.requested',
      data: {
        ...{ request, agent: '', action, digest: NOTHING, verdict: 'hold', needs: 1, from: '', rules: [] },
        ...{ why: '', policy: NOTHING, expires: 0, can: { edit: false, note: false }, via: 'cell' },
        facts: {
          ...{ verb: 'Other', programs: [], classes: [], targets: [], inside: true },
          ...{ risk: 40, level: 'medium', title: '', effect: '' },
        },
      },
    });
    return request;
  }

  #world(): World {
    const bench = this;
    return {
      get state() {
        return bench.state;
      },
      emit: (...drafts) => {
        bench.emit(...drafts);
        return { events: [], durable: Promise.resolve() };
      },
      now: () => bench.now,
      random: () => 0.5,
      log: () => {},
      after: (ms, callback) => {
        const timer = { at: bench.now + ms, callback };
        bench.#timers.push(timer);
        return () => {
          bench.#timers = bench.#timers.filter(one => one !== timer);
        };
      },
    };
  }
}

export const GENOME = asJson(OTHER);
