/** Whether anything was lost, leaked or stuck. Pure: from what was seen. */
import type { FleetState } from '../../src/model/state.ts';
import { type EngineSample, type Holdings, slopeAMinute } from './gauge.ts';

export interface Seen {
  /** As the journal has it when all had time to become well. */
  readonly state: FleetState;
  /** Agents of which the ward has heard nothing for a while though they are said to run. */
  readonly silent: readonly string[];
  /** What a person would call forgotten, as it was seen on the way. */
  readonly forgotten: readonly string[];
  readonly verified: { readonly ok: boolean; readonly words: string };
  readonly before: Holdings;
  readonly after: Holdings;
  /** What still ran after `hms down`. */
  readonly left: readonly string[];
  readonly engine: readonly EngineSample[];
  /** What the engine's heap held without garbage at half time and at the end, MB; undefined where it was not the same engine, or not known. */
  readonly heap: { readonly from: number; readonly to: number; readonly minutes: number } | undefined;
  /** Engines that came, and those for which there was a reason: the first start, and each kill. */
  readonly engines: { readonly came: number; readonly expected: number };
}

export interface Verdict {
  readonly lost: readonly string[];
  readonly leaked: readonly string[];
  readonly stuck: readonly string[];
  /** Of the heap without garbage; undefined where that is not known. */
  readonly heapMbAMinute: number | undefined;
  /** Of resident memory, garbage and all: told, not judged. */
  readonly engineMbAMinute: number;
  readonly engineFdsAMinute: number;
}

/** A young engine fills its caches, ms. */
const YOUNG_MS = 120_000;
/** What is no leak: the slope of five minutes or more of one engine's life. */
const LIFE_MS = 300_000;
const MOST_MB_A_MINUTE = 1;
/** Caches fill: less is told, not judged, minutes. */
const LEAST_MINUTES = 5;
const MOST_FDS_A_MINUTE = 0.5;
/** A program between two of its children. */
const MOST_MORE_PROCESSES = 3;

export function verdictOf(seen: Seen): Verdict {
  const { state, silent, forgotten, verified, before, after, left, engines } = seen;
  const incidents = Object.values(state.incidents);
  const asked = new Set(Object.values(state.pending).map(({ agent }) => agent));
  const lost = Object.values(state.agents)
    .filter(({ id, alive }) => (!alive || silent.includes(id)) && !asked.has(id))
    .map(
      ({ id, status, evidence }) => `${id} does not run, and nobody was asked: ${status}, ${evidence.detail}`,
    );
  if (!verified.ok) lost.push(`the journal does not verify: ${verified.words}`);
  if (engines.came > engines.expected)
    lost.push(`${engines.came} engines came where ${engines.expected} were to: one ended by itself`);
  const stuck = [
    ...forgotten,
    ...incidents.map(({ id, agent, class: fault }) => `${id} of ${agent} is still open: ${fault}`),
    ...Object.values(state.pending).map(
      ({ id, action }) => `${id} still waits for an answer: ${action.tool}`,
    ),
  ];
  const leaked = Object.entries(after).flatMap(([what, held]) => {
    const was = before[what] ?? [];
    if (held.length <= was.length + (what === 'processes' ? MOST_MORE_PROCESSES : 0)) return [];
    const fresh = held.filter(one => !was.includes(one)).map(one => one.trim().slice(0, 100));
    return [`${what}: ${held.length}, ${was.length} at the start; new: ${fresh.join(' · ')}`];
  });
  for (const line of left) leaked.push(`still runs after hms down: ${line.trim().slice(0, 160)}`);
  const growth = growthOf(seen.engine);
  const { heap } = seen;
  const heapMbAMinute = heap && heap.minutes > 0 ? (heap.to - heap.from) / heap.minutes : undefined;
  if (heap && heap.minutes >= LEAST_MINUTES && (heapMbAMinute ?? 0) > MOST_MB_A_MINUTE)
    leaked.push(`the engine's heap grows by ${heapMbAMinute?.toFixed(1)} MB a minute`);
  if (growth.fds > MOST_FDS_A_MINUTE)
    leaked.push(`the engine opens ${growth.fds.toFixed(1)} files more a minute`);
  return { lost, leaked, stuck, heapMbAMinute, engineMbAMinute: growth.mb, engineFdsAMinute: growth.fds };
}

/** Of the engine that lived longest, once it was no longer young; 0 for one that did not live long. */
function growthOf(samples: readonly EngineSample[]): { readonly mb: number; readonly fds: number } {
  const lives = Map.groupBy(samples, ({ pid }) => pid);
  const spans = [...lives.values()].sort((a, b) => spanOf(b) - spanOf(a));
  const [life = []] = spans;
  const begun = life[0]?.at ?? 0;
  const old = life.filter(({ at }) => at - begun >= YOUNG_MS);
  if (spanOf(old) < LIFE_MS) return { mb: 0, fds: 0 };
  const of = (value: (sample: EngineSample) => number | null): number =>
    slopeAMinute(
      old
        .flatMap(one => [{ at: one.at, value: value(one) ?? Number.NaN }])
        .filter(({ value }) => !Number.isNaN(value)),
    );
  return { mb: of(({ rssMb }) => rssMb), fds: of(({ fds }) => fds) };
}

const spanOf = (samples: readonly EngineSample[]): number =>
  (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
