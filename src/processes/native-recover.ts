/** What faults have left whose helper died is taken back by `hms-native recover`, once their guardians are gone. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { FaultState } from '../protocol/native.ts';

/** A guardian whose controller hangs takes it back after 2 s, and looks for half a second whether it is gone, ms. */
const WITHIN_MS = 6000;
const AGAIN_MS = 200;
const States = z.array(FaultState);

/**
 * How these faults ended whose undo journals are in `folder`; those that nobody has taken back in time are not in it. A
 * journal goes only after the proof: where there is none, its guardian has taken the fault back and looked. Never rejects.
 */
export async function recoverFaults(
  program: string,
  folder: string,
  ids: readonly string[],
): Promise<readonly FaultState[]> {
  const found = new Map<string, FaultState>();
  for (const end = performance.now() + WITHIN_MS; ; await setTimeout(AGAIN_MS)) {
    for (const state of await recovered(program, folder)) found.set(state.id, state);
    for (const id of ids)
      if (!found.has(id) && !existsSync(join(folder, `undo-${id}.jsonl`))) found.set(id, undone(id));
    if (ids.every(id => found.has(id)) || performance.now() >= end) break;
  }
  return ids.flatMap(id => found.get(id) ?? []);
}

function undone(id: string): FaultState {
  return { id, phase: 'reverted', at: Date.now(), because: 'guardian', detail: {}, residues: [] };
}

function recovered(program: string, folder: string): Promise<readonly FaultState[]> {
  return new Promise(resolve => {
    const options = { env: { LC_ALL: 'C.UTF-8' }, timeout: WITHIN_MS, killSignal: 'SIGKILL' } as const;
    // Exit code 1 says that something stays, and what is on its standard output.
    execFile(program, ['recover', folder, '--json'], options, (_error, stdout) => {
      try {
        resolve(States.parse(JSON.parse(stdout)));
      } catch {
        resolve([]);
      }
    });
  });
}
