/** What a console begins and stops of chaos: a runner of its own, and the switch that needs no engine. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { haltSwitch } from '../chaos/halt.ts';
import { fleetOf } from '../fleet/registry.ts';
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import { ownPath } from './own-path.ts';

/** A plan that cannot be is refused by then; after it, the runner waits at the gate, ms. */
const SETTLED_MS = 4000;
const LOOK_MS = 50;
/** What is kept of a runner's complaint, characters. */
const COMPLAINT = 4000;

/**
 * Starts the runner, detached: it lives through the end of this console. Resolves once it asks at the gate; rejects with
 * what is wrong with the file or the plan.
 */
export async function beginFor(socket: string, as: string | undefined, file: string): Promise<string> {
  const fleet = await fleetOf(socket);
  const argv = [
    'chaos',
    'run',
    file,
    '--wait',
    '--fleet',
    fleet.dir,
    ...(as === undefined ? [] : ['--as', as]),
  ];
  // Not a pipe: it would break with this console, and the runner with it.
  const place = `${fleet.chaos}/runner.log`;
  const log = openSync(place, 'w', 0o600);
  try {
    const child = spawn(ownPath(), argv, { cwd: fleet.dir, detached: true, stdio: ['ignore', log, log] });
    child.unref();
    let ended: number | string | undefined;
    child.once('error', error => {
      ended = error.message;
    });
    child.once('exit', code => {
      ended = code ?? 'a signal';
    });
    for (const end = performance.now() + SETTLED_MS; performance.now() < end; ) {
      const said = readFileSync(place, 'utf8').slice(-COMPLAINT);
      if (/ waits for |^ {2}break /m.test(said) && ended === undefined) break;
      if (ended !== undefined && ended !== 0) {
        const complaint = said
          .slice(Math.max(0, said.lastIndexOf('hms: ')))
          .replace(/^hms: (?:The experiment has [^\n]*:\n)?/, '')
          .trim();
        throw new HmsError('not-begun', oneLine(complaint || `its runner ended with ${ended}`, 400));
      }
      await setTimeout(LOOK_MS);
    }
    return 'its plan waits in the queue';
  } finally {
    closeSync(log);
  }
}

export async function haltFor(socket: string): Promise<string> {
  haltSwitch((await fleetOf(socket)).chaosHalt).set(true);
  return 'halted without the engine: runner and helper take everything back';
}
