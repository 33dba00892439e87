/** Whether an agent's work was saved: a commit shows in the log of HEAD of the repository its folder is in. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Between two looks, ms. */
const LOOK_MS = 2000;

export class Commits {
  readonly #tell: (agent: string) => void;
  /** Where the log is, by folder; undefined where there is none. */
  readonly #logs = new Map<string, string | undefined>();
  /** When that was written last. */
  readonly #written = new Map<string, number>();
  #at = Number.NEGATIVE_INFINITY;
  #busy = false;

  constructor(tell: (agent: string) => void) {
    this.#tell = tell;
  }

  /** @param folders where each agent works */
  async look(folders: ReadonlyMap<string, string>, now: number): Promise<void> {
    if (this.#busy || now - this.#at < LOOK_MS) return;
    this.#at = now;
    this.#busy = true;
    const agents = Map.groupBy(folders.keys(), agent => folders.get(agent) ?? '');
    for (const [folder, those] of agents) {
      const [agent] = those;
      // Whose commit it was in a folder that several share is not known.
      if (agent !== undefined && those.length === 1 && (await this.#hasCommitted(folder))) this.#tell(agent);
    }
    this.#busy = false;
  }

  async #hasCommitted(folder: string): Promise<boolean> {
    if (!this.#logs.has(folder)) this.#logs.set(folder, await logOf(folder));
    const log = this.#logs.get(folder);
    const found = log === undefined ? undefined : await stat(log).catch(() => undefined);
    if (!found) return false;
    const before = this.#written.get(folder);
    this.#written.set(folder, found.mtimeMs);
    return before !== undefined && before !== found.mtimeMs;
  }
}

/** The log of HEAD of the repository a folder is in; a worktree has its own (gitrepository-layout(5)). */
async function logOf(cwd: string): Promise<string | undefined> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const git = join(folder, '.git');
    const found = await stat(git).catch(() => undefined);
    if (found?.isDirectory()) return join(git, 'logs', 'HEAD');
    if (found?.isFile()) {
      const [, there] = /^gitdir: (.+)$/m.exec(await readFile(git, 'utf8').catch(() => '')) ?? [];
      return there && join(resolve(folder, there), 'logs', 'HEAD');
    }
    if (folder === dirname(folder)) return undefined;
  }
}
