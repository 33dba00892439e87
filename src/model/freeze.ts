/** The brake: what it is for an agent and for the fleet, and what it holds back. */
import * as z from 'zod';
import type { Millis } from './ids.ts';
import type { AgentState, FleetState, RequestState } from './state.ts';
import { oneLine, plural } from './text.ts';

/** A process by pid and birth, with the name it gave itself. */
export const HeldProcess = z.object({ pid: z.int().positive(), born: z.string(), name: z.string().max(64) });
export type HeldProcess = z.infer<typeof HeldProcess>;

export const ResistingProcess = HeldProcess.extend({
  /** Why it runs all the same, in words. */
  why: z.string().max(200),
});
export type ResistingProcess = z.infer<typeof ResistingProcess>;

/** Processes an event names at most; the counts beside them are complete. */
export const PROCESSES_NAMED = 200;

export interface FreezeState {
  /** `frozen` is said only when every process has been seen to stand still. */
  readonly is: 'ordered' | 'frozen' | 'partly' | 'thawing';
  readonly since: Millis;
  readonly by: string;
  readonly stopped: number;
  readonly running: number;
  /** Those that stand still, as far as they are named. */
  readonly processes: readonly HeldProcess[];
  readonly resisting: readonly ResistingProcess[];
  /** Stood still before the freeze: thawing leaves them so. */
  readonly before: readonly HeldProcess[];
}

/** `frozen`, `partly frozen (3 of 5)`: never without the count when it is not whole. */
export function freezeWords({ is, stopped, running }: FreezeState): string {
  switch (is) {
    case 'ordered':
      return 'freezing';
    case 'frozen':
      return 'frozen';
    case 'partly':
      return `partly frozen (${stopped} of ${stopped + running})`;
    case 'thawing':
      return 'thawing';
  }
}

/** The processes that run all the same, by name and reason, on one line. */
export function resistingWords(resisting: readonly ResistingProcess[]): string {
  return oneLine(resisting.map(({ pid, name, why }) => `${name} ${pid}: ${why}`).join('; '), 300);
}

/** The whole fleet in a word or two, for a badge; '' when nothing is frozen. */
export function fleetFreezeWords(state: FleetState): string {
  const agents = Object.values(state.agents);
  const held = agents.filter(agent => agent.freeze !== null);
  if (held.length === 0) return state.frozen ? 'FROZEN' : '';
  if (held.some(agent => agent.freeze?.is === 'thawing')) return 'THAWING';
  const whole = held.filter(agent => agent.freeze?.is === 'frozen').length;
  const all = state.frozen !== null || held.length === agents.filter(agent => agent.alive).length;
  if (whole === held.length) return all ? 'FROZEN' : `${plural(whole, 'AGENT')} FROZEN`;
  const first = held.some(agent => agent.freeze?.is === 'partly') ? 'PARTLY FROZEN' : 'FREEZING';
  return `${first} ${whole} of ${held.length}`;
}

/** Why this agent may not start now, or undefined. */
export function startHeld(state: FleetState, agent: string): string | undefined {
  if (state.agents[agent]?.freeze) return `${agent} is ${freezeWords(state.agents[agent].freeze)}`;
  return state.frozen ? 'the fleet is frozen' : undefined;
}

/** Why this request cannot be let through now, or undefined. What a cell asks is about a start. */
export function gateHeld(
  state: FleetState,
  request: Pick<RequestState, 'agent' | 'via'>,
): string | undefined {
  const freeze = (state.agents[request.agent] as AgentState | undefined)?.freeze;
  if (freeze) return `${request.agent} is ${freezeWords(freeze)}`;
  return state.frozen && (request.via === 'cell' || request.agent === '') ? 'the fleet is frozen' : undefined;
}
