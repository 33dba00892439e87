/**
 * Half-Space Trees (Tan, Ting and Liu 2011, "Fast Anomaly Detection for Streaming Data", IJCAI): is this combination of
 * numbers one that was seen before? Each tree halves the space at random; what falls where little fell during the last
 * window is strange, also when each number alone is usual (busy and silent at once).
 *
 * Memory: trees × 2^(depth+1) nodes of 13 bytes; time: trees × depth steps a look. Nothing is allocated after the start.
 */
import type { Random } from '../random.ts';

export interface HalfSpaceOptions {
  readonly trees: number;
  /** The paper has 15; 8 tells as well apart what an agent does and takes 1/128 of the memory. */
  readonly depth: number;
  /** Looks until the present becomes the reference. */
  readonly window: number;
  /** A node with fewer than this share of a window is not looked below (the paper's size limit). */
  readonly sizeLimit: number;
}

export const HALF_SPACE: HalfSpaceOptions = { trees: 25, depth: 8, window: 250, sizeLimit: 0.1 };

interface Tree {
  readonly dimension: Uint8Array;
  readonly cut: Float32Array;
  reference: Float32Array;
  latest: Float32Array;
}

export class HalfSpaceTrees {
  readonly #options: HalfSpaceOptions;
  readonly #trees: readonly Tree[];
  #looks = 0;
  #ready = false;

  /** @param dimensions how many numbers a look has, at most 255 */
  constructor(dimensions: number, random: Random, options: Partial<HalfSpaceOptions> = {}) {
    this.#options = { ...HALF_SPACE, ...options };
    this.#trees = Array.from({ length: this.#options.trees }, () =>
      grow(dimensions, this.#options.depth, random),
    );
  }

  /**
   * @param point one number a dimension, scaled to about [0, 1]
   * @returns how empty its part of the space was during the last window: 0 as full as can be, 1 never seen anything
   *   near; undefined during the first window
   */
  push(point: ArrayLike<number>): number | undefined {
    const { depth, window, sizeLimit, trees } = this.#options;
    const enough = sizeLimit * window;
    let mass = 0;
    for (const { dimension, cut, reference, latest } of this.#trees) {
      let node = 0;
      let scored = false;
      for (let level = 0; ; level += 1) {
        const seen = reference[node] ?? 0;
        if (!scored && (level === depth || seen < enough)) {
          mass += Math.min(1, (seen / window) * 2 ** level);
          scored = true;
        }
        latest[node] = (latest[node] ?? 0) + 1;
        if (level === depth) break;
        node = 2 * node + ((point[dimension[node] ?? 0] ?? 0) < (cut[node] ?? 0) ? 1 : 2);
      }
    }
    const empty = this.#ready ? 1 - mass / trees : undefined;
    this.#looks += 1;
    if (this.#looks >= window) this.#turn();
    return empty;
  }

  #turn(): void {
    this.#looks = 0;
    this.#ready = true;
    for (const tree of this.#trees) {
      [tree.reference, tree.latest] = [tree.latest, tree.reference];
      tree.latest.fill(0);
    }
  }
}

/** Work ranges as in the paper: [0, 1] stretched about a random point, so that no two trees cut alike. */
function grow(dimensions: number, depth: number, random: Random): Tree {
  const nodes = 2 ** (depth + 1) - 1;
  const tree: Tree = {
    dimension: new Uint8Array(nodes),
    cut: new Float32Array(nodes),
    reference: new Float32Array(nodes),
    latest: new Float32Array(nodes),
  };
  const ranges = Array.from({ length: dimensions }, (): readonly [number, number] => {
    const about = random();
    const reach = 2 * Math.max(about, 1 - about);
    return [about - reach, about + reach];
  });
  const split = (node: number, level: number, within: readonly (readonly [number, number])[]): void => {
    if (level === depth) return;
    const dimension = Math.floor(random() * dimensions);
    const [low, high] = within[dimension] ?? [0, 1];
    const middle = (low + high) / 2;
    tree.dimension[node] = dimension;
    tree.cut[node] = middle;
    split(2 * node + 1, level + 1, within.with(dimension, [low, middle]));
    split(2 * node + 2, level + 1, within.with(dimension, [middle, high]));
  };
  split(0, 0, ranges);
  return tree;
}
