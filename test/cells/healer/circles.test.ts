/** Real panes, looked at twenty times as often as in a fleet: who goes round in circles, and who only looks like it. */
import { expect, test } from 'vitest';
import { Screens } from '../../../src/cells/healer/screens.ts';
import { digestOf, hasMoved } from '../../../src/cells/healer/shown.ts';
import { repeats } from '../../../src/healing/adapt/repeats.ts';
import { Picture } from '../../../src/healing/picture.ts';
import type { Anomaly, Signal } from '../../../src/healing/types.ts';
import { HealingConfig } from '../../../src/model/healing.ts';
import { AgentId, type PaneId } from '../../../src/model/ids.ts';
import { doing, started } from '../../healing/support/fleet.ts';
import { waitFor } from '../../support/wait.ts';
import { start, withServer } from '../../tmux/fixture.ts';
import { worldByHand } from './world.ts';

const FASTER = 20;

const AGENTS = {
  circle:
    'n=0; while [ $n -lt 400 ]; do n=$((n + 1)); echo "work $n"; sleep 0.01; done; while :; do echo read; echo edit; echo test; sleep 0.05; done',
  worker: 'n=0; while :; do n=$((n + 1)); echo "job $n"; echo done; sleep 0.05; done',
  spinner: 'seq 200; while :; do printf "\\r| waits"; sleep 0.03; printf "\\r/ waits"; sleep 0.03; done',
  table: 'seq 200; while :; do printf "\\033[H\\033[2Jload\\n"; printf "all well\\n"; sleep 0.05; done',
  same: 'while :; do echo ok; sleep 0.05; done',
};

function healed() {
  const [picture, detector] = [new Picture(), repeats()];
  const config = HealingConfig.parse({ level: 'hybrid' });
  const see = (signal: Signal, now: number): Anomaly | undefined => {
    picture.see(signal, now);
    return detector.see(signal, { picture, config, now, lag: 1, troubled: false });
  };
  see(started(1), 0);
  see(doing('working'), 0);
  return { see, steps: 0, found: undefined as Anomaly | undefined };
}

test('a circle is found on its screen, and in nothing that is drawn on the spot, counts, or has always said the same', async () => {
  await withServer(async server => {
    const begun = performance.now();
    const { world } = worldByHand();
    const patients = new Map(Object.keys(AGENTS).map(id => [id, healed()]));
    const panes = new Map<string, PaneId>();
    const now = (): number => Math.round((performance.now() - begun) * FASTER);
    const screens = new Screens(
      {
        ...world,
        now,
        after: (ms, ring) => {
          const timer = setTimeout(ring, ms / FASTER);
          return () => clearTimeout(timer);
        },
      },
      {
        paneOf: agent => panes.get(agent),
        read: all => server.screens(all),
        onScreen: (agent, before, shown) => {
          const patient = patients.get(agent);
          if (!patient || !hasMoved(before, shown)) return;
          patient.steps += 1;
          patient.found ??= patient.see({ signal: 'screen', digest: digestOf(shown.lines, false) }, now());
        },
      },
    );
    for (const [id, script] of Object.entries(AGENTS)) {
      const agent = AgentId.parse(id);
      panes.set(id, (await server.startPane(start({ agent, argv: ['sh', '-c', script] }))).pane);
    }
    let printed = 0;
    await waitFor(
      () => {
        // tmux tells the second of the last output: here it is a new one each time.
        printed += 1;
        for (const id of panes.keys()) screens.printed(id, printed / 1000);
        return patients.get('circle')?.found && (patients.get('worker')?.steps ?? 0) > 30;
      },
      { what: 'the circle', deadlineMs: 60_000 },
    );
    expect(patients.get('circle')?.found).toMatchObject({ fault: 'repeat' });
    expect(patients.get('circle')?.found?.findings[0]?.words).toBe('the same screen 12 times in a row');
    for (const id of ['worker', 'spinner', 'table', 'same'])
      expect(patients.get(id)?.found, id).toBeUndefined();
    expect(patients.get('spinner')?.steps).toBeLessThan(3);
    expect(patients.get('table')?.steps).toBeLessThan(3);
    for (const id of panes.keys()) screens.forget(id);
  });
});
