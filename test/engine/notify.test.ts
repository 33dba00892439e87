/** Notifications by the engine: commands that work, fail and hang; a webhook that fails twice; who is looking. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ringing } from '../../src/protocol/messages.ts';
import { type Bench, OWNER, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';
import { alive, FLEET, newId, touch } from './unit.ts';

const fleet = (rules: object): string => `${FLEET}notifications: ${JSON.stringify(rules)}\n`;
const append = (file: string) => ['/bin/sh', '-c', `cat >> ${file}; echo "$HMS_NOTIFY_TEXT" >> texts`];

async function ask(bench: Bench): Promise<void> {
  const agent = await bench.agent('one');
  const request = newId();
  agent.request('gate.ask', { request, action: touch(bench.dir) }).catch(() => {});
  await bench.until('the hold', s => request in s.pending);
}

const lines = (bench: Bench, file: string, count: number): Promise<string[]> =>
  waitFor(
    () => {
      const path = join(bench.dir, file);
      const got = existsSync(path)
        ? readFileSync(path, 'utf8')
            .split('\n')
            .filter(line => line !== '')
        : [];
      return got.length >= count && got;
    },
    { what: `${count} lines in ${file}` },
  );

interface Hook {
  readonly url: string;
  readonly got: { body: string; headers: IncomingMessage['headers'] }[];
}

/** A server on loopback that answers with these statuses, the last one from then on. */
async function withHook(statuses: readonly number[], body: (hook: Hook) => Promise<void>): Promise<void> {
  const got: Hook['got'] = [];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', chunk => {
      text += String(chunk);
    });
    request.on('end', () => {
      got.push({ body: text, headers: request.headers });
      const status = statuses[Math.min(got.length, statuses.length) - 1] ?? 200;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  try {
    await body({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got });
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
}

describe('a command', () => {
  test('is run without a shell of ours, is told as JSON, and many are told as one', async () => {
    const rules = {
      ask: { when: { events: ['asking'] }, to: [{ command: append('told') }], gather: '2s' },
    };
    await withEngine(fleet(rules), async bench => {
      await alive(bench);
      await ask(bench);
      const [first = ''] = await lines(bench, 'told', 1);
      expect(JSON.parse(first)).toMatchObject({ rule: 'ask', fleet: 'unit', count: 1 });
      for (let i = 0; i < 5; i += 1) await ask(bench);
      const sent = () => bench.events().filter(e => e.kind === 'notification.sent');
      const counts = await waitFor(
        () => {
          const each = sent().map(e => e.data.count);
          return each.reduce((sum, n) => sum + n, 0) === 6 && each;
        },
        { what: 'all six to be told' },
      );
      expect(counts.length).toBeLessThan(6);
      const texts = await lines(bench, 'texts', counts.length);
      expect(texts[0]).toMatch(/^one asks: /);
      expect(texts.at(-1)).toBe(`${counts.at(-1)} requests wait`);
    });
  });

  test('that hangs is killed with what it started, is noted once, and holds nothing up', async () => {
    const hang = ['/bin/sh', '-c', 'sleep 1000000 & echo $! > child; wait'];
    const rules = {
      ask: { when: { events: ['asking'] }, to: [{ command: hang, timeout: '300ms' }], gather: '1ms' },
    };
    await withEngine(fleet(rules), async bench => {
      await alive(bench);
      await ask(bench);
      const [pid = ''] = await lines(bench, 'child', 1);
      const { client } = await bench.person(OWNER);
      await client.request('ping', {});
      const noted = await bench.event('engine.noted', e => e.data.text.includes('could not be told'));
      expect(noted.data.text).toContain('was still running after 300 ms');
      await waitFor(() => !runs(Number(pid)), { what: 'its child to end' });
      await ask(bench);
      await waitFor(() => bench.log.filter(line => line.includes('notification ask')).length >= 2, {
        what: 'the next',
      });
      expect(
        bench.events().filter(e => e.kind === 'engine.noted' && e.data.text.includes('could not be told')),
      ).toHaveLength(1);
    });
  });

  test('that is not there is told by the test, and the others still are', async () => {
    const rules = {
      ask: {
        when: { events: ['asking'] },
        to: [{ command: ['/no/such/program'] }, { command: append('told') }],
      },
      ring: { when: { events: ['failed'] }, to: ['bell'] },
    };
    await withEngine(fleet(rules), async bench => {
      await alive(bench);
      const { client } = await bench.person(OWNER);
      const { results } = await client.request('notify.test', {});
      expect(results).toMatchObject([
        { rule: 'ask', ok: false, detail: expect.stringContaining('ENOENT') },
        { rule: 'ask', ok: true },
        { rule: 'ring', channel: 'bell', ok: true, detail: 'rung in 1 console' },
      ]);
      await expect(client.request('notify.test', { rule: 'nix' })).rejects.toThrow('there is no rule nix');
      expect(bench.events().some(e => e.kind === 'notification.sent')).toBe(false);
    });
  });
});

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('a webhook', () => {
  test('that fails twice is tried again, with the secret of the environment in its header', async () => {
    process.env.HMS_TEST_HOOK = 'Bearer 123';
    await withHook([500, 503, 204], async hook => {
      const rules = {
        ask: { when: { events: ['asking'] }, to: [{ webhook: hook.url, secret: 'HMS_TEST_HOOK' }] },
      };
      await withEngine(fleet(rules), async bench => {
        await alive(bench);
        await ask(bench);
        await waitFor(() => hook.got.length === 3, { what: 'three tries', deadlineMs: 30_000 });
        expect(hook.got.map(g => g.headers.authorization)).toEqual(Array(3).fill('Bearer 123'));
        expect(JSON.parse(hook.got[2]?.body ?? '')).toMatchObject({ rule: 'ask', count: 1 });
        expect(bench.events().some(e => e.kind === 'engine.noted')).toBe(false);
        expect(JSON.stringify(bench.events())).not.toContain('Bearer 123');
      });
    });
    delete process.env.HMS_TEST_HOOK;
  });

  test('that says no is not asked again, is not followed elsewhere, and is noted', async () => {
    await withHook([302], async hook => {
      const rules = { ask: { when: { events: ['asking'] }, to: [{ webhook: hook.url }] } };
      await withEngine(fleet(rules), async bench => {
        await alive(bench);
        await ask(bench);
        const noted = await bench.event('engine.noted');
        expect(noted.data.text).toContain('answered 302');
        expect(hook.got).toHaveLength(1);
      });
    });
  });
});

describe('who looks', () => {
  test('an engine that comes back tells what was not told, and nothing twice', async () => {
    const rules = { ask: { when: { events: ['asking'] }, to: [{ command: append('told') }] } };
    await withEngine(fleet(rules), async bench => {
      await alive(bench);
      await ask(bench);
      await lines(bench, 'told', 1);
      await bench.engine.stop('test');
      await bench.again();
      const { client } = await bench.person(OWNER);
      await client.request('notify.test', {});
      const told = await lines(bench, 'told', 2);
      expect(told).toHaveLength(2);
      expect(told[1]).toContain('a test of the rule ask');
    });
  });

  test('with unwatched nothing is told while somebody is there, and what still waits when they have gone', async () => {
    const rules = {
      ask: { when: { events: ['asking'], unwatched: '1h' }, to: [{ command: append('told') }] },
    };
    await withEngine(fleet(rules), async bench => {
      await alive(bench);
      const { client } = await bench.person(OWNER);
      await client.request('present', {});
      await ask(bench);
      await bench.event('gate.requested');
      await client.request('ping', {});
      expect(existsSync(join(bench.dir, 'told'))).toBe(false);
      client.close();
      await lines(bench, 'told', 1);
    });
  });

  test('consoles are rung by default for a request; what is off is off', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const rung: Ringing[] = [];
      const { client } = await bench.person(OWNER);
      client.onPush(push => {
        if (push.push === 'ring') rung.push(push.ringing);
      });
      await ask(bench);
      await waitFor(() => rung.length === 1, { what: 'a ring' });
      expect(rung[0]).toMatchObject({ rule: 'asking', channels: ['bell', 'osc9'], test: false });
    });
    await withEngine(`${FLEET}notifications: "off"\n`, async bench => {
      const { client } = await bench.person(OWNER);
      expect(await client.request('notify.test', {})).toEqual({ results: [] });
    });
  });
});

describe('rules of one’s own', () => {
  const own = (bench: Bench, rules: object | string): void => {
    const folder = join(bench.dir, '..', 'config');
    mkdirSync(folder, { recursive: true });
    const text = typeof rules === 'string' ? rules : JSON.stringify(rules);
    writeFileSync(join(folder, 'notifications.yaml'), text);
  };
  const theirs = {
    ask: { when: { events: ['asking'] }, to: [{ command: append('theirs') }], gather: '1ms' },
    rest: { when: { events: ['failed'] }, to: ['bell'] },
  };

  test('come after the fleet’s, take the place of those of the same name, and hold when a person says so', async () => {
    await withEngine(fleet(theirs), async bench => {
      await alive(bench);
      const { client } = await bench.person(OWNER);
      const names = async (reload: boolean) =>
        (await client.request('notify.rules', { reload })).rules.map(r => [r.name, r.yours]);
      expect(await names(true)).toEqual([
        ['ask', false],
        ['rest', false],
      ]);
      own(bench, {
        mine: {
          when: { events: ['asking'], agents: ['one', 'elsewhere'] },
          to: [{ command: append('mine') }],
        },
        rest: 'off',
      });
      // A changed file alone changes nothing: it names programs to run.
      expect(await names(false)).toHaveLength(2);
      expect(await client.request('notify.rules', { reload: true })).toMatchObject({
        rules: [
          { name: 'ask', yours: false },
          { name: 'mine', yours: true, to: ['command /bin/sh'] },
        ],
        hidden: ['rest'],
        problems: [],
      });
      await ask(bench);
      await Promise.all([lines(bench, 'theirs', 1), lines(bench, 'mine', 1)]);
      own(bench, { ask: { when: { events: ['asking'] }, to: [{ command: append('instead') }] } });
      await names(true);
      await ask(bench);
      await lines(bench, 'instead', 1);
      expect(await lines(bench, 'mine', 1)).toHaveLength(1);
    });
  });

  test('are there for the next engine; what cannot be used is said and leaves what holds', async () => {
    await withEngine(fleet(theirs), async bench => {
      await alive(bench);
      own(bench, { mine: { when: { events: ['asking'] }, to: [{ command: append('mine') }] } });
      await bench.engine.stop('test');
      await bench.again();
      const { client } = await bench.person(OWNER);
      own(bench, 'mine:\n  when: { kinds: [agent.faild] }\n  to: [bell]\n');
      const { rules, problems } = await client.request('notify.rules', { reload: true });
      expect(rules.map(r => r.name)).toEqual(['ask', 'rest', 'mine']);
      expect(problems).toEqual([
        expect.stringMatching(
          /notifications\.yaml:2:\d+ mine\.when\.kinds\[0\].*did you mean "agent\.failed"/,
        ),
      ]);
      expect(bench.log).toContain('notification rules of your own hold: mine');
      await bench.event('engine.noted', e => e.data.text.includes('those that were in force stay'));
      await ask(bench);
      await lines(bench, 'mine', 1);
    });
  });

  test('are not read again for who may only look', async () => {
    const declared = `${fleet(theirs)}operators: { guest: { role: viewer } }\n`;
    await withEngine(declared, async bench => {
      const { client } = await bench.person('guest', 'observe');
      expect((await client.request('notify.rules', { reload: false })).rules).toHaveLength(2);
      await expect(client.request('notify.rules', { reload: true })).rejects.toThrow(/viewer/);
    });
  });
});
