import { expect, test } from 'vitest';
import { fleetChange } from '../../src/fleet/changes.ts';
import { FleetConfig } from '../../src/model/fleet.ts';
import { AgentId, Digest } from '../../src/model/ids.ts';

/** An agent that is healed so, or not at all. */
function fleetWith(healing?: object) {
  const a = { command: 'x', ...(healing && { healing }) };
  const config = FleetConfig.parse({ fleet: 'unit', agents: { a } });
  const id = AgentId.parse('a');
  const agent = config.agents[id];
  if (!agent) throw new Error('there is no a');
  const places = { file: '/f/hms.yaml', dir: '/f', text: '', digest: Digest.parse('0'.repeat(64)) };
  const agents = [{ id, config: agent, cwd: '/f' }];
  const fleet = { ...places, config, agents, policies: [], warnings: [] };
  return { fleet, policies: [] };
}

const fieldsOf = (before?: object, after?: object) =>
  fleetChange(fleetWith(before), fleetWith(after)).agents.map(({ fields }) => fields);

test('a variable of an alternative is a change, and its value is told nowhere', () => {
  const swap = (key: string) => ({ swap: [{ name: 'other', env: { API_KEY: key } }] });
  const change = fleetChange(fleetWith(swap('sk-before')), fleetWith(swap('sk-after')));
  expect(change.agents).toMatchObject([{ agent: 'a', fields: [{ name: 'healing.swap' }], restart: false }]);
  expect(JSON.stringify(change)).toContain('API_KEY');
  expect(JSON.stringify(change)).not.toMatch(/sk-/);
});

test('of healing what has changed is told, not all of it; that it begins or ends, as a whole', () => {
  const [silent, beating] = [{ silence: '1m' }, { silence: '1m', heartbeat: '10s' }];
  expect(fieldsOf(silent, beating)).toEqual([[{ name: 'healing.heartbeat', from: '0', to: '10000' }]]);
  expect(fieldsOf(silent)).toMatchObject([[{ name: 'healing', to: '' }]]);
  expect(fieldsOf(undefined, silent)).toMatchObject([[{ name: 'healing', from: '' }]]);
});
