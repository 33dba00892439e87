/** So many at once, the others in turn. */
export class Turns {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #under = 0;

  constructor(most: number) {
    this.#most = most;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#under < this.#most) this.#under += 1;
    else await new Promise<void>(resolve => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever is next takes over this place.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#under -= 1;
    }
  }
}
