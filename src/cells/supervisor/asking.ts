/** Asking the people whether an agent may be started again. Pure. */
import type { FleetState } from '../../model/state.ts';

/** The tool of the request by which they are asked. */
export const RESTART_TOOL = 'agent.restart';

interface Agreed {
  readonly agent: string;
  /** It runs, and is to be ended first: others of its group were restarted. */
  readonly runs: boolean;
}

/** What was just agreed to. From the state, so that an answer counts after an engine restart too. */
export function restartAgreed({ settled }: FleetState, request: string): Agreed | undefined {
  const ended = settled.find(({ id, action }) => id === request && action.tool === RESTART_TOOL);
  const yes = ended?.outcome === 'approved' || ended?.outcome === 'overridden';
  const { agent, group } = ended?.action.input ?? {};
  return yes ? { agent: String(agent), runs: group !== undefined } : undefined;
}

/** Asked once, however often there is a reason before they answer. */
export function isRestartAsked({ pending }: FleetState, agent: string): boolean {
  return Object.values(pending).some(
    ({ action }) => action.tool === RESTART_TOOL && action.input['agent'] === agent,
  );
}
