/** The processes of a fleet's agents, with a memory: what was once an agent's stays so, also when it breaks away. */
import { agentIn, readEnvironment } from './mark.ts';
import type { ProcessInfo } from './stat.ts';
import { keyOf, Looker, readTable, type Table } from './table.ts';
import { type Root, treesOf } from './tree.ts';

export type Trees = ReadonlyMap<string, readonly ProcessInfo[]>;

interface FleetTreesOptions {
  /** The agents' programs. */
  roots(): readonly Root[];
  /** Path of the fleet's agent socket: what an agent's environment names. */
  readonly socket: string;
  /** pid of the tmux server, 0 when it is not known. */
  readonly server: number;
  /** Never an agent's: `ourselves()`. */
  readonly never: ReadonlySet<number>;
}

export class FleetTrees {
  readonly #options: FleetTreesOptions;
  readonly #looker = new Looker();
  /** Whose a process was found to be, by pid and birth. */
  #known: ReadonlyMap<string, string> = new Map();
  #marks = new Map<string, string | undefined>();

  constructor(options: FleetTreesOptions) {
    this.#options = options;
  }

  /** These are known to be an agent's from before we came. */
  remember(agent: string, processes: readonly Pick<ProcessInfo, 'pid' | 'born'>[]): void {
    this.#known = new Map([...this.#known, ...processes.map(info => [keyOf(info), agent] as const)]);
  }

  /** Everything on the machine is looked at: some ms. */
  all(): Trees {
    return this.#sort(readTable());
  }

  /** Cheap enough for every second: what was found to be a stranger is not read again. */
  look(): Trees {
    const table = this.#looker.look();
    const trees = this.#sort(table);
    const ours = new Set([...trees.values()].flat().map(info => info.pid));
    this.#looker.forget([...table.keys()].filter(pid => !ours.has(pid)));
    return trees;
  }

  #sort(table: Table): Trees {
    const { socket, server, never } = this.#options;
    const roots = this.#options.roots();
    const marks = new Map<string, string | undefined>();
    const trees = treesOf(table, {
      roots,
      known: this.#known,
      server,
      never,
      markOf: info => {
        const key = keyOf(info);
        const agent = this.#marks.has(key)
          ? this.#marks.get(key)
          : agentIn(readEnvironment(info.pid), socket);
        marks.set(key, agent);
        return agent;
      },
    });
    this.#marks = marks;
    this.#known = new Map(
      [...trees].flatMap(([agent, tree]) => tree.map(info => [keyOf(info), agent] as const)),
    );
    return trees;
  }
}
