import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../src/journal/reader.ts';
import { connectAgent } from '../../src/protocol/client.ts';
import { AGENT_PROTOCOL } from '../../src/protocol/limits.ts';
import { withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';
import { alive, FLEET, held, newId, one, touch } from './unit.ts';

describe('requests', () => {
  test('an edit runs as edited, is judged by the policy, and says so', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice');
      const first = await held(bench);
      const ruinous = { argv: ['rm', '-rf', '/'] };
      await expect(
        alice.client.request('approval.decide', {
          request: first.request,
          decision: 'approve',
          digest: first.digest,
          edit: ruinous,
        }),
      ).rejects.toThrow('forbidden');
      const edit = { argv: ['touch', 'other'] };
      await alice.client.request('approval.decide', {
        request: first.request,
        decision: 'approve',
        digest: first.digest,
        edit,
      });
      const answer = await first.answer;
      expect(answer).toMatchObject({ run: true, edited: true, action: { input: edit } });
      expect(answer.digest).not.toBe(first.digest);
      await first.agent.request('gate.effect', { request: first.request, exit: 0, ms: 5 });
      expect(bench.state().settled[0]).toMatchObject({ id: first.request, exit: 0 });
    });
  });

  test('one request is one answer: its id is not good for a second run, another action or another agent', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice');
      const { agent, request, digest, answer } = await held(bench);
      const twin = await bench.agent('one');
      await expect(twin.request('gate.ask', { request, action: touch(bench.dir) })).rejects.toThrow(
        'waited for',
      );
      await expect(
        agent.request('gate.ask', { request, action: { ...touch(bench.dir), input: { argv: ['rm', 'x'] } } }),
      ).rejects.toThrow('another request');
      await alice.client.request('approval.decide', { request, decision: 'approve', digest });
      await answer;
      await expect(agent.request('gate.ask', { request, action: touch(bench.dir) })).rejects.toThrow(
        'answered already',
      );
      const other = await bench.agent('two');
      await expect(other.request('gate.ask', { request, action: touch(bench.dir) })).rejects.toThrow(
        'another request',
      );
    });
  });

  test('a grant lets the like pass so often and no longer; revoked, not at all', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice');
      const { agent, request } = await held(bench);
      await alice.client.request('grant.issue', { request, minutes: 5, uses: 1 });
      const like = await agent.request('gate.ask', {
        request: newId(),
        action: { ...touch(bench.dir), input: { argv: ['touch', 'more'] } },
      });
      expect(like).toMatchObject({ run: true, outcome: 'permitted' });
      const next = newId();
      agent.request('gate.ask', { request: next, action: touch(bench.dir) }).catch(() => {});
      await bench.until('the next hold', s => next in s.pending);
      await alice.client.request('grant.issue', { request: next, minutes: 5, uses: 5 });
      const grant = Object.values(bench.state().grants).find(g => g.used === 0);
      await alice.client.request('grant.revoke', { grant: (grant?.id ?? '') as never });
      const last = newId();
      agent.request('gate.ask', { request: last, action: touch(bench.dir) }).catch(() => {});
      await bench.until('a hold again', s => last in s.pending);
    });
  });

  test('later is not deny', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice');
      const { request } = await held(bench);
      await alice.client.request('approval.defer', { request, minutes: 1 });
      expect(bench.state().pending[request]?.deferredUntil).toBeGreaterThan(Date.now());
    });
  });

  test('a token of an earlier incarnation, of nobody, or no hello at all lets nobody in', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const old = await connectAgent(bench.paths.agentSocket);
      process.kill(bench.state().agents[one]?.pid ?? 0, 'SIGKILL');
      await bench.until('incarnation 2', s => s.agents[one]?.incarnation === 2);
      const { openTokens } = await import('../../src/engine/tokens.ts');
      const token = openTokens(join(bench.paths.state, 'agent.secret')).make('one', 1);
      await expect(old.request('hello', { protocol: AGENT_PROTOCOL, token })).rejects.toThrow('earlier run');
      const stranger = await connectAgent(bench.paths.agentSocket);
      await expect(stranger.request('hello', { protocol: AGENT_PROTOCOL, token: 'one.2.x' })).rejects.toThrow(
        'not one of this fleet',
      );
    });
  });
});

test('the hooks of an agent that is no longer in the fleet file still meet the policy', async () => {
  const two = '  two: { command: [sleep, "1000000"] }\n';
  const one = '  one: { driver: claude, command: [sh, -c, "sleep 1000000"] }\n';
  await withEngine(`fleet: unit\nagents:\n${one}${two}`, async bench => {
    await alive(bench);
    await bench.engine.stop('test');
    writeFileSync(join(bench.dir, 'hms.yaml'), `fleet: unit\nagents:\n${two}`);
    await bench.again();
    const agent = await bench.agent('one');
    const payload = {
      hook_event_name: 'PreToolUse',
      session_id: '0b6f2a3e-8f0e-4d6e-9d6e-2f8f4c1a7b90',
      cwd: bench.dir,
      tool_name: 'Bash',
      tool_input: { command: 'rm -rf /' },
    };
    const said = await agent.request('hook', { driver: 'claude', request: newId(), payload });
    expect(JSON.stringify(said)).toContain('deny');
  });
});

test('what is odd about a policy is on the record', async () => {
  // The м is Cyrillic: it looks like an m and matches no rm.
  const rule = '@id("mixed") permit (principal, action, resource) when { context.tool like "r\u043c*" };';
  await withEngine(
    `${FLEET}policies: [odd.cedar]\n`,
    async bench => {
      const reader = openReader(bench.paths.journal);
      const noted = () => [...reader.read({ kinds: ['engine.noted'] })][0];
      const event = await waitFor(noted, { what: 'the note' });
      reader.close();
      expect(JSON.stringify(event.data)).toMatch(/odd\.cedar:1:\d+: .*mixed scripts/);
    },
    { 'odd.cedar': `${rule}\npermit (principal, action, resource) when { context.approvalCount >= 1 };\n` },
  );
});
