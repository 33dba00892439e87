/** What people ask of the engine's own cells: how they are, to have one made anew, what they would set otherwise. */
import type { Operators, Session } from '../cells/operators.ts';
import type { CellLook, CellOptimized, CellRepaired } from '../protocol/answers.ts';
import type { OPERATOR_REQUESTS } from '../protocol/messages.ts';
import type { RequestOf } from '../protocol/server.ts';
import type { Cells } from './cells/cells.ts';
import type { Lag } from './lag.ts';

export interface CellDesk {
  readonly cells: Cells;
  readonly lag: Pick<Lag, 'lastMs' | 'multiplier'>;
}

type CellRequest = Extract<RequestOf<typeof OPERATOR_REQUESTS>, { do: `cell.${string}` }>;

export async function carryOutCell(
  { operators, cells, lag }: CellDesk & { readonly operators: Operators },
  session: Session,
  request: CellRequest,
): Promise<unknown> {
  switch (request.do) {
    case 'cell.list':
      operators.require(session, 'look');
      return {
        cells: await Promise.all(cells.names().map(name => looked(cells, name))),
        lag: { lastMs: Math.round(lag.lastMs), times: lag.multiplier },
      };
    case 'cell.repair':
      operators.require(session, 'operate');
      return repaired(cells, request.with.cell, session.operator);
    case 'cell.optimize': {
      operators.require(session, 'look');
      const { cell } = request.with;
      return {
        cells: await Promise.all((cell ? [cell] : cells.names()).map(name => optimized(cells, name))),
      };
    }
  }
}

async function looked(cells: Cells, cell: string): Promise<CellLook> {
  const functions = cells.registered().filter(({ of }) => of === cell);
  return {
    cell,
    health: await cells.of(cell).check(),
    lives: cells.lives(cell),
    functions: functions.map(({ name, deadlineMs, effect }) => ({
      name,
      deadlineMs,
      ...(effect && { effect }),
    })),
  };
}

async function repaired(cells: Cells, cell: string, by: string): Promise<CellRepaired> {
  const { state } = await cells.of(cell).check();
  const ill = state === 'failing' || state === 'isolated';
  if (!ill || !cells.isRisky(cell)) return { ...(await cells.of(cell).repair()), request: '' };
  const request = cells.askRepair(cell, `${by} wants it made anew`);
  return { done: false, words: 'others would notice: it is done when a person agrees', request };
}

async function optimized(cells: Cells, cell: string): Promise<CellOptimized> {
  return { cell, proposal: await cells.of(cell).optimize() };
}
