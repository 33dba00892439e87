/** How set-up speaks: one line a step, on standard error, since standard output belongs to what runs afterwards. */
import { stderr } from 'node:process';

/** @param {string} text */
export function say(text) {
  stderr.write(`hms-tui: ${text}\n`);
}

/** Set-up cannot go on: one sentence of what is wrong, one of what to do. */
export class Stop extends Error {
  /** @param {string} what @param {string} todo */
  constructor(what, todo) {
    super(`${what}. ${todo}`);
  }
}
