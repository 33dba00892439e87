/** Breakers with a world of their own. */
import { Breakers } from '../../../src/cells/breakers/breakers.ts';
import type { World } from '../../../src/cells/cell.ts';
import type { BreakersConfig } from '../../../src/model/breaker-settings.ts';
import type { Draft, Event } from '../../../src/model/event.ts';
import { reduce } from '../../../src/model/reduce.ts';
import { EMPTY, type FleetState } from '../../../src/model/state.ts';

/** An event as far as it matters. */
export interface Told {
  readonly kind: Draft['kind'];
  readonly data: unknown;
  readonly actor?: Draft['actor'];
}

/** A journal, a state and a clock that only goes when it is told to. */
export class Little {
  state: FleetState = EMPTY;
  readonly events: Event[] = [];
  time = 1_000_000;
  timers: { readonly at: number; readonly call: () => void }[] = [];
  readonly turns: string[] = [];
  config: BreakersConfig = {};
  /** Of every agent. */
  provider: string | undefined;

  readonly world: World = {
    state: EMPTY,
    emit: (...drafts) => {
      for (const draft of drafts) {
        const event = { ...draft, seq: this.state.seq + 1, time: this.time, prev: '', hash: '' } as unknown;
        this.events.push(event as Event);
        this.state = reduce(this.state, event as Event);
      }
      return { events: [], durable: Promise.resolve() };
    },
    now: () => this.time,
    random: () => 0,
    log: () => {},
    after: (ms, call) => {
      const timer = { at: this.time + ms, call };
      this.timers.push(timer);
      return () => {
        this.timers = this.timers.filter(one => one !== timer);
      };
    },
  };

  breakers(): Breakers {
    const world = Object.create(this.world, { state: { get: () => this.state } }) as World;
    const breakers = new Breakers(world, {
      config: () => this.config,
      isAdaptive: () => false,
      mayStart: agent => this.turns.push(`may start ${agent}`),
      providerOf: () => this.provider,
      keepBack: (agent, name, on) => this.turns.push(`${agent} ${on ? 'waits for' : 'is free of'} ${name}`),
      onCounted: () => {},
    });
    breakers.takeCharge();
    return breakers;
  }

  pass(ms: number): void {
    this.time += ms;
    const due = this.timers.filter(({ at }) => at <= this.time);
    this.timers = this.timers.filter(({ at }) => at > this.time);
    for (const { call } of due) call();
  }

  /** It is written down, and the cell hears of it. */
  happens(breakers: Breakers, told: Told): void {
    const actor = { type: 'cell', id: 'supervisor', via: 'engine' } as const;
    this.world.emit({ actor, subject: 'fleet', ...told } as Draft);
    const event = this.events.at(-1);
    if (event) breakers.onEvent(event);
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}
