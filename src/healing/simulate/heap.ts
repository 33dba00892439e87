/** Events in order of time; those of one moment in the order they were put in. */
export class EventHeap<E> {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #events: E[] = [];
  #order = 0;

  get size(): number {
    return this.#events.length;
  }

  push(at: number, event: E): void {
    this.#order += 1;
    let place = this.#events.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const before = this.#times[above] ?? 0;
      if (before <= at) break;
      this.#move(above, place);
      place = above;
    }
    this.#put(place, at, this.#order, event);
  }

  /** Takes out the first event; undefined when there is none. */
  pop(): { readonly at: number; readonly event: E } | undefined {
    const at = this.#times[0];
    const event = this.#events[0];
    if (at === undefined || event === undefined) return undefined;
    const lastAt = this.#times.pop() ?? 0;
    const lastOrder = this.#orders.pop() ?? 0;
    const last = this.#events.pop();
    if (this.#events.length > 0 && last !== undefined) this.#sink(lastAt, lastOrder, last);
    return { at, event };
  }

  #sink(at: number, order: number, event: E): void {
    const size = this.#events.length;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= size) break;
      if (below + 1 < size && this.#isBefore(below + 1, below)) below += 1;
      const time = this.#times[below] ?? 0;
      if (time > at || (time === at && (this.#orders[below] ?? 0) > order)) break;
      this.#move(below, place);
      place = below;
    }
    this.#put(place, at, order, event);
  }

  #isBefore(a: number, b: number): boolean {
    const [x = 0, y = 0] = [this.#times[a], this.#times[b]];
    return x < y || (x === y && (this.#orders[a] ?? 0) < (this.#orders[b] ?? 0));
  }

  #move(from: number, to: number): void {
    const event = this.#events[from];
    if (event !== undefined) this.#put(to, this.#times[from] ?? 0, this.#orders[from] ?? 0, event);
  }

  #put(place: number, at: number, order: number, event: E): void {
    this.#times[place] = at;
    this.#orders[place] = order;
    this.#events[place] = event;
  }
}
