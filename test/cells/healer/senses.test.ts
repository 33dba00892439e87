import { expect, test } from 'vitest';
import { doingOf } from '../../../src/cells/healer/senses.ts';
import type { Event } from '../../../src/model/event.ts';
import { AgentId, Digest } from '../../../src/model/ids.ts';
import { reduce } from '../../../src/model/reduce.ts';
import { EMPTY } from '../../../src/model/state.ts';
import type { AgentStatus, Evidence } from '../../../src/model/status.ts';

const one = AgentId.parse('one');
const NOTHING = Digest.parse('0'.repeat(64));
const agents = { [one]: { driver: 'command', title: '', gate: 'ask' as const, needs: [], capabilities: [] } };
const configured = {
  seq: 1,
  time: 1,
  prev: NOTHING,
  actor: { type: 'system', id: 'test', via: 'test' },
  subject: 'fleet',
  kind: 'fleet.configured',
  data: { digest: NOTHING, agents, operators: {} },
} as Event;

function agentThat(status: AgentStatus, source: Evidence['source']) {
  const agent = reduce(EMPTY, configured).agents[one];
  if (!agent) throw new Error('there is no agent');
  return { ...agent, status, evidence: { source, detail: 'as seen', sure: 1 } };
}

const plain = { reports: false, failing: false, reads: undefined };
const hooked = { ...plain, reports: true };

test.each([
  ['a silent screen is no proof of idleness', 'idle', 'screen', plain, 'working'],
  [
    'nor is a fresh one of work that waits for somebody to type',
    'working',
    'screen',
    { ...plain, reads: true },
    'waiting',
  ],
  ['what it reports itself is believed', 'idle', 'protocol', plain, 'idle'],
  ['so is what a driver reports', 'idle', 'hook', hooked, 'idle'],
  ['who asks at the gate waits for a person', 'asking', 'gate', hooked, 'waiting'],
  ['who waits in its pane does too', 'waiting', 'hook', hooked, 'waiting'],
  ['but not who was failed by its provider', 'waiting', 'hook', { ...hooked, failing: true }, 'unknown'],
  ['what is not known is not guessed', 'unknown', 'hook', hooked, 'unknown'],
] as const)('%s', (_, status, source, seen, doing) => {
  expect(doingOf(agentThat(status, source), {}, seen).doing).toBe(doing);
});

test('an agent whose keyboard a person has is in their hands, whatever it does', () => {
  const lease = { name: 'keyboard:one', session: 's-1', fence: 1, since: 1 };
  const { doing } = doingOf(agentThat('working', 'hook'), { [lease.name]: lease }, hooked);
  expect(doing).toBe('waiting');
});
