/** What is broken on purpose: shown, stopped, begun. */
import { describe, expect, test } from 'vitest';
import { ExperimentId } from '../../src/model/chaos.ts';
import type { Draft } from '../../src/model/event.ts';
import { RequestId } from '../../src/model/ids.ts';
import { Desk, NOW } from '../console/desk.ts';
import { ALICE, FLEET } from '../console/events.ts';
import { rowsOf } from './look.tsx';

const experiment = ExperimentId.parse('x-abcd');
const by = { actor: ALICE, subject: 'fleet' } as const;
const fault = {
  id: 'x-abcd.1',
  what: 'pause',
  targets: ['builder'],
  forMs: 20_000,
  about: 'pause builder \u001b[31m',
};
const started: Draft = {
  kind: 'experiment.started',
  ...by,
  data: {
    experiment,
    title: 'A hang is a hang',
    day: '',
    seed: 7,
    request: RequestId.parse('r-abcd'),
    runner: { pid: 7, born: '1' },
    probes: ['agents well'],
    faults: [fault],
  },
};
const injected: Draft = {
  kind: 'fault.injected',
  ...by,
  data: {
    experiment,
    fault: fault.id,
    what: 'pause',
    targets: ['builder'],
    until: NOW + 20_000,
    mechanism: 'ptrace',
    about: fault.about,
  },
};
const reverted: Draft = {
  kind: 'fault.reverted',
  ...by,
  data: { experiment, fault: fault.id, because: 'halt', ms: 900, detail: '' },
};
const finished: Draft = {
  kind: 'experiment.finished',
  ...by,
  data: {
    experiment,
    verdict: 'aborted',
    reason: 'enough',
    ms: 1000,
    detectedMs: 60,
    recoveredMs: null,
    report: '',
  },
};

const shown = (desk: Desk): string => rowsOf(desk.state).join('\n');

describe('the chaos page', () => {
  test('says what is broken, until when, and how the steady state is', () => {
    const desk = new Desk([...FLEET, started, injected]);
    expect(shown(desk)).toContain('⚡ BROKEN: pause builder');
    expect(shown(desk)).toContain('⚡ pause ');
    desk.press('X');
    const readings = { experiment, at: NOW, probes: [{ name: 'agents well', ok: false, value: 66 }] };
    desk.act({ type: 'probed', readings, at: desk.at });
    desk.emit({
      kind: 'steady-state.broken',
      ...by,
      data: { experiment, probe: 'agents well', value: '66', wanted: '100' },
    });
    const page = shown(desk);
    expect(page).toContain('A hang is a hang');
    expect(page).toMatch(/BROKEN\s+pause builder ␛\[31m/);
    expect(page).toMatch(/back in \d+(?:\.\d)? s at the latest · by ptrace/);
    expect(page).toMatch(/✖ agents well .*█ 66/);
  });

  test('stands among the other panes in a layout of its own', () => {
    const desk = new Desk([...FLEET, started, injected], { cols: 200, rows: 60 });
    desk.act({ type: 'run', command: 'layout game-day', at: desk.at });
    expect(shown(desk)).toMatch(/╭─ Chaos .*takes everything back/);
    expect(shown(desk)).toMatch(/BROKEN\s+pause builder/);
  });

  test('keeps the last verdicts, and says what was not taken back', () => {
    const failed: Draft = {
      kind: 'fault.failed',
      ...by,
      data: { experiment, fault: fault.id, reason: 'residue', residues: ['it stands still'] },
    };
    const good = new Desk([...FLEET, started, injected, reverted, finished]).press('X');
    expect(shown(good)).toContain('Nothing is broken on purpose');
    expect(shown(good)).toMatch(/■ aborted +A hang is a hang/);
    expect(shown(good)).toContain('noticed in 60 ms · did not recover · all taken back');
    const bad = new Desk([...FLEET, started, injected, failed, finished]).press('X');
    expect(shown(bad)).toContain('NOT ALL TAKEN BACK');
  });
});

describe('the kill switch', () => {
  test('needs no yes, works in its page, and without an engine', () => {
    const desk = new Desk([...FLEET, started, injected]);
    desk.press('X', 'H');
    expect(desk.sends).toEqual([{ request: 'chaos.halt', with: { on: true, reason: 'from a console' } }]);
    expect(shown(desk)).toContain('1 fault being taken back');
    desk.act({ type: 'lost', reason: 'gone', at: desk.at }).press('H');
    expect(desk.effects.map(effect => effect.do)).toEqual(['send', 'halt']);
  });

  test('is lifted after a question', () => {
    const halted: Draft = { kind: 'chaos.halted', ...by, data: { reason: '' } };
    const desk = new Desk([...FLEET, halted]);
    expect(shown(desk)).toContain('■ chaos halted');
    desk.press('H');
    expect(desk.sends).toEqual([]);
    desk.act({ type: 'run', command: 'chaos.lift', at: desk.at });
    expect(desk.state.ui.overlay?.kind).toBe('confirm');
    desk.press('y');
    expect(desk.sends).toEqual([{ request: 'chaos.halt', with: { on: false } }]);
  });

  test('is not a viewer’s to press', () => {
    const desk = new Desk([...FLEET, started, injected], { role: 'viewer', mode: 'observe' }).press('H');
    expect(desk.sends).toEqual([]);
  });
});

test('an experiment is begun by its file', () => {
  const desk = new Desk(FLEET).press('E').type('chaos/day.yaml').press('enter');
  expect(desk.effects.at(-1)).toEqual({ do: 'experiment', file: 'chaos/day.yaml' });
  expect(new Desk(FLEET).press('E', 'enter').effects).toEqual([]);
});
