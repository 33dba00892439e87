/** How many files processes have open. Linux tells it of one's own; elsewhere it is not known. */
import { readdirSync } from 'node:fs';
import { errnoOf } from '../model/errors.ts';

/** All together; undefined where the system does not say. */
export function openFiles(processes: readonly { readonly pid: number }[]): number | undefined {
  if (process.platform !== 'linux') return undefined;
  let all = 0;
  for (const { pid } of processes) {
    try {
      all += readdirSync(`/proc/${pid}/fd`).length;
    } catch (error) {
      // It has ended meanwhile.
      if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ESRCH') return undefined;
    }
  }
  return all;
}
