import { expect, test } from 'vitest';
import { planSteps } from '../../src/chaos/plan.ts';
import { markdownOf, reportOf } from '../../src/chaos/report.ts';
import type { Outcome } from '../../src/chaos/runner.ts';
import { Experiment } from '../../src/chaos/schema.ts';
import { lookedAt, watched } from '../../src/chaos/watch.ts';

const experiment = Experiment.parse({
  title: 'A [link](x) | and\n# more',
  'steady-state-hypothesis': {
    probes: [{ name: 'well', provider: { type: 'agent-state' }, tolerance: 100 }],
  },
  method: [{ type: 'action', fault: 'kill', target: 'a', for: '5s' }],
});
const [step] = planSteps(experiment, {
  id: 'x-abcd',
  seed: 1,
  view: { agents: [{ id: 'a', alive: true, driver: 'command' }] },
  absolute: path => path,
});
const { watched: probes } = lookedAt(watched(experiment), [{ is: 'seen', value: 50 }], 1500);

function report(more: Partial<Outcome> = {}) {
  if (!step) throw new Error('no step');
  const end = { phase: 'reverted', because: 'done', detail: 'hit 1', residues: [] } as const;
  const outcome: Outcome = {
    verdict: 'held',
    reason: '',
    startedAt: 1000,
    endedAt: 9000,
    faults: [
      { step, mechanism: 'pidfd', effects: ['kill'], reverts: [], injectedAt: 2000, endedAt: 2010, end },
    ],
    probes,
    looks: [],
    detected: { ms: 12, by: 'agent.exited · SIGKILL' },
    recoveredMs: 300,
    deeds: [{ at: 3000, by: 'ann', kind: 'agent.stopped', words: 'stopped <b>' }],
    ...more,
  };
  const positions = { 'x-abcd.1': [{ agent: 'a', recording: 'a.1', at: 61_500 }] };
  return reportOf({
    id: 'x-abcd',
    title: experiment.title,
    description: '',
    day: '',
    file: 'kill.yaml',
    fleet: 'quay',
    seed: 1,
    by: 'ann',
    request: 'r-abcd',
    digest: 'd'.repeat(64),
    outcome,
    positions,
  });
}

test('a report tells what was noticed, recovered, taken back and done, and where it was recorded', () => {
  const page = markdownOf(report());
  expect(page).toContain('| noticed | in 12 ms: agent.exited · SIGKILL |');
  expect(page).toContain('| recovered | in 300 ms |');
  expect(page).toContain('| taken back, and looked at | yes, all of it |');
  expect(page).toContain('`hms record play a.1 --from 59s`');
  expect(page).toContain('- 2 s: ann · stopped \\<b\\>');
  expect(report()).toMatchObject({
    verified: true,
    steady_state: [{ looks: 1, out: 1, samples: [[500, 50, false]] }],
  });
});

test('what others wrote is no Markdown of ours', () => {
  expect(markdownOf(report()).split('\n')[0]).toBe('# A \\[link\\](x) \\| and⏎\\# more');
});

test('what is left behind is said, and is not verified', () => {
  const [fault] = report().faults;
  expect(fault?.end).toBe('reverted');
  if (!step) throw new Error('no step');
  const end = { phase: 'failed', because: 'residue', detail: '', residues: ['it stands still'] } as const;
  const left = report({
    faults: [{ step, mechanism: 'ptrace', effects: [], reverts: [], injectedAt: 2000, endedAt: 3000, end }],
  });
  expect(left.verified).toBe(false);
  expect(markdownOf(left)).toContain('**left behind: it stands still**');
});

test('of one that was not begun nothing is claimed', () => {
  const none = report({ verdict: 'not-begun', faults: [], detected: null, recoveredMs: null, deeds: [] });
  const page = markdownOf(none);
  expect(page).toContain('| recovered | – |');
  expect(page).toContain('the fleet was on its own');
  expect(none.verified).toBe(false);
});
