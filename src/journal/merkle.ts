/**
 * The Merkle tree of RFC 6962 §2.1 (the same in RFC 9162 §2.1): hashes of leaves and nodes, roots, inclusion and
 * consistency proofs and their verifiers. Hashes are lower-case hex. Pure; where hashes come from is a `Hashes`.
 */
import { hash } from 'node:crypto';

/** Merkle tree hash of no leaves: SHA-256 of nothing. */
export const EMPTY_ROOT = hash('sha256', '');

/** What `prev` of the first event holds. */
export const NO_HASH = '0'.repeat(64);

const node = Buffer.alloc(65);
node[0] = 0x01;

/** SHA-256(0x00 ‖ bytes). A string stands for its UTF-8 bytes. */
export function leafHash(entry: string | Uint8Array): string {
  return typeof entry === 'string'
    ? hash('sha256', `\0${entry}`)
    : hash('sha256', Buffer.concat([Buffer.of(0), entry]));
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: string, right: string): string {
  node.write(left, 1, 'hex');
  node.write(right, 33, 'hex');
  return hash('sha256', node);
}

/** The hash over the 2^level leaves from index·2^level on. */
export type Hashes = (level: number, index: number) => string;

/** Root over a full subtree, whose leaves (or equal subtrees' roots) are given; a power of two of them. */
export function fullRoot(hashes: readonly string[]): string {
  let row = hashes;
  while (row.length > 1) {
    const above: string[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) above.push(nodeHash(row[i] ?? '', row[i + 1] ?? ''));
    row = above;
  }
  return row[0] ?? EMPTY_ROOT;
}

/** Largest power of two smaller than n, for n ≥ 2. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** MTH(D[from:to]); `from` is a multiple of the power of two that holds to − from. */
function rangeHash(hashes: Hashes, from: number, to: number): string {
  const n = to - from;
  if (n === 0) return EMPTY_ROOT;
  const level = Math.log2(n);
  if (Number.isInteger(level)) return hashes(level, from / n);
  const k = split(n);
  return nodeHash(rangeHash(hashes, from, from + k), rangeHash(hashes, from + k, to));
}

/** Root of the tree of the first `size` leaves. */
export function rootAt(hashes: Hashes, size: number): string {
  return rangeHash(hashes, 0, size);
}

/** PATH(m, D[n]) of RFC 6962 §2.1.1, from the leaf upwards. `index` counts from 0 and is below `size`. */
export function inclusionProof(hashes: Hashes, index: number, size: number): string[] {
  const path = (m: number, from: number, to: number): string[] => {
    const n = to - from;
    if (n <= 1) return [];
    const k = split(n);
    return m < k
      ? [...path(m, from, from + k), rangeHash(hashes, from + k, to)]
      : [...path(m - k, from + k, to), rangeHash(hashes, from, from + k)];
  };
  return path(index, 0, size);
}

/** PROOF(m, D[n]) of RFC 6962 §2.1.2: that the tree of `size` leaves extends the one of `old`; 0 < old ≤ size. */
export function consistencyProof(hashes: Hashes, old: number, size: number): string[] {
  const subproof = (m: number, from: number, to: number, whole: boolean): string[] => {
    const n = to - from;
    if (m === n) return whole ? [] : [rangeHash(hashes, from, to)];
    const k = split(n);
    return m <= k
      ? [...subproof(m, from, from + k, whole), rangeHash(hashes, from + k, to)]
      : [...subproof(m - k, from + k, to, false), rangeHash(hashes, from, from + k)];
  };
  return subproof(old, 0, size, true);
}

const half = (n: number) => Math.floor(n / 2);
const odd = (n: number) => n % 2 === 1;

/** Is the leaf at `index` (from 0) in the tree of `size` leaves with this root? RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  leaf: string,
  index: number,
  size: number,
  proof: readonly string[],
  root: string,
): boolean {
  if (!(index >= 0 && index < size && leaf.length === 64)) return false;
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0) return false;
    if (odd(fn) || fn === sn) {
      r = nodeHash(p, r);
      while (!odd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      r = nodeHash(r, p);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && r === root;
}

/** Does the tree of `size` leaves extend the tree of `old` leaves, old > 0? RFC 9162 §2.1.4.2. */
export function verifyConsistency(
  old: number,
  oldRoot: string,
  size: number,
  root: string,
  proof: readonly string[],
): boolean {
  if (!(old > 0 && old <= size)) return false;
  if (old === size) return proof.length === 0 && oldRoot === root;
  const path = Number.isInteger(Math.log2(old)) ? [oldRoot, ...proof] : [...proof];
  let fn = old - 1;
  let sn = size - 1;
  while (odd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  const first = path[0];
  if (first === undefined || proof.length === 0) return false;
  let fr = first;
  let sr = first;
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (odd(fn) || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (!odd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = nodeHash(sr, c);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && fr === oldRoot && sr === root;
}

/**
 * The head of a growing tree: the roots of its full subtrees, largest first (a compact range). One leaf costs one
 * node hash on average; the root costs log₂(size).
 */
export class TreeHead {
  #size = 0;
  readonly #peaks: string[] = [];

  /** The head of the first `size` leaves of a tree that is already there. */
  static of(hashes: Hashes, size: number): TreeHead {
    const head = new TreeHead();
    for (let rest = size, from = 0; rest > 0; ) {
      const level = Math.floor(Math.log2(rest));
      head.#peaks.push(hashes(level, from / 2 ** level));
      from += 2 ** level;
      rest -= 2 ** level;
    }
    head.#size = size;
    return head;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf hash; tells every full subtree that it completes, lowest first. */
  push(leaf: string, completed?: (level: number, index: number, hash: string) => void): void {
    let top = leaf;
    let index = this.#size;
    for (let level = 1; odd(index); level++) {
      top = nodeHash(this.#peaks.pop() ?? '', top);
      index = half(index);
      completed?.(level, index, top);
    }
    this.#peaks.push(top);
    this.#size += 1;
  }

  root(): string {
    return this.#peaks.length === 0
      ? EMPTY_ROOT
      : this.#peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}
