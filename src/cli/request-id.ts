import { randomBytes } from 'node:crypto';
import type { RequestId } from '../model/ids.ts';

/** A new request's name, `r-` and 16 hex digits: the asker makes it, to be able to ask again with it. */
export function newRequestId(): RequestId {
  // Of the shape RequestId's schema wants, which is too heavy to load here.
  return `r-${randomBytes(8).toString('hex')}` as RequestId;
}
