import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type BreakerName, breakerName } from '../../src/model/breaker.ts';
import { AgentId } from '../../src/model/ids.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';

const one = AgentId.parse('one');
const start = breakerName('start', 'one');

const turns = (bench: Bench, name: BreakerName): string[] =>
  bench
    .events()
    .filter(({ kind, data }) => kind.startsWith('breaker.') && 'breaker' in data && data.breaker === name)
    .map(({ kind }) => kind.slice('breaker.'.length));

const starts = (bench: Bench): number => bench.events().filter(({ kind }) => kind === 'agent.started').length;

const DIES_UNTIL_WELL = 'if [ -e well ]; then exec cat; else exit 3; fi';

test.each([
  ['by its restart policy', ''],
  ['by healing', 'healing: basic'],
])(
  'an agent that dies at once, brought back %s, is not started while the breaker of its start is open',
  async (_, healing) => {
    const fleet = `fleet: unit
breakers: { start: { waitDurationInOpenState: 2s } }
agents:
  one:
    command: "${DIES_UNTIL_WELL}"
    restart: { max: 20, from: 20ms, to: 20ms }
    ${healing}
`;
    await withEngine(fleet, async bench => {
      const state = await bench.until('it to be kept back', s => s.agents[one]?.status === 'blocked');
      expect(state.agents[one]?.evidence.detail).toMatch(
        /^its start's breaker is open until \d\d:\d\d:\d\d$/,
      );
      expect(state.breakers[start]).toMatchObject({ is: 'open', failed: 3 });
      expect(starts(bench)).toBe(3);
      // The trial dies as the others did, and it waits for longer.
      await bench.until('its second opening', s => s.breakers[start]?.openings === 2);
      expect(starts(bench)).toBe(4);
      await writeFile(`${bench.dir}/well`, '');
      await bench.until(
        'it to run',
        s => s.agents[one]?.alive === true && s.breakers[start]?.is === 'closed',
      );
      expect(starts(bench)).toBe(5);
      expect(turns(bench, start)).toEqual(['opened', 'half-opened', 'opened', 'half-opened', 'closed']);
    });
  },
);
