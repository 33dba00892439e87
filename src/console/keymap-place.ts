/** Where a person's keymap is. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { roots } from '../fleet/paths.ts';

/** HMS_KEYS, else keys.yaml in the configuration folder. */
export function keymapPlace(env: NodeJS.ProcessEnv = process.env): string {
  return env.HMS_KEYS ? resolve(env.HMS_KEYS) : join(roots(env).config, 'keys.yaml');
}

/** The keymap's file when there is one; also one that was named and is not there, so that it is said. */
export function keymapGiven(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const place = keymapPlace(env);
  return env.HMS_KEYS || existsSync(place) ? place : undefined;
}
