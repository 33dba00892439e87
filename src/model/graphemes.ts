/** Characters as people count them: what stands in one cell of a terminal, whatever it is made of. */

let segmenter: Intl.Segmenter | undefined;

/** Made when it is first needed: that takes 10 ms, and a screen of plain text never needs it. */
export function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}
