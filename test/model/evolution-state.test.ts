import { expect, test } from 'vitest';
import type { Draft, Event } from '../../src/model/event.ts';
import { AgentId, IncidentId, RequestId } from '../../src/model/ids.ts';
import { fold } from '../../src/model/reduce.ts';
import { EMPTY, type FleetState } from '../../src/model/state.ts';

const one = AgentId.parse('one');
const request = RequestId.parse('r-000000000001');
const genome = { numbers: { prior: 3 }, playbook: {} };
const actor = { type: 'cell', id: 'optimizer', via: 'engine' } as const;

function after(...drafts: readonly Pick<Draft, 'kind' | 'data'>[]): FleetState {
  const events = drafts.map(
    (draft, at) =>
      ({ ...draft, seq: at + 1, time: 1000 * (at + 1), actor, subject: 'fleet', prev: '' }) as Event,
  );
  return fold(EMPTY, events);
}

const trouble = (n: number, level: 'evolutionary' | 'hybrid'): readonly Pick<Draft, 'kind' | 'data'>[] => {
  const incident = IncidentId.parse(`i-00000${n}`);
  return [
    {
      kind: 'incident.opened',
      data: { incident, agent: one, class: 'hang', detail: '', level, since: 0, findings: [] },
    },
    {
      kind: 'incident.closed',
      data: {
        incident,
        outcome: '',
        ms: 1000 * n,
        result: 'recovered',
        cost: { lostMs: 5, wasted: 0, tokens: 1 },
      },
    },
  ];
};

const adopted: Pick<Draft, 'kind' | 'data'> = {
  kind: 'tuning.adopted',
  data: { request, genome, agents: [one] },
};
const promoted = { kind: 'tuning.promoted', data: { request, detail: '' } } as const;
const reverted = (from: 'canary' | 'all') =>
  ({ kind: 'tuning.reverted', data: { from, detail: '' } }) as const;

test('a canary knows what incidents cost before it and since, of agents that evolve alone', () => {
  const { evolution } = after(
    ...trouble(1, 'evolutionary'),
    ...trouble(2, 'hybrid'),
    adopted,
    ...trouble(3, 'evolutionary'),
    ...trouble(4, 'hybrid'),
  );
  expect(evolution.canary?.before.map(({ ms }) => ms)).toEqual([1000]);
  expect(evolution.canary?.cases).toMatchObject([{ agent: 'one', ms: 3000, lostMs: 5, falseAlarm: false }]);
});

test('what is promoted holds, and can be taken back to what was before it, once', () => {
  const held = after(adopted, promoted);
  expect(held.evolution).toMatchObject({ tuning: genome, before: { tuning: null }, canary: null });
  const back = after(adopted, promoted, reverted('all'));
  expect(back.evolution).toMatchObject({ tuning: null, canary: null, reverted: [genome] });
  expect(back.evolution.before).toBeUndefined();
  expect(after(adopted, promoted, reverted('all'), reverted('all')).evolution).toEqual(back.evolution);
});

test('a canary that is taken back leaves what is in force as it was', () => {
  const { evolution } = after(adopted, promoted, adopted, reverted('canary'));
  expect(evolution).toMatchObject({ tuning: genome, before: { tuning: null }, canary: null });
});

test('generations are kept in their order, each once, and not without end', () => {
  const step = (n: number) =>
    ({
      kind: 'evolution.stepped',
      data: { step: n, evaluations: n, fitness: 1 / n, elites: 1, incidents: 0 },
    }) as const;
  // A worker that lost its file begins again.
  expect(after(step(1), step(2), step(3), step(2)).evolution.generations.map(one => one.step)).toEqual([
    1, 2,
  ]);
  const many = after(...Array.from({ length: 200 }, (_, n) => step(n + 1)));
  expect(many.evolution.generations).toHaveLength(120);
  expect(many.evolution.generations.at(-1)).toMatchObject({ step: 200, fitness: 1 / 200 });
});
