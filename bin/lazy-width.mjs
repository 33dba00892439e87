/**
 * Stands in for string-width in the built program, also within Ink: builds its tables (18 ms for the emoji alone) when
 * the first text comes that needs them. On most first screens none does.
 */
import { isNarrow } from '../src/model/text.ts';

/** @param {string} text @param {import('string-width').Options} [options] @returns {number} */
export default function stringWidth(text, options) {
  if (typeof text === 'string' && options === undefined && isNarrow(text)) return text.length;
  // By its path, since its name means this file. Bundled like an import, but run here.
  return require('../node_modules/string-width/index.js').default(text, options);
}
