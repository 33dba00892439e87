import type { RequestId } from '../model/ids.ts';

/**
 * A new request's name, `r-` and 16 characters (80 bits): the asker makes it, to be able to ask again with it. It has
 * to be unique, not secret (the engine answers it to its own asker only), so it does without node:crypto, whose
 * loading every hook would wait for.
 */
export function newRequestId(random: () => number = Math.random): RequestId {
  const half = (): string =>
    Math.floor(random() * 2 ** 40)
      .toString(36)
      .padStart(8, '0');
  // Of the shape RequestId's schema wants, which is too heavy to load here.
  return `r-${half()}${half()}` as RequestId;
}
