/** The engine's own cells, asked of an engine that runs. */
import type { FleetPaths } from '../../fleet/paths.ts';
import { wordsOf } from '../../model/errors.ts';
import { oneLine, plural } from '../../model/text.ts';
import type { CellLook } from '../../protocol/answers.ts';
import { connectOperator } from '../../protocol/client.ts';
import { PROTOCOL } from '../../protocol/limits.ts';
import { bad, type Check, ok, warn } from './check.ts';

/** An engine that does not answer within it is not waited for, ms. */
const WITHIN_MS = 3000;

export async function cells({ key, operatorSocket }: FleetPaths): Promise<Check> {
  const name = `${key}:cells`;
  try {
    const client = await connectOperator(operatorSocket, { deadlineMs: WITHIN_MS });
    try {
      await client.request('hello', { protocol: PROTOCOL, client: 'cli', follow: false });
      return checked(name, key, (await client.request('cell.list', {})).cells);
    } finally {
      client.close();
    }
  } catch (error) {
    return warn(name, `the engine does not say how its cells are: ${wordsOf(error)}`, 'hms heal');
  }
}

function checked(name: string, fleet: string, all: readonly CellLook[]): Check {
  const of = (...states: readonly string[]) => all.filter(({ health }) => states.includes(health.state));
  const words = (some: readonly CellLook[]) =>
    oneLine(some.map(({ cell, health }) => `${cell} is ${health.state}: ${health.words}`).join('; '), 400);
  const ill = of('failing', 'isolated');
  const [first] = ill;
  if (first) return bad(name, words(ill), `hms cell repair ${first.cell} --fleet ${fleet}`);
  const worse = of('degraded');
  if (worse.length > 0) return warn(name, words(worse), 'what it depends on is wrong, not the cell');
  return ok(name, `${plural(all.length, 'cell')} of the engine, all well`);
}
