/** Events as a working fleet makes them, in the mix it makes them: the same every time. */
import { createHash } from 'node:crypto';
import type { Draft } from '../src/model/event.ts';
import { AgentId, Digest, PaneId, RequestId } from '../src/model/ids.ts';

const AGENTS = ['builder', 'deployer', 'reviewer', 'crawler', 'docs', 'tester'].map(name =>
  AgentId.parse(name),
);

function digest(text: string): Digest {
  return Digest.parse(createHash('sha256').update(text).digest('hex'));
}

const POLICY = digest('policy');

/** The fleet these events are of. */
export function configured(): Draft {
  return {
    kind: 'fleet.configured',
    actor: { type: 'system', id: 'engine', via: 'engine' },
    subject: 'fleet',
    data: {
      digest: digest('hms.yaml'),
      agents: Object.fromEntries(
        AGENTS.map(agent => [
          agent,
          { driver: 'claude', title: `the ${agent}`, gate: 'ask' as const, needs: [], capabilities: ['git'] },
        ]),
      ),
      operators: {},
    },
  };
}

/** One gated action of an agent, from working to working again: nine events. */
function turn(n: number): Draft[] {
  const agent = AGENTS[n % AGENTS.length] ?? AgentId.parse('builder');
  const request = RequestId.parse(`r-${n.toString(36).padStart(8, '0')}`);
  const command = `npm test -- --run packages/${agent}/src/module-${n % 97}.test.ts`;
  const action = {
    tool: 'Bash',
    input: { command, description: 'Run the tests of one module' },
    cwd: `/srv/work/${agent}`,
  };
  const cell = { type: 'cell', id: 'monitor', via: 'engine' } as const;
  const asker = { type: 'agent', id: agent, via: 'hook' } as const;
  const person = { type: 'operator', id: 'alice', via: 'console' } as const;
  const of = `request:${request}`;
  const status = (to: 'working' | 'asking' | 'idle', source: 'hook' | 'gate', detail: string): Draft => ({
    kind: 'status.changed',
    actor: cell,
    subject: `agent:${agent}`,
    data: { agent, status: to, evidence: { source, detail, sure: 1 } },
  });
  const held = n % 3 === 0;
  return [
    status('working', 'hook', 'UserPromptSubmit hook'),
    {
      kind: 'gate.requested',
      actor: asker,
      subject: of,
      data: {
        request,
        agent,
        action,
        digest: digest(command),
        facts: {
          verb: 'Exec',
          programs: ['npm'],
          classes: ['runs-code'],
          targets: [`/srv/work/${agent}/packages/${agent}`],
          inside: true,
          risk: 40,
          level: 'medium',
          title: command,
          effect: 'runs code',
        },
        verdict: held ? 'hold' : 'permit',
        needs: held ? 1 : 0,
        from: '',
        rules: [held ? 'hold-the-rest' : 'tests-pass'],
        why: held ? 'what is not known to be harmless waits for a person' : 'tests may run',
        policy: POLICY,
        expires: held ? 1_790_000_000_000 : 0,
        can: { edit: true, note: true },
        via: 'hook',
      },
    },
    ...(held
      ? [
          status('asking', 'gate', request),
          {
            kind: 'approval.decided',
            actor: person,
            subject: of,
            data: {
              request,
              decision: 'approve',
              digest: digest(command),
              note: '',
              edited: null,
              evidence: { shownMs: 2310, keys: ['a'], shown: digest(command) },
            },
          } satisfies Draft,
        ]
      : []),
    {
      kind: 'gate.settled',
      actor: held ? person : { type: 'cell', id: 'gatekeeper', via: 'engine' },
      subject: of,
      data: {
        request,
        outcome: held ? 'approved' : 'permitted',
        reason: '',
        digest: digest(command),
        grant: '',
      },
    },
    status('working', 'hook', 'PreToolUse hook: Bash'),
    {
      kind: 'gate.effected',
      actor: asker,
      subject: of,
      data: { request, exit: 0, detail: 'PostToolUse hook', ms: 1840 },
    },
    status('working', 'hook', 'PostToolUse hook: Bash'),
    status('idle', 'hook', 'Stop hook'),
  ];
}

/** The death of an agent and its return: four events. */
function restart(n: number): Draft[] {
  const agent = AGENTS[n % AGENTS.length] ?? AgentId.parse('builder');
  const actor = { type: 'cell', id: 'supervisor', via: 'engine' } as const;
  const subject = `agent:${agent}`;
  return [
    {
      kind: 'agent.exited',
      actor,
      subject,
      data: {
        agent,
        incarnation: n + 1,
        status: null,
        signal: 'SIGKILL',
        wanted: false,
        detail: 'noticed in 21 ms',
      },
    },
    {
      kind: 'restart.scheduled',
      actor,
      subject,
      data: { agent, attempt: 1, delayMs: 250, reason: 'killed by SIGKILL' },
    },
    {
      kind: 'agent.started',
      actor,
      subject,
      data: {
        agent,
        incarnation: n + 2,
        pane: PaneId.parse(`%${n}`),
        pid: 4000 + n,
        born: '123456',
        argv: ['claude', '--resume'],
        cwd: `/srv/work/${agent}`,
        resumed: '3f9c01ab',
      },
    },
  ];
}

/** At least `count` events: turns of agents, and now and then one that dies. */
export function dayOfAFleet(count: number): readonly Draft[] {
  const drafts: Draft[] = [];
  for (let n = 0; drafts.length < count; n++) drafts.push(...turn(n), ...(n % 50 === 49 ? restart(n) : []));
  return drafts;
}
