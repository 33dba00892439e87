/** The desk of the panes' tests: five agents, and two requests that can be asked. */
import type { Draft } from '../../src/model/event.ts';
import { AgentId } from '../../src/model/ids.ts';
import { Desk, type DeskOptions } from '../console/desk.ts';
import { asks, fleet, started, status } from '../console/events.ts';

const AGENTS = {
  builder: 'claude',
  deployer: 'claude',
  reviewer: 'claude',
  crawler: 'command',
  docs: 'command',
};
export const SYSTEM = { type: 'system', id: 'engine', via: 'engine' } as const;
const FLEET: readonly Draft[] = [
  ...fleet(AGENTS),
  ...Object.keys(AGENTS).map((a, i) => started(a, i + 1)),
  status('builder', 'working', 'tests'),
  status('reviewer', 'idle', 'Stop hook'),
  {
    kind: 'restart.scheduled',
    actor: SYSTEM,
    subject: 'agent:crawler',
    data: { agent: AgentId.parse('crawler'), attempt: 2, delayMs: 400, reason: 'exit 137' },
  },
];
export const HIGH = asks({
  id: 'r-high',
  agent: 'deployer',
  risk: 70,
  effect: 'irreversible',
  input: { command: 'kubectl delete ns staging' },
  expires: 1_700_000_559_000,
});
export const EDIT = asks({
  id: 'r-edit',
  agent: 'builder',
  tool: 'Edit',
  input: {
    file_path: '/home/alice/payments/src/api.ts',
    old_string: 'const a = 1;\nreturn a;',
    new_string: 'const a = 2;\nreturn a;',
  },
  title: 'Edit src/api.ts +1 −1',
});

export const desk = (drafts: readonly Draft[] = [], options: DeskOptions = {}) =>
  new Desk([...FLEET, ...drafts], options);
