/** A set of listeners for one kind of happening. The same function may be added twice and is then called twice. */
export class Listeners<A extends readonly unknown[]> {
  readonly #all = new Set<{ readonly call: (...args: A) => void }>();

  /** Returns the function that removes the listener again. */
  add(listener: (...args: A) => void): () => void {
    const entry = { call: listener };
    this.#all.add(entry);
    return () => void this.#all.delete(entry);
  }

  emit(...args: A): void {
    for (const { call } of [...this.#all]) call(...args);
  }
}
