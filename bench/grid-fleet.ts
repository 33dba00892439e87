/** The fleet of bench/grid.ts: sixteen agents that have started, in panes %1 to %16. */
import type { Draft } from '../src/model/event.ts';
import { fleet, started, status } from '../test/console/events.ts';

export const AGENTS = 16;

export function gridFleet(): readonly Draft[] {
  const names = Array.from({ length: AGENTS }, (_, n) => `agent${n + 1}`);
  return [
    ...fleet(Object.fromEntries(names.map(name => [name, 'command']))),
    ...names.flatMap((name, n) => [started(name, n + 1), status(name, 'working', 'prints')]),
  ];
}
