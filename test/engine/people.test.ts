import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RequestId, SessionId } from '../../src/model/ids.ts';
import { OWNER, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';
import { alive, FLEET, held, one, two } from './unit.ts';

describe('modes and rights', () => {
  test('what a mode forbids the engine refuses, with a word on where it would go', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { request, digest, answer } = await held(bench);
      const decide = { request, decision: 'approve' as const, digest };
      const watcher = await bench.person('viewer-like', 'observe');
      await expect(watcher.client.request('approval.decide', decide)).rejects.toThrow('not in observe mode');
      await expect(watcher.client.request('agent.stop', { agent: two })).rejects.toThrow('observe');
      await expect(watcher.client.request('lease.take', { agent: one })).rejects.toThrow('collaborate');
      await watcher.client.request('mode.set', { mode: 'watch' });
      await expect(watcher.client.request('agent.send', { agent: two, text: 'hi' })).rejects.toThrow(
        'collaborate',
      );
      await expect(
        watcher.client.request('approval.decide', { ...decide, decision: 'override', note: 'because' }),
      ).rejects.toThrow('lead');
      await watcher.client.request('approval.decide', decide);
      expect((await answer).run).toBe(true);
      expect(bench.state().sessions[watcher.welcome.session]?.mode).toBe('watch');
    });
  });

  test('roles of the fleet file hold, and strangers are refused', async () => {
    await withEngine(`${FLEET}operators: { vera: viewer, otto: operator }\n`, async bench => {
      const vera = await bench.person('vera');
      expect(vera.welcome).toMatchObject({ role: 'viewer', mode: 'observe' });
      await expect(vera.client.request('mode.set', { mode: 'watch' })).rejects.toThrow(
        'a viewer cannot enter watch mode',
      );
      await expect(bench.person('mallory')).rejects.toThrow('mallory is not an operator of this fleet');
      expect((await bench.person()).welcome).toMatchObject({ operator: OWNER, role: 'lead' });
    });
  });

  test('who is attached is shown to all, and who has left is not', async () => {
    await withEngine(FLEET, async bench => {
      const alice = await bench.person('alice');
      const bob = await bench.person('bob', 'observe');
      await bench.until('both', s => Object.keys(s.sessions).length === 2);
      expect(Object.values(bench.state().sessions).map(s => `${s.operator} ${s.mode}`)).toEqual([
        'alice watch',
        'bob observe',
      ]);
      bob.client.close();
      await bench.until('one', s => Object.keys(s.sessions).length === 1);
      expect(bench.state().sessions[alice.welcome.session]).toBeDefined();
    });
  });
});

describe('keyboards', () => {
  test('are typed on by their holder alone, and a lead may take one away', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice', 'collaborate');
      const bob = await bench.person('bob', 'collaborate');
      const lead = await bench.person(undefined, 'collaborate');
      const { fence } = (await alice.client.request('lease.take', { agent: one })) as { fence: number };
      await expect(bob.client.request('lease.take', { agent: one })).rejects.toThrow('alice holds');
      await expect(bob.client.request('lease.take', { agent: one, force: true })).rejects.toThrow('lead');
      const type = (text: string, by = alice, at = fence) =>
        by.client.request('agent.type', {
          agent: one,
          bytes: Buffer.from(text).toString('base64'),
          fence: at,
        });
      await type('hello\r');
      await expect(type('x', bob)).rejects.toThrow('no longer hold');
      const taken = await lead.client.request('lease.take', { agent: one, force: true });
      await expect(type('late')).rejects.toThrow('no longer hold');
      await type('abc', lead, (taken as { fence: number }).fence);
      const typed = join(bench.dir, 'typed');
      await waitFor(() => existsSync(typed) && readFileSync(typed, 'utf8').includes('hello'), {
        what: 'the line',
      });
      expect(readFileSync(typed, 'utf8')).not.toContain('late');
      expect((await bench.event('keyboard.typed', e => e.actor.id === 'alice')).data.bytes).toBe(6);
      expect((await bench.event('keyboard.typed', e => e.actor.id === OWNER)).data.bytes).toBe(3);
    });
  });

  test('are asked for and handed over, to who may type; the fence rises', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice', 'collaborate');
      const bob = await bench.person('bob', 'watch');
      const to = SessionId.parse(bob.welcome.session);
      await expect(bob.client.request('lease.ask', { agent: one })).rejects.toThrow('collaborate');
      const { fence } = await alice.client.request('lease.take', { agent: one });
      await expect(alice.client.request('lease.give', { agent: one, to })).rejects.toThrow('collaborate');
      await bob.client.request('mode.set', { mode: 'collaborate' });
      await bob.client.request('lease.ask', { agent: one });
      await bob.client.request('lease.ask', { agent: one });
      expect(bench.state().leases['keyboard:one']?.asked).toEqual([to]);
      await expect(bob.client.request('lease.give', { agent: one, to })).rejects.toThrow('do not hold');
      await alice.client.request('lease.give', { agent: one, to });
      expect(bench.state().leases['keyboard:one']).toMatchObject({ session: to, fence: fence + 1 });
      expect(bench.state().leases['keyboard:one']?.asked).toBeUndefined();
      await expect(alice.client.request('lease.ask', { agent: two })).rejects.toThrow('nobody holds');
    });
  });

  test('what was typed on a stage is told afterwards: written down under its fence, refused when that is past', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice', 'collaborate');
      const lead = await bench.person(undefined, 'collaborate');
      const told = (by: typeof alice, fence: number, bytes: number) =>
        by.client.request('agent.typed', { agent: one, bytes, fence });
      await expect(told(alice, 1, 5)).rejects.toThrow('no longer hold');
      const { fence } = await alice.client.request('lease.take', { agent: one });
      await told(alice, fence, 5);
      const taken = await lead.client.request('lease.take', { agent: one, force: true });
      // On its way when the keyboard was taken: it was typed all the same.
      await expect(told(alice, fence, 2)).rejects.toThrow('no longer hold');
      await expect(told(alice, taken.fence, 100)).rejects.toThrow('no longer hold');
      const late = await bench.event('keyboard.typed', e => e.actor.id === 'alice');
      expect(late.data).toEqual({ agent: one, bytes: 7, fence });
    });
  });

  test('go back when their holder leaves collaborate mode or goes away', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice', 'collaborate');
      await alice.client.request('lease.take', { agent: one });
      await alice.client.request('mode.set', { mode: 'watch' });
      expect(bench.state().leases).toEqual({});
      await alice.client.request('mode.set', { mode: 'collaborate' });
      await alice.client.request('lease.take', { agent: one });
      alice.client.close();
      await bench.until('the lease to be free', s => Object.keys(s.leases).length === 0);
      expect(bench.state().fences['keyboard:one']).toBe(2);
    });
  });
});

describe('messages and staging', () => {
  test('a message is typed into the pane and on the record, but never onto an open question', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice', 'collaborate');
      await alice.client.request('agent.send', { agent: one, text: 'two\nlines' });
      const typed = join(bench.dir, 'typed');
      await waitFor(() => existsSync(typed) && readFileSync(typed, 'utf8').includes('lines'), {
        what: 'the message',
      });
      expect((await bench.event('message.sent')).data).toMatchObject({
        from: 'operator:alice',
        to: 'agent:one',
        text: 'two\nlines',
      });
      await held(bench);
      await bench.until('asking', s => s.agents[one]?.status === 'asking');
      await expect(alice.client.request('agent.send', { agent: one, text: 'x' })).rejects.toThrow(
        'could pick one',
      );
    });
  });

  test('prepare stages and commits; what fails is said, what was dropped is gone', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { request, digest, answer } = await held(bench);
      const alice = await bench.person('alice', 'prepare');
      const stage = (staged: Parameters<typeof alice.client.request<'stage.add'>>[1]['staged']) =>
        alice.client.request('stage.add', { staged }) as Promise<{ item: number }>;
      const approve = await stage({ type: 'decision', request, decision: 'approve', digest });
      const message = await stage({ type: 'message', agent: two, text: 'for later' });
      const dropped = await stage({ type: 'message', agent: two, text: 'never' });
      const stale = await stage({
        type: 'decision',
        request: RequestId.parse('r-gone'),
        decision: 'deny',
        digest,
      });
      expect(Object.keys(bench.state().sessions[alice.welcome.session]?.staged ?? {})).toHaveLength(4);
      await alice.client.request('stage.drop', { items: [dropped.item] });
      const items = [approve.item, message.item, stale.item];
      expect(await alice.client.request('stage.commit', { items })).toMatchObject({
        results: [{ ok: true }, { ok: true }, { ok: false, message: 'there is no request r-gone' }],
      });
      expect((await answer).run).toBe(true);
      expect(bench.events().some(e => e.kind === 'message.sent' && e.data.text === 'never')).toBe(false);
      await expect(alice.client.request('stage.commit', { items })).rejects.toThrow('no staged item');
    });
  });
});
