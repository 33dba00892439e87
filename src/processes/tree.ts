/**
 * Which processes are whose. An agent's are its program's and all that descend from it: also those that left its group
 * or its session, and those whose parent ended. These are found again by the agent's mark in their environment, by its
 * terminal, or because they were seen before. Pure. What erases its marks and breaks away before anybody looked is not
 * found: only a sandbox holds that.
 */

import { hasEnded, isStopped, type ProcessInfo } from './stat.ts';
import { keyOf, type Table } from './table.ts';

export interface Root {
  readonly agent: string;
  readonly pid: number;
  readonly born: string;
}

export interface Lineage {
  readonly roots: readonly Root[];
  /** Whose a process was when it was seen before, by `keyOf`. */
  readonly known: ReadonlyMap<string, string>;
  /** Whose its environment says it is; asked only where descent does not tell. */
  markOf(info: ProcessInfo): string | undefined;
  /** Never an agent's, whatever else is true: ourselves, tmux. Descent ends there. */
  readonly never: ReadonlySet<number>;
  /** The tmux server: its children hold the agents' programs, and are no agents' themselves unless they are a root. */
  readonly server: number;
}

/** The processes of each agent, parents before their children. Zombies are left out. */
export function treesOf(table: Table, lineage: Lineage): ReadonlyMap<string, readonly ProcessInfo[]> {
  const owner = ownersIn(table, lineage);
  const trees = new Map<string, ProcessInfo[]>(lineage.roots.map(({ agent }) => [agent, []]));
  for (const info of table.values()) {
    const agent = owner(info);
    if (agent === undefined || hasEnded(info)) continue;
    const tree = trees.get(agent) ?? [];
    tree.push(info);
    trees.set(agent, tree);
  }
  const depth = depths(table);
  return new Map(
    [...trees].map(([agent, tree]) => [
      agent,
      withWaiting(tree.sort((a, b) => depth(a) - depth(b) || a.pid - b.pid)),
    ]),
  );
}

/**
 * A parent in vfork(2), as shells start programs, waits inside the kernel until its child has become the program: while
 * that one is stopped, so is the parent, though its state says D.
 */
function withWaiting(tree: readonly ProcessInfo[]): readonly ProcessInfo[] {
  const held = new Set<number>();
  const shown = tree.toReversed().map(info => {
    const stands = isStopped(info) || (info.state === 'D' && held.has(info.pid));
    if (stands) held.add(info.parent);
    return stands && !isStopped(info) ? { ...info, state: 'T' } : info;
  });
  return shown.reverse();
}

function ownersIn(table: Table, { roots, known, markOf, never, server }: Lineage) {
  const found = new Map<number, string | undefined>();
  const ttys = new Map<string, string>();
  for (const { agent, pid, born } of roots) {
    const info = table.get(pid);
    if (!info || (born !== '' && info.born !== born)) continue;
    found.set(pid, agent);
    if (info.tty !== '') ttys.set(info.tty, agent);
  }
  for (const pid of never) found.set(pid, undefined);
  const owner = (info: ProcessInfo): string | undefined => {
    const { pid, parent } = info;
    if (found.has(pid) || pid <= 1 || (server > 0 && parent === server)) return found.get(pid);
    // Nobody's until it is known: a table taken while parents change may hold a circle.
    found.set(pid, undefined);
    const above = table.get(parent);
    const agent = (above && owner(above)) ?? known.get(keyOf(info)) ?? ttys.get(info.tty) ?? markOf(info);
    found.set(pid, agent);
    return agent;
  };
  return owner;
}

function depths(table: Table): (info: ProcessInfo) => number {
  const found = new Map<number, number>();
  const depth = (info: ProcessInfo, left = 1000): number => {
    const before = found.get(info.pid);
    if (before !== undefined) return before;
    const parent = left > 0 ? table.get(info.parent) : undefined;
    const deep = parent && parent.pid !== info.pid ? depth(parent, left - 1) + 1 : 0;
    found.set(info.pid, deep);
    return deep;
  };
  return depth;
}
