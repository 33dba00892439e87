/**
 * All numbers of an agent together (`JointDetector`: EWMA tails and CUSUM of each, Half-Space Trees of their combination).
 * A new kind of work looks as strange as a fault does, so this alone is never a reason to act: it bears a guess out, and
 * shows people what else was unusual.
 */
import type { Millis } from '../../model/ids.ts';
import { type Finding, surpriseOf } from '../detect/finding.ts';
import { JointDetector, type Measure } from '../detect/joint.ts';
import type { Look } from '../detector.ts';
import type { Picture } from '../picture.ts';
import type { Random } from '../random.ts';
import type { Signal } from '../types.ts';

/** What was seen so lately belongs to what is guessed now, ms. */
const LATELY_MS = 30_000;
/** Surprise in bans that is told: once in a hundred looks is said of something every other minute. */
const LEAST = 3;
/** More would hide what was guessed. */
const MOST = 3;
const MB = 1 << 20;

interface Dimension extends Measure {
  /** NaN where it is not known. */
  of(picture: Picture): number;
}

const DIMENSIONS: readonly Dimension[] = [
  { name: 'CPU', unit: ' %', of: ({ use }) => use?.cpu ?? Number.NaN },
  { name: 'memory', unit: ' MB', of: ({ use }) => (use ? use.rss / MB : Number.NaN) },
  { name: 'output', unit: ' B/s', of: ({ use }) => use?.output ?? Number.NaN },
  { name: 'open files', unit: '', of: ({ use }) => use?.fds ?? Number.NaN },
  { name: 'children', unit: '', of: ({ use }) => use?.children ?? Number.NaN },
  { name: 'tokens', unit: ' a minute', of: ({ spent }) => spent?.tokensPerMin ?? Number.NaN },
];

export class Witness {
  readonly #random: Random;
  readonly #values = new Float64Array(DIMENSIONS.length);
  /** Made at the first look: it is a fifth of a megabyte. */
  #joint: JointDetector | undefined;
  /** The most telling of each number, and of their combination. */
  readonly #seen = new Map<string, { readonly finding: Finding; readonly at: Millis }>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** What it uses while it waits, or while something is wrong, says nothing of what is usual. */
  see(signal: Signal, { picture, now, troubled }: Look): void {
    const { alive, doing } = picture;
    if (!alive || doing === 'waiting' || doing === 'idle' || signal.signal === 'started') this.#seen.clear();
    else if (signal.signal === 'resources' && !troubled) this.#look(picture, now);
  }

  /** What was unusual lately, the most telling first. */
  findings(now: Millis): readonly Finding[] {
    if (this.#seen.size === 0) return [];
    const lately = [...this.#seen.values()].filter(({ at }) => now - at <= LATELY_MS);
    return lately
      .map(({ finding }) => finding)
      .sort((a, b) => b.score - a.score)
      .slice(0, MOST);
  }

  #look(picture: Picture, now: Millis): void {
    this.#joint ??= new JointDetector(DIMENSIONS, this.#random);
    DIMENSIONS.forEach((dimension, at) => {
      this.#values[at] = dimension.of(picture);
    });
    for (const finding of this.#joint.push(this.#values)) {
      if (surpriseOf(finding.score) < LEAST) continue;
      const about = DIMENSIONS.find(({ name }) => finding.words.startsWith(`${name} `))?.name;
      const key = finding.detector === 'half-space trees' ? 'together' : (about ?? '');
      const before = this.#seen.get(key);
      const known = before && now - before.at <= LATELY_MS && before.finding.score > finding.score;
      if (!known) this.#seen.set(key, { finding, at: now });
    }
  }
}
