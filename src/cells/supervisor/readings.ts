/** What panes and states say of an agent, as the supervisor reads them. Pure. */
import { type Ending, endingWords } from '../../healing/restart.ts';
import type { Draft } from '../../model/event.ts';
import { AgentId } from '../../model/ids.ts';
import type { AgentState } from '../../model/state.ts';
import type { PaneInfo } from '../../tmux/types.ts';
import { cellActor, subject } from '../cell.ts';
import type { SupervisedAgent } from './supervised.ts';

/** Nothing is known of how it ended. */
export const LOST: Ending = { status: null, signal: '', lost: true };

/** It is to run and has not been started yet: a stop would have given it another status. */
export function isDue({ status, evidence }: AgentState): boolean {
  return status === 'blocked' || (status === 'starting' && evidence.source === 'engine');
}

/** What is known of its gate at the start, where that is news. */
export function gatingDrafts({ id, driver, config }: SupervisedAgent, before: AgentState): readonly Draft[] {
  const { gating, detail } = driver.gatingAtStart(config);
  if (before.gating === gating && before.gatingDetail === detail) return [];
  const data = { agent: id, gating, detail };
  return [{ kind: 'gating.changed', actor: cellActor('supervisor'), subject: subject.agent(id), data }];
}

/** The pane of its latest incarnation. */
export function newest(panes: readonly PaneInfo[]): PaneInfo | undefined {
  return panes.reduce<PaneInfo | undefined>(
    (best, p) => (!best || p.incarnation > best.incarnation ? p : best),
    undefined,
  );
}

export function endingOf(pane: Pick<PaneInfo, 'status' | 'signal'>): Ending {
  return { status: pane.status, signal: pane.signal, lost: false };
}

/** An incarnation has ended: as the journal is told. */
export function exitedDraft({ id, incarnation, wantedDown }: AgentState, ending: Ending): Draft {
  const { status, signal } = ending;
  const agent = AgentId.parse(id);
  return {
    kind: 'agent.exited',
    actor: cellActor('supervisor'),
    subject: subject.agent(id),
    data: { agent, incarnation, status, signal, wanted: wantedDown, detail: endingWords(ending) },
  };
}
