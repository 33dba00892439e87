/**
 * Chunks of a cast file settle in the journal: the digest of each is SHA-256 over the digest before it and its bytes. So
 * every chunk can be told altered or not by itself, and none can be taken out, put in or moved.
 */
import { createHash, type Hash } from 'node:crypto';

export class Chain {
  #previous: string;
  #hash: Hash;

  /** @param previous digest of the chunk before, hex; NO_DIGEST for the first */
  constructor(previous: string) {
    this.#previous = previous;
    this.#hash = begun(previous);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** The digest of what has come since the last; the next chunk begins. */
  settle(): string {
    this.#previous = this.#hash.digest('hex');
    this.#hash = begun(this.#previous);
    return this.#previous;
  }
}

function begun(previous: string): Hash {
  return createHash('sha256').update(previous, 'hex');
}
