/** The agents that are healed: how each is set up, looked after, and what agents of its driver have been through. */
import { isDeepStrictEqual } from 'node:util';
import { DriverMemory } from '../../healing/adapt/memory.ts';
import { Witness } from '../../healing/adapt/witness.ts';
import { tuningFor } from '../../healing/evolve/in-force.ts';
import { createSelfHealing } from '../../healing/factory.ts';
import { Picture } from '../../healing/picture.ts';
import { TUNING, type Tuning } from '../../healing/tuning.ts';
import type { History, SelfHealing } from '../../healing/types.ts';
import type { HealingConfig, HealingLevel } from '../../model/healing.ts';
import type { AgentId } from '../../model/ids.ts';
import type { World } from '../cell.ts';
import { abilitiesOf } from './abilities.ts';
import type { Hands } from './hands.ts';
import type { HealedAgent, HealerBreakers } from './healed.ts';
import type { Lookout } from './lookout.ts';
import { pastOutcomes } from './past.ts';

export interface Patient {
  readonly agent: HealedAgent;
  /** As the fleet file has it. */
  readonly config: HealingConfig;
  /** In force. */
  readonly level: HealingLevel;
  readonly lookout: Lookout;
}

interface PatientsOptions extends Pick<Hands, 'snapshotOf' | 'nextSwap'> {
  readonly agents: readonly HealedAgent[];
  readonly breakers: Pick<HealerBreakers, 'strategies'>;
  /** How far our own clock can be trusted, 1 or more. */
  lag(): number;
}

export class Patients {
  readonly #world: World;
  readonly #options: PatientsOptions;
  readonly #memories = new Map<string, DriverMemory>();
  readonly #witnesses = new Map<string, Witness>();
  readonly #patients = new Map<string, Patient>();
  /** Asked for at every look. */
  readonly #configs = new Map<string, HealingConfig>();
  readonly #tunings = new Map<string, Tuning>();

  constructor(world: World, options: PatientsOptions) {
    this.#world = world;
    this.#options = options;
  }

  get(id: string): Patient | undefined {
    return this.#patients.get(id);
  }

  has(id: string): boolean {
    return this.#patients.has(id);
  }

  /** How it is healed, at the level in force. */
  configOf(id: string): HealingConfig | undefined {
    return this.#configs.get(id);
  }

  ids(): Iterable<string> {
    return this.#patients.keys();
  }

  all(): Iterable<Patient> {
    return this.#patients.values();
  }

  /** Takes one in, or instead of what was known of how it is set up. */
  put(patient: Patient): void {
    const { agent, config, level } = patient;
    this.#patients.set(agent.id, patient);
    this.#configs.set(agent.id, { ...config, level });
  }

  /** It is healed no longer. */
  remove(id: string): void {
    this.#patients.get(id)?.lookout.stop();
    this.#patients.delete(id);
    this.#configs.delete(id);
    this.#witnesses.delete(id);
  }

  stop(): void {
    for (const { lookout } of this.#patients.values()) lookout.stop();
  }

  /** Its healing as it is set up; what is known of it from before is given. */
  healingOf({ agent, config, level }: Patient, history?: History): SelfHealing {
    const tuning = this.#tune(agent.id);
    const { discount } = { ...(level === 'evolutionary' ? tuning : TUNING), ...config.tuning };
    const setup = {
      config: { ...config, level },
      policy: agent.config.restart,
      memory: this.#memoryOf(agent.driver.name).discounted(discount),
      abilities: abilitiesOf(agent, {
        state: () => this.#world.state.agents[agent.id],
        needs: () => this.needsOf(agent.id),
        lesser: () => this.lesser(agent.id),
        refuses: strategy => this.#options.breakers.strategies.refuses(strategy),
        save: () => config.save !== '',
        restore: () => this.#options.snapshotOf(agent.id, this.#world.now()) !== undefined,
        swap: () => this.#options.nextSwap(agent.id) !== undefined,
      }),
      random: () => this.#world.random(),
      lag: () => this.#options.lag(),
      ...(level !== 'basic' && { witness: this.#witnessOf(agent.id) }),
      tuning,
    };
    return createSelfHealing(setup, history ?? this.#firstHistory(agent.id));
  }

  /** It has learnt for hours: another level or other settings begin with what it knows. */
  #witnessOf(id: string): Witness {
    const witness = this.#witnesses.get(id) ?? new Witness(() => this.#world.random());
    this.#witnesses.set(id, witness);
    return witness;
  }

  /** What a new engine knows of it: its starts still count. */
  #firstHistory(id: string): History {
    const { restarts = [] } = this.#world.state.agents[id] ?? {};
    return { picture: new Picture().state, restarts, outcomes: [], usual: {} };
  }

  /** Those that are to run on another tuning by now than they do. */
  retuned(): readonly Patient[] {
    const { evolution } = this.#world.state;
    return [...this.#patients.values()].filter(
      ({ agent, level }) =>
        level === 'evolutionary' &&
        !isDeepStrictEqual(this.#tunings.get(agent.id), tuningFor(evolution, agent.id)),
    );
  }

  #tune(id: string): Tuning {
    const tuning = tuningFor(this.#world.state.evolution, id);
    this.#tunings.set(id, tuning);
    return tuning;
  }

  /** Something was started: what others wait for may be about to answer. */
  hint(): void {
    for (const { lookout } of this.#patients.values()) lookout.hint();
  }

  /** Agents it cannot do without. */
  needsOf(id: string): readonly AgentId[] {
    return this.#patients.get(id)?.agent.config.needs ?? [];
  }

  /** Healed agents that run and matter less, the least important first. */
  lesser(id: string): readonly AgentId[] {
    const mine = this.#patients.get(id)?.config.priority ?? 0;
    const { agents } = this.#world.state;
    return [...this.#patients.values()]
      .filter(({ agent, config }) => agent.id !== id && config.priority < mine)
      .filter(({ agent }) => agents[agent.id]?.alive && !agents[agent.id]?.freeze)
      .sort((a, b) => a.config.priority - b.config.priority)
      .map(({ agent }) => agent.id);
  }

  /** What agents of a driver have been through is learnt from together. */
  #memoryOf(driver: string): DriverMemory {
    const known = this.#memories.get(driver);
    if (known) return known;
    const outcomes = this.#options.agents.flatMap(({ id, config, driver: { name } }) =>
      config.healing && name === driver ? pastOutcomes(this.#world.state.healed, id, config.healing) : [],
    );
    const memory = new DriverMemory(TUNING.discount, outcomes);
    this.#memories.set(driver, memory);
    return memory;
  }
}
