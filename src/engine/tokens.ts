/**
 * An agent's credential: `<agent>.<incarnation>.<mac>`, an HMAC-SHA256 (RFC 2104) under a secret only the engine
 * reads. It outlives an engine restart (nothing to store) and ends with the incarnation it was made for.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { errnoOf } from '../model/errors.ts';

export interface Tokens {
  make(agent: string, incarnation: number): string;
  /** Whose token it is, or undefined when it is nobody's. */
  read(token: string): { readonly agent: string; readonly incarnation: number } | undefined;
}

/** Reads the secret at `path` (0600), making it on first use. */
export function openTokens(path: string): Tokens {
  const secret = readOrMake(path);
  const mac = (body: string): string => createHmac('sha256', secret).update(body).digest('base64url');
  return {
    make: (agent, incarnation) => {
      const body = `${agent}.${incarnation}`;
      return `${body}.${mac(body)}`;
    },
    read: token => {
      const [, body = '', agent = '', incarnation = '', given = ''] =
        /^(([a-z][a-z0-9-]*)\.(\d{1,9}))\.([\w-]+)$/.exec(token) ?? [];
      if (!body) return undefined;
      const good = Buffer.from(mac(body));
      const seen = Buffer.from(given);
      if (good.length !== seen.length || !timingSafeEqual(good, seen)) return undefined;
      return { agent, incarnation: Number(incarnation) };
    },
  };
}

function readOrMake(path: string): Buffer {
  try {
    const secret = readFileSync(path);
    if (secret.length >= 32) return secret;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  const secret = randomBytes(32);
  writeFileSync(path, secret, { mode: 0o600 });
  return secret;
}
