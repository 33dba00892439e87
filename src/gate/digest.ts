import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Action } from '../model/action.ts';
import { HmsError } from '../model/errors.ts';
import type { Digest } from '../model/ids.ts';

/**
 * What a decision is bound to: SHA-256 over the RFC 8785 canonical JSON of tool, input and working directory.
 * Throws HmsError `bad-action` for what I-JSON cannot hold, such as half a surrogate pair.
 */
export function actionDigest(action: Action): Digest {
  const { tool, input, cwd } = action;
  // Not parsed: gate clients load this too, and the schemas would cost each of them 15 ms.
  return createHash('sha256').update(canonical({ tool, input, cwd }), 'utf8').digest('hex') as Digest;
}

function canonical(value: unknown): string {
  try {
    const text = canonicalize(value);
    if (text !== undefined) return text;
  } catch (error) {
    throw notUnicode(error);
  }
  throw notUnicode();
}

function notUnicode(cause?: unknown): HmsError {
  return new HmsError('bad-action', 'the action holds text that is not Unicode', 'ask with text that is', {
    cause,
  });
}
