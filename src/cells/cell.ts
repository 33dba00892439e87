/** What a cell is given and what it gives. Cells know events, not each other. */
import type { Appended } from '../journal/types.ts';
import type { CellHealth, CellProposal } from '../model/cell.ts';
import type { Draft, Event } from '../model/event.ts';
import type { Millis } from '../model/ids.ts';
import type { FleetState } from '../model/state.ts';

export interface World {
  /** Folded from every event appended so far, durable or not. */
  readonly state: FleetState;
  /** Appends, folds at once. Throws HmsError `journal-stalled` when nothing becomes durable. */
  emit(...drafts: readonly Draft[]): Appended;
  now(): Millis;
  /** In [0, 1). */
  random(): number;
  log(line: string): void;
  /** Calls back once after `ms`, unless cancelled by the function returned or by the engine's end. */
  after(ms: number, callback: () => void): () => void;
}

export interface Cell {
  readonly name: string;
  /** A durable event, in order. */
  onEvent?(event: Event): void;
  /** Whether it does its work, from what it has at hand. Changes nothing, and never waits. */
  healthCheck(): CellHealth;
  /** A value of the fleet file that would serve better, from what the cell has seen; changes nothing. */
  optimize?(): CellProposal | null;
  stop(): void;
}

/** The actor of what a cell does by itself. */
export function cellActor(name: string): Draft['actor'] {
  return { type: 'cell', id: name, via: 'engine' };
}

/** It does its work, and what there is to say of that. */
export function healthy(words: string): CellHealth {
  return { state: 'healthy', words };
}

/** Why what concerned an agent is over. */
export const REMOVED = 'the agent was removed from the fleet file';

/** Subjects, as they stand in the envelope. */
export const subject = {
  agent: (id: string): string => `agent:${id}`,
  request: (id: string): string => `request:${id}`,
  operator: (id: string): string => `operator:${id}`,
  fleet: 'fleet',
};
