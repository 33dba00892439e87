/** What panes and states say of an agent, as the supervisor reads them. Pure. */
import type { Ending } from '../../healing/restart.ts';
import type { AgentState } from '../../model/state.ts';
import type { PaneInfo } from '../../tmux/types.ts';

/** Nothing is known of how it ended. */
export const LOST: Ending = { status: null, signal: '', lost: true };

/** It is to run and has not been started yet: a stop would have given it another status. */
export function isDue({ status, evidence }: AgentState): boolean {
  return status === 'blocked' || (status === 'starting' && evidence.source === 'engine');
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
