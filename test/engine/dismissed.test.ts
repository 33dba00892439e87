/** What a person says about an incident, and what is known of others like it. */
import { expect, test } from 'vitest';
import { withEngine } from '../support/engine.ts';

/** Says `up`, and again for each line in the file `say`; else it is silent. */
const SAYS = 'echo up; while :; do if [ -e say ]; then rm say; echo again; fi; sleep 0.1; done';

test('what a person says is no trouble is let be until it has been over', async () => {
  const { writeFile } = await import('node:fs/promises');
  const fleet = `fleet: unit
agents:
  one:
    command: "${SAYS}"
    healing: { silence: 2s, patience: 1s, verify: 1s, ladder: { hang: [isolate] } }
`;
  await withEngine(fleet, async bench => {
    const asked = await bench.event('gate.requested', e => e.data.action.tool === 'heal.isolate');
    const { data } = await bench.event('incident.opened');
    expect(data.similar).toBeUndefined();
    const watching = await bench.person(undefined, 'observe');
    const { incident } = data;
    await expect(watching.client.request('heal.dismiss', { incident })).rejects.toMatchObject({
      code: 'not-allowed',
    });
    const { client } = await bench.person();
    await client.request('heal.dismiss', { incident });
    expect(bench.state().pending[asked.data.request]).toBeUndefined();
    expect((await bench.event('incident.closed')).data).toMatchObject({ incident, result: 'false-alarm' });
    expect((await bench.event('incident.dismissed')).actor.type).toBe('operator');
    await expect(client.request('heal.dismiss', { incident })).rejects.toMatchObject({
      code: 'unknown-incident',
    });
    // It is as silent as before. Only a silence that begins anew is another matter, and is known for what it was.
    await writeFile(`${bench.dir}/say`, '');
    const again = await bench.event('incident.opened', e => e.data.incident !== incident);
    expect(again.data.similar).toEqual([incident]);
    expect(bench.events().filter(({ kind }) => kind === 'incident.opened')).toHaveLength(2);
  });
});
