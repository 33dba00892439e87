/** The order in which agents are started. Pure. */
import type { SupervisedAgent } from './supervised.ts';

/** `ids` so that each comes after those it needs; ids of no agent are left out. The file's needs have no circle. */
export function inOrderOfNeed(
  agents: ReadonlyMap<string, Pick<SupervisedAgent, 'id' | 'config'>>,
  ids: readonly string[],
): readonly string[] {
  const ordered = new Set<string>();
  const visit = (id: string): void => {
    const agent = agents.get(id);
    if (!agent || ordered.has(id)) return;
    for (const need of agent.config.needs) visit(need);
    ordered.add(id);
  };
  for (const id of agents.keys()) visit(id);
  return [...ordered].filter(id => ids.includes(id));
}
