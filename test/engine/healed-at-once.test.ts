import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';

const NAMES = [...'abcdefghij'];

/** Ends in its first run, all of them at once; later runs print on. */
const FALLS = `n=again-$HMS_AGENT; if [ -e $n ]; then while :; do echo tick; sleep 0.3; done; fi
      touch $n; while [ ! -e fall ]; do sleep 0.1; done; exit 1`;

/** The most attempts that were under way at once: from each to its next start, or to its verdict. */
function mostAtOnce(events: readonly Event[]): number {
  const under = new Set<string>();
  let most = 0;
  for (const { kind, data } of events) {
    if (kind === 'recovery.attempted' && data.strategy !== 'wait') under.add(data.agent);
    if (kind === 'recovery.failed' || kind === 'recovery.verified' || kind === 'agent.started')
      under.delete(data.agent);
    most = Math.max(most, under.size);
  }
  return most;
}

test('when many agents fail at once, a third of them at most is acted on at once, and all come back', async () => {
  const fleet = `fleet: unit
agents:
${NAMES.map(
  name => `  ${name}:
    command: |
      ${FALLS}
    restart: { when: on-failure, from: 0ms, to: 0ms }
    healing: { verify: 1s }
`,
).join('')}`;
  await withEngine(fleet, async bench => {
    await bench.until('all to run', s => NAMES.every(name => s.agents[name]?.alive));
    await writeFile(`${bench.dir}/fall`, '');
    const over = () => bench.events().filter(({ kind }) => kind === 'incident.closed');
    await waitFor(() => over().length === NAMES.length, {
      what: 'all incidents to be over',
      deadlineMs: 40_000,
    });
    for (const { data } of over()) expect(data).toMatchObject({ result: 'recovered' });
    expect(mostAtOnce(bench.events())).toBe(3);
    expect(
      bench.events().some(e => e.kind === 'incident.delayed' && /for its turn/.test(e.data.detail)),
    ).toBe(true);
    for (const name of NAMES)
      expect(bench.state().agents[name]).toMatchObject({ alive: true, incarnation: 2 });
  });
});
