/** The engine's own cells on the healing page: one line while all is well, one each for those that are not. */
import { cut, type Row } from '../src/console/cells.ts';
import { age } from '../src/console/words.ts';
import { type CellTrouble, troubleWords } from '../src/model/cell.ts';
import type { FleetState } from '../src/model/state.ts';
import { oneLine } from '../src/model/text.ts';

const LOOK = {
  failing: ['✖', 'bad'],
  restarted: ['…', 'accent'],
  isolated: ['○', 'bad'],
} as const;

export function cellRows({ cells }: Pick<FleetState, 'cells'>, now: number, w: number): readonly Row[] {
  const ill = Object.values(cells);
  const head: Row = [' ', ["The engine's cells ", 'strong']];
  if (ill.length === 0) return [[...head, ['✔ all well', 'good']]];
  return [head, ...ill.map(one => row(one, now, w))];
}

function row(trouble: CellTrouble, now: number, w: number): Row {
  const [glyph, tone] = LOOK[trouble.is];
  const words = cut(oneLine(troubleWords(trouble), 200), Math.max(10, w - 14));
  return ['   ', [glyph, tone], ` ${words}`, [`  ${age(now - trouble.since)}`, 'muted']];
}
