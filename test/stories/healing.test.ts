/** Healing as a person sees it: in the console while it happens, on the command line afterwards. */
import { expect, test } from 'vitest';
import { withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const FLEET = `fleet: story
agents:
  worker:
    command: |
      if [ -e again ]; then while :; do echo tick; sleep 0.3; done; fi
      touch again; trap '' INT; for n in 1 2 3; do echo up; sleep 0.3; done; while :; do sleep 1000000; done
    healing: { silence: 3s, patience: 3s, verify: 2s }
  asker: { command: [cat], healing: { silence: 3s } }
`;

interface Status {
  readonly agents: readonly {
    readonly id: string;
    readonly level: string;
    readonly incident: string | null;
  }[];
  readonly open: number;
  readonly mean_repair_ms: number | null;
}

interface Closed {
  readonly id: string;
  readonly agent: string;
  readonly result: string;
}

test('an agent hangs: the page shows the ladder as it climbs, and hms heal says what was done and why', async () => {
  await withProgram(async program => {
    await program.fleet(FLEET);
    const terminal = await program.terminal([]);
    await terminal.shows('worker');
    await terminal.press('I');
    await terminal.shows('Healing', /worker .*basic/);
    await terminal.shows('worker: hang', '✖ interrupt did not help', '… restart is being watched');
    await terminal.shows('No incident is open.', 'recovered by restart', '1 incident');
    await terminal.press('Escape');
    const { closed } = await waitFor(() => program.json<{ closed: readonly Closed[] }>('heal', 'incidents'), {
      what: 'the incident',
    });
    expect(closed).toMatchObject([{ agent: 'worker', result: 'recovered' }]);
    const id = closed[0]?.id ?? '';
    expect((await program.hms('heal', 'show', id)).stdout).toMatch(/✔ restart helped in/);
    expect((await program.hms('heal', 'why', id)).stdout).toMatch(
      /silence: nothing for 3 s[\s\S]*2\. restart/,
    );
    const status = await program.json<Status>('heal', 'status');
    expect(status).toMatchObject({
      open: 0,
      agents: [{ id: 'worker', level: 'basic', incident: null }, { id: 'asker' }],
    });
    expect(status.mean_repair_ms).toBeGreaterThan(3000);
    await program.hms('heal', 'set-level', 'worker', 'hybrid');
    expect((await program.hms('heal')).stdout).toMatch(/worker +hybrid +well/);
    const unknown = await program.hms('heal', 'show', 'i-nobody');
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.stderr).toContain('no incident i-nobody');
  });
});
