/**
 * It goes round in circles: the same screens, or the same commands with the same outcome, again and again. A program
 * that has never shown anything else is as usual; who waits for a person or idles is not going anywhere by right.
 */
import type { Millis } from '../../model/ids.ts';
import { type Loop, RepeatDetector, repeatFinding } from '../detect/repeat.ts';
import { type Detector, NO_WAIT } from '../detector.ts';
import type { Anomaly, Signal } from '../types.ts';

/** Screens are looked at every five seconds: this is a minute of the same, and longer cycles fit no screen. */
const SCREENS = { longest: 4, rounds: 6, steps: 12 };
/** Different screens it must have shown in its life before the same ones again are unusual for it. */
const VARIED = 8;
/** Times remembered: as many steps as the longest loop has when it is found. */
const KEPT = 40;

/** One sequence of digests, and when each came. */
class Sequence {
  readonly #detector: RepeatDetector;
  readonly #times: Millis[] = [];
  loop: Loop | undefined;
  since: Millis = 0;

  constructor(detector: RepeatDetector) {
    this.#detector = detector;
  }

  push(digest: string, now: Millis): void {
    this.#times.push(now);
    if (this.#times.length > KEPT) this.#times.shift();
    const before = this.loop;
    this.loop = this.#detector.push(digest);
    if (this.loop && !before) this.since = this.#times.at(-this.loop.steps) ?? now;
  }

  clear(): void {
    this.#detector.clear();
    this.loop = undefined;
  }
}

export function repeats(): Detector {
  const screens = new Sequence(new RepeatDetector(SCREENS));
  const commands = new Sequence(new RepeatDetector());
  const varied = new Set<string>();
  let command = '';

  function take(signal: Signal, now: Millis): void {
    if (signal.signal === 'screen') {
      if (varied.size < VARIED) varied.add(signal.digest);
      screens.push(signal.digest, now);
    } else if (signal.signal === 'command') {
      command = signal.words;
      commands.push(signal.digest, now);
    }
  }

  function found(now: Millis): Anomaly | undefined {
    const findings = [];
    if (commands.loop) {
      const { words, ...finding } = repeatFinding('command', commands.loop);
      findings.push({ ...finding, words: `${words}, with the same outcome: ${command}` });
    }
    if (screens.loop && varied.size >= VARIED) findings.push(repeatFinding('screen', screens.loop));
    if (findings.length === 0) return undefined;
    const since = commands.loop ? commands.since : screens.since;
    return { fault: 'repeat', at: now, since, findings, waitFor: NO_WAIT };
  }

  return {
    name: 'repeat',
    see(signal, { picture, now }) {
      const rests = !picture.alive || picture.doing === 'waiting' || picture.doing === 'idle';
      if (rests || signal.signal === 'started') {
        screens.clear();
        commands.clear();
        return undefined;
      }
      take(signal, now);
      return found(now);
    },
    nextLook: () => Number.POSITIVE_INFINITY,
  };
}
