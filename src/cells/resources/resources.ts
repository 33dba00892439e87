/**
 * What agents use of the machine, once a second: for who looks, never for the journal. Remembers some minutes, so that
 * a console that comes sees more than the moment.
 */

import type { CellHealth } from '../../model/cell.ts';
import type { AlertConfig } from '../../model/fleet.ts';
import type { Alert, DeeperReading, Reading, Sample, Series } from '../../model/resources.ts';
import { extended, NO_SERIES, SERIES_KEPT } from '../../model/resources.ts';
import { plural, spanWords } from '../../model/text.ts';
import type { Trees } from '../../processes/fleet-trees.ts';
import { UsageMeter } from '../../processes/usage.ts';
import { type Cell, healthy, type World } from '../cell.ts';
import { alertsOf, bottleneckOf, type Holding, holdingNow } from './alerts.ts';

/** It is to measure every second; one that has not for so long does not any more, ms. */
const BLIND_MS = 10_000;

interface ResourcesOptions {
  look(): Trees;
  readonly cores: number;
  /** ms of a clock that only goes forward. */
  monotonic(): number;
  /** Bytes an agent's pane has printed so far; undefined where nobody counts them. */
  printed(agent: string): number | undefined;
  alerts(): AlertConfig;
  /** What more is known, where it is; also asks for the next. */
  deeper(): DeeperReading | undefined;
  onReading(reading: Reading): void;
}

interface Memory {
  readonly series: Series;
  readonly threads: readonly number[];
  readonly holding: Holding;
  readonly printed: number | undefined;
}

const NOTHING: Memory = { series: NO_SERIES, threads: [], holding: {}, printed: undefined };

export class Resources implements Cell {
  readonly name = 'resources';
  readonly #world: World;
  readonly #options: ResourcesOptions;
  readonly #meter: UsageMeter;
  readonly #memory = new Map<string, Memory>();
  #at = 0;

  constructor(world: World, options: ResourcesOptions) {
    this.#world = world;
    this.#options = options;
    this.#meter = new UsageMeter(options.cores);
  }

  /** One value a second of each agent, as far back as is remembered. */
  get history(): Readonly<Record<string, Series>> {
    return Object.fromEntries([...this.#memory].map(([agent, { series }]) => [agent, series]));
  }

  /** To be called every second. */
  look(): void {
    const at = this.#options.monotonic();
    const usage = this.#meter.measure(this.#options.look(), at);
    const seconds = this.#at === 0 ? 0 : (at - this.#at) / 1000;
    this.#at = at;
    const { agents } = this.#world.state;
    const samples: Record<string, Sample> = {};
    const alerts: Alert[] = [];
    for (const id of this.#memory.keys()) if (!agents[id]) this.#memory.delete(id);
    for (const id of Object.keys(agents)) {
      const used = usage.get(id);
      const before = this.#memory.get(id) ?? NOTHING;
      const printed = this.#options.printed(id);
      const sample =
        used && used.processes > 0 ? { ...used, output: rate(before.printed, printed, seconds) } : undefined;
      if (sample) samples[id] = sample;
      const after = this.#remember(before, sample, printed);
      this.#memory.set(id, after);
      if (!sample) continue;
      const { series, threads, holding } = after;
      alerts.push(
        ...alertsOf(this.#options.alerts(), id, holding, sample, series, threads, this.#world.now()),
      );
    }
    const { cores } = this.#options;
    const bottleneck = bottleneckOf(samples, cores);
    const deeper = this.#options.deeper();
    const more = deeper ? { deeper } : {};
    this.#options.onReading({ at: this.#world.now(), cores, samples, alerts, bottleneck, ...more });
  }

  healthCheck(): CellHealth {
    const ms = this.#options.monotonic() - this.#at;
    if (this.#at > 0 && ms > BLIND_MS)
      return { state: 'failing', words: `has not measured for ${spanWords(ms)}` };
    return healthy(`measures ${plural(this.#memory.size, 'agent')}`);
  }

  stop(): void {
    this.#memory.clear();
  }

  #remember(before: Memory, sample: Sample | undefined, printed: number | undefined): Memory {
    const series = extended(before.series, sample);
    const threads = [...before.threads.slice(1 - SERIES_KEPT), sample?.threads ?? 0];
    const holding = sample
      ? holdingNow(this.#options.alerts(), before.holding, sample, series, threads, this.#world.now())
      : {};
    return { series, threads, holding, printed };
  }
}

/** A new recording begins again from nothing. */
function rate(before: number | undefined, now: number | undefined, seconds: number): number | null {
  if (now === undefined) return null;
  if (before === undefined || seconds <= 0) return 0;
  return Math.round((now >= before ? now - before : now) / seconds);
}
