/** What a decision is bound to: SHA-256 over the RFC 8785 canonical JSON of the whole action. */
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Action } from '../model/action.ts';
import { HmsError } from '../model/errors.ts';
import type { Digest } from '../model/ids.ts';

/** Throws HmsError `not-canonical` for input that has no canonical form (a lone surrogate, a number beyond JSON). */
export function actionDigest({ tool, input, cwd }: Action): Digest {
  const text = canonicalize({ tool, input, cwd });
  if (text === undefined)
    throw new HmsError('not-canonical', 'the action cannot be written as canonical JSON');
  return hash('sha256', text) as Digest;
}
