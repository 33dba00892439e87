/**
 * Where a playing recording stands. Pure: time comes in, events to show come out. Long silences are cut to `idle`, so
 * played time and recorded time differ; everything here is played time, ms.
 */
import type { TimedEvent } from './read.ts';

export interface PlaybackOptions {
  readonly speed: number;
  /** Longest silence, ms. */
  readonly idle: number;
}

/** What to show: these events, on a screen as it is, or on an empty one. */
export interface Step {
  readonly fresh: boolean;
  readonly from: number;
  readonly to: number;
}

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, 32] as const;

export class Playback {
  readonly events: readonly TimedEvent[];
  /** Played time of each event. */
  readonly #times: Float64Array;
  #shown = 0;
  #at = 0;
  speed: number;
  paused = false;

  constructor(events: readonly TimedEvent[], { speed, idle }: PlaybackOptions) {
    this.events = events;
    this.speed = speed;
    this.#times = new Float64Array(events.length);
    let at = 0;
    let before = 0;
    for (const [n, event] of events.entries()) {
      at += Math.min(Math.max(0, event.at - before), idle);
      before = event.at;
      this.#times[n] = at;
    }
  }

  get at(): number {
    return this.#at;
  }

  get length(): number {
    return this.#times.at(-1) ?? 0;
  }

  get ended(): boolean {
    return this.#shown >= this.events.length;
  }

  /** How long until the next event, in the viewer's own ms; Infinity when there is none. */
  get wait(): number {
    const next = this.#times[this.#shown];
    return next === undefined || this.paused
      ? Number.POSITIVE_INFINITY
      : Math.max(0, (next - this.#at) / this.speed);
  }

  /** Played time of the first event at or after this recorded time. */
  timeOf(recorded: number): number {
    const n = this.events.findIndex(event => event.at >= recorded);
    return n < 0 ? this.length : (this.#times[n] ?? 0);
  }

  /** So much of the viewer's time has passed. */
  advance(ms: number): Step {
    if (this.paused) return { fresh: false, from: this.#shown, to: this.#shown };
    return this.#goTo(Math.min(this.length, this.#at + ms * this.speed));
  }

  seek(at: number): Step {
    return this.#goTo(Math.max(0, Math.min(this.length, at)));
  }

  /** To the next marker (1) or the one before (-1); stays where there is none. */
  seekMarker(direction: 1 | -1): Step {
    const marks = this.events.flatMap(({ code }, n) => (code === 'm' ? [this.#times[n] ?? 0] : []));
    const target =
      direction > 0 ? marks.find(at => at > this.#at) : marks.findLast(at => at < this.#at - 500);
    return this.seek(target ?? this.#at);
  }

  faster(direction: 1 | -1): void {
    const next = direction > 0 ? SPEEDS.find(s => s > this.speed) : SPEEDS.findLast(s => s < this.speed);
    this.speed = next ?? this.speed;
  }

  #goTo(at: number): Step {
    const fresh = at < this.#at;
    const from = fresh ? 0 : this.#shown;
    let to = from;
    while (to < this.events.length && (this.#times[to] ?? 0) <= at) to += 1;
    this.#at = at;
    this.#shown = to;
    return { fresh, from, to };
  }
}
