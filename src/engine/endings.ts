/** How agents' processes are ended for good: politely first, then surely, and only those that are ours. */
import { cellActor, subject } from '../cells/cell.ts';
import { AgentId } from '../model/ids.ts';
import type { AgentState } from '../model/state.ts';
import { endGroup, processAlive, readBirth, signalGroup } from '../processes/process.ts';
import type { TmuxServer } from '../tmux/types.ts';
import type { Core } from './core.ts';

/** How long a process may take to end by itself, ms. */
const GRACE_MS = 2000;

/**
 * Ends the process that was born then, with its group. A pid that has been reused is left alone, and so is one of which
 * it is not known when it was born: by now it may be anybody's.
 */
export async function reap(pid: number, born: string): Promise<void> {
  if (born === '' || !processAlive(pid, born)) return;
  signalGroup(pid, 'SIGTERM');
  await endGroup(pid, born, GRACE_MS);
}

/** Ends every agent and writes down how each ended. */
export async function endAgents(core: Core, tmux: TmuxServer): Promise<void> {
  const alive = Object.values(core.state.agents).filter(agent => agent.alive);
  // Without tmux there is nothing to learn about how they ended.
  const look = () => tmux.listPanes().catch(() => []);
  // What tmux has as a child of its own is no reused pid.
  const held = new Set((await look()).flatMap(({ dead, pid }) => (dead ? [] : [pid])));
  const bornOf = ({ pid, born }: AgentState) => born || (held.has(pid) ? readBirth(pid) : '');
  await Promise.all(alive.map(agent => reap(agent.pid, bornOf(agent))));
  const panes = await look();
  for (const agent of alive) {
    const pane = panes.find(p => p.agent === agent.id && p.incarnation === agent.incarnation);
    core.emit({
      kind: 'agent.exited',
      actor: cellActor('engine'),
      subject: subject.agent(agent.id),
      data: {
        agent: AgentId.parse(agent.id),
        incarnation: agent.incarnation,
        status: pane?.status ?? null,
        signal: pane?.signal ?? '',
        wanted: true,
        detail: 'the fleet went down',
      },
    });
  }
}
