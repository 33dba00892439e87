/** What was carried over from another tool's words into a fleet file's `restart:` and `healing:`, and what was not. */
import type { DependencyConfig, HealingConfig, HealingLevel, ProbeConfig } from '../../model/healing.ts';

type Written<T> = { readonly [K in keyof T]?: T[K] extends number | undefined ? string | number : T[K] };

interface CarriedHealing {
  readonly level?: HealingLevel;
  readonly verify?: string;
  readonly silence?: string;
  readonly limits?: Partial<HealingConfig['limits']>;
  readonly probes?: Readonly<Record<string, Written<ProbeConfig>>>;
  readonly depends?: Readonly<Record<string, Written<DependencyConfig>>>;
}

/** As people write it: durations are text. */
export interface Carried {
  readonly restart: Readonly<Record<string, string | number>>;
  readonly healing: CarriedHealing;
  /** Each a sentence: what it was, and why it is not there. */
  readonly lost: readonly string[];
}

/** Of each program the file is about, by name. */
export type Translation = Readonly<Record<string, Carried>>;

export class Carrying {
  readonly restart: Record<string, string | number> = {};
  readonly lost: string[] = [];
  readonly probes: Record<string, Written<ProbeConfig>> = {};
  healing: Carried['healing'] = {};

  /** Said once, however often the key is there. */
  lose(what: string, why: string): void {
    const words = `${what}: ${why}`;
    if (!this.lost.includes(words)) this.lost.push(words);
  }

  get carried(): Carried {
    const probes = Object.keys(this.probes).length > 0 ? { probes: this.probes } : {};
    return { restart: this.restart, healing: { ...this.healing, ...probes }, lost: this.lost };
  }
}

/** `90000` → `90s`, `1500` → `1500ms`: as a fleet file has durations. */
export function durationText(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole > 0 && whole % 60_000 === 0) return `${whole / 60_000}m`;
  return whole % 1000 === 0 ? `${whole / 1000}s` : `${whole}ms`;
}

/** No look that an engine waits for takes longer, ms: other tools' seconds would keep it from noticing. */
const LONGEST_LOOK_MS = 500;

/** A deadline as it may be here, with a word about it where it was longer. */
export function deadline(to: Carrying, key: string, ms: number): string {
  if (ms > LONGEST_LOOK_MS)
    to.lose(
      key,
      `carried over as it is (${durationText(ms)}); ${LONGEST_LOOK_MS}ms, the default here, notices sooner`,
    );
  return durationText(ms);
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

export function number(value: unknown): number | undefined {
  const found =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && value.trim() !== ''
        ? Number(value)
        : Number.NaN;
  return Number.isFinite(found) ? found : undefined;
}
