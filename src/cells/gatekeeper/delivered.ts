/** Requests whose answer has been given: none is given twice. */

/** How many are remembered. */
const KEPT = 10_000;

export class Delivered {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (oldest !== undefined && this.#ids.size > KEPT) this.#ids.delete(oldest);
  }
}
