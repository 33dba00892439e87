/** The engine's own cells as the journal tells of them: what failed, what was started anew, what a person must see to. */
import * as z from 'zod';
import { FaultClass } from './healing.ts';
import { RequestId } from './ids.ts';
import { type Reducers, without } from './reducers.ts';

const Ms = z.int().min(0);
const words = z.string().max(4096);

export const CellName = z.string().regex(/^[a-z]{1,32}$/, 'a cell is called status, gatekeeper, …');

/**
 * `healthy`: it does its work. `degraded`: it does, but something outside it is wrong. `failing`: it does not, and is
 * started anew when it stays so. `isolated`: that did not help, and it stands aside until a person has looked.
 */
export const CellHealth = z.strictObject({
  state: z.enum(['healthy', 'degraded', 'failing', 'isolated']),
  words: z.string().max(400),
});
export type CellHealth = z.infer<typeof CellHealth>;

/** A value of the fleet file that would serve better, and what it would bring. Nobody has set it. */
export const CellProposal = z.strictObject({
  /** Its place in the fleet file: `approvals.ttl`. */
  parameter: z.string().max(200),
  from: z.string().max(100),
  to: z.string().max(100),
  /** What is expected of it, and what that rests on. */
  gain: z.string().max(400),
  evidence: z.string().max(400),
});
export type CellProposal = z.infer<typeof CellProposal>;

const ofCell = { cell: CellName };

export const CELL_EVENTS = {
  /** It threw, or does not answer: it is started anew, alone. */
  'cell.failed': z.object({ ...ofCell, fault: FaultClass, detail: words }),
  /** Another one of it is at work, made from the state. `ms` is how long making it took. */
  'cell.restarted': z.object({ ...ofCell, attempt: z.int().positive(), reason: words, ms: Ms }),
  /** It has been well for a while. `ms` since it failed. */
  'cell.recovered': z.object({ ...ofCell, detail: words, ms: Ms }),
  /** Starting it anew does not help: it stands aside, and a person is asked. */
  'cell.isolated': z.object({ ...ofCell, request: RequestId, detail: words }),
} as const;

/** A cell that is not well. */
export interface CellTrouble {
  readonly cell: string;
  readonly is: 'failing' | 'restarted' | 'isolated';
  readonly since: number;
  readonly detail: string;
  readonly restarts: number;
}

export const CELLS: Reducers = {
  'cell.failed': (s, { data: { cell, detail }, time }) => {
    const { since = time, restarts = 0 } = s.cells[cell] ?? {};
    return { ...s, cells: { ...s.cells, [cell]: { cell, is: 'failing', since, detail, restarts } } };
  },
  'cell.restarted': (s, { data: { cell, reason }, time }) => {
    const before = s.cells[cell] ?? { since: time, detail: reason, restarts: 0 };
    const after = { ...before, cell, is: 'restarted' as const, restarts: before.restarts + 1 };
    return { ...s, cells: { ...s.cells, [cell]: after } };
  },
  'cell.recovered': (s, { data }) => ({ ...s, cells: without(s.cells, data.cell) }),
  'cell.isolated': (s, { data: { cell, detail }, time }) => {
    const { since = time, restarts = 0 } = s.cells[cell] ?? {};
    return { ...s, cells: { ...s.cells, [cell]: { cell, is: 'isolated', since, detail, restarts } } };
  },
};

/** `status is isolated after 5 restarts: it throws`: what is wrong with a cell, in a line. */
export function troubleWords({ cell, is, detail, restarts }: CellTrouble): string {
  const often = restarts === 0 ? '' : ` after ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`;
  return `${cell} ${is === 'restarted' ? 'was started anew' : `is ${is}${often}`}: ${detail}`;
}
