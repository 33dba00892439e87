import { expect, test } from 'vitest';
import { fleetChange } from '../../src/fleet/changes.ts';
import { FleetConfig } from '../../src/model/fleet.ts';
import { AgentId, Digest } from '../../src/model/ids.ts';

function fleetWith(key: string) {
  const swap = [{ name: 'other', env: { API_KEY: key } }];
  const config = FleetConfig.parse({ fleet: 'unit', agents: { a: { command: 'x', healing: { swap } } } });
  const id = AgentId.parse('a');
  const agent = config.agents[id];
  if (!agent) throw new Error('there is no a');
  const places = { file: '/f/hms.yaml', dir: '/f', text: '', digest: Digest.parse('0'.repeat(64)) };
  const agents = [{ id, config: agent, cwd: '/f' }];
  const fleet = { ...places, config, agents, policies: [], warnings: [] };
  return { fleet, policies: [] };
}

test('a variable of an alternative is a change, and its value is told nowhere', () => {
  const change = fleetChange(fleetWith('sk-before'), fleetWith('sk-after'));
  expect(change.agents).toMatchObject([{ agent: 'a', fields: [{ name: 'healing' }], restart: false }]);
  expect(JSON.stringify(change)).toContain('API_K');
  expect(JSON.stringify(change)).not.toMatch(/sk-/);
});
