/** What trees of processes use, from one look to the next. */
import type { Trees } from './fleet-trees.ts';
import type { ProcessInfo } from './stat.ts';

export interface Usage {
  /** Percent of one core since the look before; 0 at the first. */
  readonly cpu: number;
  readonly rss: number;
  readonly threads: number | null;
  readonly processes: number;
  /** At this look one of its processes ran, or would have on a machine with a core to spare. */
  readonly runs: boolean;
}

export class UsageMeter {
  readonly #cores: number;
  /** CPU time of each agent's tree, ms: its processes' own and that of the children they have outlived. */
  #before = new Map<string, number>();
  #at = 0;

  /** @param cores of the machine: no agent uses more */
  constructor(cores: number) {
    this.#cores = cores;
  }

  /** @param now ms of a clock that only goes forward */
  measure(trees: Trees, now: number): ReadonlyMap<string, Usage> {
    const elapsed = now - this.#at;
    const spent = new Map<string, number>();
    const usage = new Map<string, Usage>();
    for (const [agent, tree] of trees) {
      const total = sum(tree, info => info.cpuMs + info.childrenMs);
      const before = this.#before.get(agent);
      // What ended without its parent asking takes its time along: then there is less than before.
      const used = before === undefined ? 0 : Math.max(0, total - before);
      spent.set(agent, total);
      usage.set(agent, {
        cpu: elapsed > 0 ? Math.min(this.#cores * 100, (used / elapsed) * 100) : 0,
        rss: sum(tree, info => info.rss),
        threads: tree.some(info => info.threads === null) ? null : sum(tree, info => info.threads ?? 0),
        processes: tree.length,
        runs: tree.some(({ state }) => state.startsWith('R')),
      });
    }
    this.#before = spent;
    this.#at = now;
    return usage;
  }
}

function sum(tree: readonly ProcessInfo[], of: (info: ProcessInfo) => number): number {
  return tree.reduce((total, info) => total + of(info), 0);
}
