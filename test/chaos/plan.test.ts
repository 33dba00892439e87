import { describe, expect, test } from 'vitest';
import { CATALOGUE, FAULT_NAMES } from '../../src/chaos/catalogue.ts';
import { planSteps } from '../../src/chaos/plan.ts';
import { Experiment } from '../../src/chaos/schema.ts';
import { PlannedFault } from '../../src/model/chaos.ts';
import { Injection } from '../../src/protocol/native.ts';

const view = {
  agents: ['a', 'b', 'c', 'd', 'e', 'f'].map(id => ({ id, alive: true, driver: 'command' })),
};
const plan = (method: unknown[], more: object = {}, seed = 1) =>
  planSteps(Experiment.parse({ title: 't', method, ...more }), {
    id: 'x-abcd',
    seed,
    view,
    absolute: path => `/fleet/${path}`,
  });
const action = (fault: string, more: object = {}) => ({ type: 'action', fault, ...more });

describe('a plan', () => {
  test('says exactly what is asked of the helper, step by step', () => {
    const [kill, fill] = plan([
      action('kill', { target: 'a', for: '3s' }),
      action('disk_fill', { size: '64mb' }),
    ]);
    expect(kill?.injection).toMatchObject({
      id: 'x-abcd.1',
      fault: { fault: 'kill', signal: 'KILL', tree: false },
      targets: ['a'],
      for_ms: 3000,
    });
    expect(kill?.fault.about).toBe('kill a with SIGKILL for 3 s');
    expect(fill?.injection?.fault).toEqual({ fault: 'disk_fill', path: '/fleet/.', bytes: 64 << 20 });
  });

  test('draws the same by the same seed, and leaves a cell to the engine', () => {
    const random = [action('pause', { target: 'random' })];
    expect(plan(random, {}, 9)).toEqual(plan(random, {}, 9));
    expect(plan([action('cell_hang', { target: 'cell:status' })])[0]?.injection).toBeUndefined();
  });

  test('is refused where it would hit more than its share', () => {
    expect(() => plan([action('kill', { target: 'all' })])).toThrow(/6 of 6 agents at once is more than/);
    expect(
      plan([action('kill', { target: 'all' })], { blast: { percent: 100 } })[0]?.fault.targets,
    ).toHaveLength(6);
    expect(plan([action('kill', { target: ['a', 'b', 'engine'] })])[0]?.fault.targets).toEqual([
      'a',
      'b',
      'engine',
    ]);
  });

  test('harm to an endpoint of an agent is done to that agent', () => {
    const [step] = plan([action('net_delay', { proxy: 'a/db', delay: '1s' })]);
    expect(step?.injection).toMatchObject({ targets: ['a'], fault: { proxy: 'a/db' } });
  });

  test('of every fault fits what the helper and the journal take', () => {
    for (const name of FAULT_NAMES) {
      const fields = Object.fromEntries(
        CATALOGUE[name].example
          .map(line => line.split(': '))
          .map(([key = '', value = '']) => [key, read(value)]),
      );
      const target = CATALOGUE[name].target === '' ? {} : { target: CATALOGUE[name].target };
      const proxies = { api: { listen: '127.0.0.1:0', upstream: '127.0.0.1:1' } };
      const [step] = plan([action(name, { ...fields, ...target })], { proxies });
      expect(PlannedFault.parse(step?.fault)).toEqual(step?.fault);
      if (name !== 'cell_hang' && name !== 'cell_kill')
        expect(Injection.parse(step?.injection).fault.fault).toBe(name);
    }
  });
});

function read(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text === 'false' ? false : text;
}
