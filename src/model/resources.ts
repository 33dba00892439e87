/** What agents use of the machine. Measured, shown and forgotten: none of it is in the journal. */
import type { Millis } from './ids.ts';

/** One look at what an agent's processes use. */
export interface Sample {
  /** Percent of one core since the look before. */
  readonly cpu: number;
  /** Resident memory of all its processes, bytes. What they share counts for each. */
  readonly rss: number;
  /** null where the system does not say. */
  readonly threads: number | null;
  readonly processes: number;
  /** At this look one of its processes ran, or would have on a machine with a core to spare. */
  readonly runs?: boolean;
  /** Bytes printed a second; null where its pane is not recorded. */
  readonly output: number | null;
}

export const ALERT_KINDS = ['cpu', 'memory', 'threads', 'output'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export interface Alert {
  readonly agent: string;
  readonly kind: AlertKind;
  readonly since: Millis;
  /** What is after the mark: `over 90 % of a core (now 151 %)`. */
  readonly words: string;
}

/** Glyph and word of an alert: never colour alone. */
export const ALERT_MARK: Readonly<Record<AlertKind, string>> = {
  cpu: '▲ CPU',
  memory: '▲ memory',
  threads: '▲ threads',
  output: '▲ output',
};

/** What only the native helper measures of an agent's processes; null where it may not be read. */
export interface Deeper {
  /** Open files. */
  readonly fds: number | null;
  /** Bytes a second that came from and went to storage. */
  readonly read: number | null;
  readonly written: number | null;
}

export interface DeeperReading {
  readonly agents: Readonly<Record<string, Deeper>>;
  /** Percent of the last 10 s in which some task of the machine stood still for lack of it; null: the kernel does not say. */
  readonly stalled: {
    readonly cpu: number | null;
    readonly memory: number | null;
    readonly io: number | null;
  };
}

/** The newest sample of each agent that runs, and what stands out. */
export interface Reading {
  readonly at: Millis;
  readonly cores: number;
  readonly samples: Readonly<Record<string, Sample>>;
  readonly alerts: readonly Alert[];
  /** The agent the machine mostly works for while it is busy, else ''. */
  readonly bottleneck: string;
  /** Where the native helper runs. */
  readonly deeper?: DeeperReading;
}

/** Columns that are kept over time, a value a second, oldest first. */
export interface Series {
  readonly cpu: readonly number[];
  readonly rss: readonly number[];
  readonly output: readonly number[];
}

/** Seconds of history that are kept. */
export const SERIES_KEPT = 180;

export const NO_SERIES: Series = { cpu: [], rss: [], output: [] };

/** The series with one more second; an agent that does not run uses nothing. */
export function extended(series: Series, sample: Sample | undefined): Series {
  const more = (values: readonly number[], value: number) => [...values.slice(1 - SERIES_KEPT), value];
  return {
    cpu: more(series.cpu, sample?.cpu ?? 0),
    rss: more(series.rss, sample?.rss ?? 0),
    output: more(series.output, sample?.output ?? 0),
  };
}

const BARS = '▁▂▃▄▅▆▇█';

/** `values` as `width` bars, the newest at the right; each bar is the highest value of its time. `top` fills a bar. */
export function sparkline(values: readonly number[], width: number, top?: number): string {
  if (width <= 0 || values.length === 0) return '';
  const per = Math.max(1, Math.ceil(SERIES_KEPT / width));
  const found: number[] = [];
  for (let end = values.length; end > 0 && found.length < width; end -= per) {
    found.unshift(Math.max(...values.slice(Math.max(0, end - per), end)));
  }
  return bars(found, top);
}

/** A bar a value, the highest as high as one can be, or `top`. */
export function bars(values: readonly number[], top = 0): string {
  const highest = Math.max(top, ...values) || 1;
  return values
    .map(value => BARS[Math.min(BARS.length - 1, Math.round((value / highest) * (BARS.length - 1)))])
    .join('');
}

/** `812 K`, `1.4 G`: bytes in at most five columns. */
export function bytesWords(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
