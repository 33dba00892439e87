/** What stands out of an agent's resources, and for how long it must. Pure. */
import type { AlertConfig } from '../../model/fleet.ts';
import type { Millis } from '../../model/ids.ts';
import {
  ALERT_KINDS,
  type Alert,
  type AlertKind,
  bytesWords,
  type Sample,
  type Series,
} from '../../model/resources.ts';

/** Since when a condition holds without a break, by kind; of one agent. */
export type Holding = Readonly<Partial<Record<AlertKind, Millis>>>;

const MB = 1024 * 1024;

/** What holds now; `before` tells since when. `threads` are one value a second, as the series. */
export function holdingNow(
  config: AlertConfig,
  before: Holding,
  sample: Sample,
  series: Series,
  threads: readonly number[],
  now: Millis,
): Holding {
  const seconds = Math.max(1, Math.round(config.window / 1000));
  const holds: Readonly<Record<AlertKind, boolean>> = {
    cpu: sample.cpu > config.cpu,
    memory: growth(series.rss, seconds) > config.memory_growth * MB,
    threads: growth(threads, seconds) > config.threads_growth,
    output: (sample.output ?? 0) > config.output * 1024,
  };
  const kept = ALERT_KINDS.filter(kind => holds[kind]).map(kind => [kind, before[kind] ?? now]);
  return Object.fromEntries(kept);
}

/** Those that have held for long enough. */
export function alertsOf(
  config: AlertConfig,
  agent: string,
  holding: Holding,
  sample: Sample,
  series: Series,
  threads: readonly number[],
  now: Millis,
): readonly Alert[] {
  const seconds = Math.max(1, Math.round(config.window / 1000));
  return ALERT_KINDS.flatMap(kind => {
    const since = holding[kind];
    const patience = kind === 'cpu' || kind === 'output' ? config.for : 0;
    if (since === undefined || now - since < patience) return [];
    return [{ agent, kind, since, words: words(kind) }];
  });

  function words(kind: AlertKind): string {
    const within = `within ${Math.round(config.window / 1000)} s`;
    switch (kind) {
      case 'cpu':
        return `over ${config.cpu} % of a core (now ${Math.round(sample.cpu)} %)`;
      case 'memory':
        return `grew by ${bytesWords(growth(series.rss, seconds))} ${within}`;
      case 'threads':
        return `${growth(threads, seconds)} more ${within}`;
      case 'output':
        return `${bytesWords(sample.output ?? 0)} a second`;
    }
  }
}

/** How much more there is now than at the least within these last seconds. Time before it used anything does not count. */
function growth(values: readonly number[], seconds: number): number {
  const recent = values.slice(-seconds).filter(value => value > 0);
  const last = recent.at(-1) ?? 0;
  return recent.length === 0 ? 0 : last - Math.min(...recent);
}

/** The agent that uses most of what the machine has while it has little left. */
export function bottleneckOf(samples: Readonly<Record<string, Sample>>, cores: number): string {
  const all = Object.entries(samples);
  const total = all.reduce((sum, [, { cpu }]) => sum + cpu, 0);
  const [agent, most] = all.reduce<readonly [string, number]>(
    (best, [id, { cpu }]) => (cpu > best[1] ? [id, cpu] : best),
    ['', 0],
  );
  return total >= cores * 80 && most >= total / 2 ? agent : '';
}
