/** How full the disks are that agents work on, now and then: each disk's folder is asked once for all who share it. */
import { statfs } from 'node:fs/promises';

/** Between two looks, ms. */
const LOOK_MS = 30_000;

export class Disks {
  readonly #tell: (agent: string, share: number) => void;
  #at = Number.NEGATIVE_INFINITY;
  /** A network file system may not answer at all: it is not asked again meanwhile. */
  #busy = false;

  constructor(tell: (agent: string, share: number) => void) {
    this.#tell = tell;
  }

  /** @param folders where each agent works */
  async look(folders: ReadonlyMap<string, string>, now: number): Promise<void> {
    if (folders.size === 0 || this.#busy || now - this.#at < LOOK_MS) return;
    this.#at = now;
    this.#busy = true;
    const shares = new Map<string, number>();
    for (const folder of new Set(folders.values())) {
      // A folder that is gone has no disk.
      const disk = await statfs(folder).catch(() => undefined);
      if (disk && disk.blocks > 0) shares.set(folder, 1 - disk.bavail / disk.blocks);
    }
    this.#busy = false;
    for (const [agent, folder] of folders) {
      const share = shares.get(folder);
      if (share !== undefined) this.#tell(agent, share);
    }
  }
}
