/**
 * Stands in for Intl.Segmenter in the built program: modules make theirs as they are loaded, and the first one takes
 * 10 ms to find its tables. Most first screens need none.
 */
const { Segmenter } = Intl;

export class LazySegmenter {
  #given;
  /** @type {Intl.Segmenter | undefined} */
  #made;

  /** @param {ConstructorParameters<typeof Segmenter>} given */
  constructor(...given) {
    this.#given = given;
  }

  /** @param {string} text */
  segment(text) {
    this.#made ??= new Segmenter(...this.#given);
    return this.#made.segment(text);
  }
}
