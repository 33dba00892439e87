import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HmsError } from '../../src/model/errors.ts';
import { RequestId } from '../../src/model/ids.ts';
import { connectAgent, connectOperator } from '../../src/protocol/client.ts';
import { MAX_LINE } from '../../src/protocol/limits.ts';
import { AGENT_REQUESTS, OPERATOR_REQUESTS } from '../../src/protocol/messages.ts';
import { type Peer, serve } from '../../src/protocol/server.ts';
import { withFolder } from '../support/scratch.ts';

const request = RequestId.parse('r-0001');
const action = { tool: 'exec', input: { argv: ['true'] }, cwd: '/' };

async function withAgentServer(
  handle: (name: string, given: unknown, peer: Peer<unknown>) => unknown,
  body: (path: string) => Promise<void>,
): Promise<void> {
  await withFolder(async dir => {
    const path = join(dir, 'a.sock');
    const server = await serve({
      path,
      table: AGENT_REQUESTS,
      onConnect: () => ({}),
      handle: (peer, { do: name, with: given }) => handle(name, given, peer),
      log: () => {},
    });
    try {
      await body(path);
    } finally {
      await server.close();
    }
  });
}

describe('a client', () => {
  test('asks, is answered, is pushed to', async () => {
    await withFolder(async dir => {
      const path = join(dir, 'o.sock');
      const server = await serve({
        path,
        table: OPERATOR_REQUESTS,
        onConnect: () => ({}),
        handle: (peer, { do: name }) => {
          if (name === 'hello') setImmediate(() => peer.send({ push: 'event', event: { seq: 7 } }));
          if (name === 'fleet.down') throw new HmsError('not-allowed', 'Viewers only look.', 'Ask a lead.');
          return { name };
        },
        log: () => {},
      });
      const client = await connectOperator(path);
      const pushed = new Promise(resolve => client.onPush(resolve));
      const welcome: unknown = await client.request('hello', { protocol: 2, client: 'cli' });
      expect(welcome).toEqual({ name: 'hello' });
      expect(await pushed).toEqual({ push: 'event', event: { seq: 7 } });
      await expect(client.request('fleet.down', {})).rejects.toMatchObject({
        code: 'not-allowed',
        message: 'Viewers only look.',
        hint: 'Ask a lead.',
      });
      client.close();
      await server.close();
    });
  });

  test('hears pushes that came in one chunk with the answer to hello', async () => {
    await withFolder(async dir => {
      const path = join(dir, 'raw.sock');
      const pushes = [7, 8].map(seq => ({ push: 'event', event: { seq } }));
      const said = [{ id: 1, ok: true, result: {} }, ...pushes].map(each => `${JSON.stringify(each)}\n`);
      const server = createServer(socket => socket.once('data', () => socket.end(said.join(''))));
      server.listen(path);
      await once(server, 'listening');
      try {
        const client = await connectOperator(path);
        await client.request('hello', { protocol: 2, client: 'cli' });
        const heard: unknown[] = [];
        client.onPush(push => heard.push(push));
        await new Promise(resolve => client.onClose(resolve));
        expect(heard).toEqual(pushes);
      } finally {
        server.close();
      }
    });
  });

  test('says in words that nobody is there', async () => {
    await withFolder(async dir => {
      await expect(connectAgent(join(dir, 'none'))).rejects.toMatchObject({ code: 'unreachable' });
    });
  });

  test('gives up on an answer after its deadline and goes on', async () => {
    const never = new Promise(() => {});
    await withAgentServer(
      name => (name === 'report' ? never : {}),
      async path => {
        const client = await connectAgent(path);
        await client.request('hello', { protocol: 1, token: 't' });
        const report = { status: 'idle', detail: '' } as const;
        await expect(client.request('report', report, { deadlineMs: 20 })).rejects.toMatchObject({
          code: 'no-answer',
        });
        expect(await client.request('message', { to: 'all', text: 'hi' })).toEqual({});
        client.close();
      },
    );
  });

  test('waits for people as long as it takes, and learns at once when the engine goes', async () => {
    const never = new Promise(() => {});
    let peer: Peer<unknown> | undefined;
    await withAgentServer(
      (name, _given, from) => {
        peer = from;
        return name === 'hello' ? {} : never;
      },
      async path => {
        const client = await connectAgent(path, { deadlineMs: 20 });
        await client.request('hello', { protocol: 1, token: 't' });
        const asked = client.request('gate.ask', { request, action });
        // An ordinary request runs into the connection's deadline; the one for people does not.
        await expect(client.request('report', { status: 'idle', detail: '' })).rejects.toMatchObject({
          code: 'no-answer',
        });
        expect(await Promise.race([asked, 'pending'])).toBe('pending');
        const closed = new Promise(resolve => client.onClose(resolve));
        peer?.end('stopping');
        await expect(asked).rejects.toMatchObject({ code: 'gone' });
        expect(await closed).toMatchObject({ code: 'gone', message: 'stopping' });
        expect(client.closed).toBe(true);
        await expect(client.request('report', { status: 'idle', detail: '' })).rejects.toMatchObject({
          code: 'gone',
        });
      },
    );
  });

  test('does not send what no line can hold, and keeps its connection', async () => {
    await withAgentServer(
      () => ({}),
      async path => {
        const client = await connectAgent(path);
        await client.request('hello', { protocol: 1, token: 't' });
        const payload = { text: 'é'.repeat(MAX_LINE / 2) };
        await expect(client.request('hook', { driver: 'claude', request, payload })).rejects.toMatchObject({
          code: 'too-large',
        });
        expect(await client.request('report', { status: 'idle', detail: '' })).toEqual({});
        client.close();
      },
    );
  });

  test('a message as large as a line may be arrives whole', async () => {
    await withAgentServer(
      (_name, given) => given,
      async path => {
        const client = await connectAgent(path);
        await client.request('hello', { protocol: 1, token: 't' });
        const payload = { text: 'x'.repeat(MAX_LINE - 200) };
        expect(await client.request('hook', { driver: 'claude', request, payload })).toMatchObject({
          payload,
        });
        client.close();
      },
    );
  });
});
