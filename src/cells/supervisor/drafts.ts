/** What the supervisor tells the journal, an agent at a time. Pure. */
import { type Ending, endingWords } from '../../healing/restart.ts';
import type { Data, Draft } from '../../model/event.ts';
import { AgentId } from '../../model/ids.ts';
import type { AgentState } from '../../model/state.ts';
import type { PaneInfo } from '../../tmux/types.ts';
import { cellActor, subject } from '../cell.ts';
import type { SupervisedAgent } from './supervised.ts';

const actor = cellActor('supervisor');

/** What is known of its gate at the start, where that is news. */
export function gatingDrafts({ id, driver, config }: SupervisedAgent, before: AgentState): readonly Draft[] {
  const { gating, detail } = driver.gatingAtStart(config);
  if (before.gating === gating && before.gatingDetail === detail) return [];
  const data = { agent: id, gating, detail };
  return [{ kind: 'gating.changed', actor, subject: subject.agent(id), data }];
}

/** An incarnation has ended: as the journal is told. */
export function exitedDraft({ id, incarnation, wantedDown }: AgentState, ending: Ending): Draft {
  const { status, signal } = ending;
  const agent = AgentId.parse(id);
  return {
    kind: 'agent.exited',
    actor,
    subject: subject.agent(id),
    data: { agent, incarnation, status, signal, wanted: wantedDown, detail: endingWords(ending) },
  };
}

export function scheduledDraft(data: Data<'restart.scheduled'>): Draft {
  return { kind: 'restart.scheduled', actor, subject: subject.agent(data.agent), data };
}

/** Undefined when it is known. */
export function blockedDraft({ id, status, evidence }: AgentState, detail: string): Draft | undefined {
  if (status === 'blocked' && evidence.detail === detail) return undefined;
  return {
    kind: 'status.changed',
    actor,
    subject: subject.agent(id),
    data: { agent: AgentId.parse(id), status: 'blocked', evidence: { source: 'engine', detail, sure: 1 } },
  };
}

export function failedDraft(data: Data<'agent.failed'>): Draft {
  return { kind: 'agent.failed', actor, subject: subject.agent(data.agent), data };
}

/** It was found alive in its pane. */
export function adoptedDraft(agent: AgentId, { incarnation, pane, pid }: PaneInfo): Draft {
  const data = { agent, incarnation, pane, pid };
  return { kind: 'agent.adopted', actor, subject: subject.agent(agent), data };
}

/** The same of a start that nobody has written down. */
export function foundDraft(
  agent: AgentId,
  { incarnation, pane, pid }: PaneInfo,
  born: string,
  cwd: string,
): Draft {
  const data = { agent, incarnation, pane, pid, born, argv: [], cwd, resumed: '' };
  return { kind: 'agent.started', actor, subject: subject.agent(agent), data };
}
