/** What the freezer writes down, made from what was seen of processes. */
import type { Draft } from '../../model/event.ts';
import { type HeldProcess, PROCESSES_NAMED, type ResistingProcess } from '../../model/freeze.ts';
import type { AgentId } from '../../model/ids.ts';
import { oneLine } from '../../model/text.ts';
import type { ProcessInfo } from '../../processes/stat.ts';
import type { Stopped } from '../../processes/stop.ts';
import { subject } from '../cell.ts';

export interface Order {
  readonly agents: readonly AgentId[];
  /** The whole fleet: nothing starts either. */
  readonly fleet: boolean;
  readonly actor: Draft['actor'];
  readonly detail: string;
}

export function named({ pid, born, name }: ProcessInfo): HeldProcess {
  return { pid, born, name: oneLine(name, 60) };
}

export function resisting({ running }: Stopped): ResistingProcess[] {
  return running.slice(0, PROCESSES_NAMED).map(({ info, why }) => ({ ...named(info), why }));
}

export function orderedDraft(
  { agents, fleet, actor, detail }: Order,
  before: Readonly<Record<AgentId, HeldProcess[]>>,
): Draft {
  const data = { agents: [...agents], fleet, before, detail };
  return { kind: 'freeze.ordered', actor, subject: about(agents, fleet), data };
}

export function liftedDraft({ agents, fleet, actor, detail }: Order): Draft {
  const data = { agents: [...agents], fleet, detail };
  return { kind: 'freeze.lifted', actor, subject: about(agents, fleet), data };
}

export function frozenDraft(agent: AgentId, found: Stopped, actor: Draft['actor'], detail: string): Draft {
  return {
    kind: 'agent.frozen',
    actor,
    subject: subject.agent(agent),
    data: {
      agent,
      stopped: found.stopped.length,
      running: found.running.length,
      processes: found.stopped.slice(0, PROCESSES_NAMED).map(named),
      resisting: resisting(found),
      detail,
    },
  };
}

export function thawedDraft(agent: AgentId, running: number, still: Stopped, actor: Draft['actor']): Draft {
  const stuck = still.stopped.slice(0, PROCESSES_NAMED);
  const data = {
    agent,
    running,
    resisting: stuck.map(info => ({ ...named(info), why: 'it does not go on' })),
  };
  return { kind: 'agent.thawed', actor, subject: subject.agent(agent), data };
}

function about(agents: readonly AgentId[], fleet: boolean): string {
  const [only, ...more] = agents;
  return !fleet && only && more.length === 0 ? subject.agent(only) : subject.fleet;
}
