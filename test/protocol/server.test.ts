import { once } from 'node:events';
import { chmod, mkdir, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { HmsError } from '../../src/model/errors.ts';
import { MAX_LINE, MAX_OPEN } from '../../src/protocol/limits.ts';
import { type Peer, type ServeOptions, type SocketServer, serve } from '../../src/protocol/server.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

const TABLE = {
  hello: { with: z.object({ name: z.string() }) },
  echo: { with: z.object({ text: z.string().max(10), times: z.int().min(1) }) },
  slow: { with: z.object({ key: z.string() }) },
  fail: { with: z.object({ how: z.enum(['known', 'unknown']) }) },
} as const;
type Options = ServeOptions<typeof TABLE, { name: string }>;

interface House {
  readonly server: SocketServer<{ name: string }>;
  readonly path: string;
  readonly log: string[];
  readonly closed: string[];
  /** Resolves the `slow` request of this key. */
  readonly release: (key: string) => void;
  readonly peers: Peer<{ name: string }>[];
}

async function withServer(body: (house: House) => Promise<void>, more: Partial<Options> = {}): Promise<void> {
  await withFolder(async dir => {
    const path = join(dir, 'run', 's.sock');
    const log: string[] = [];
    const closed: string[] = [];
    const peers: Peer<{ name: string }>[] = [];
    const gates = new Map<string, PromiseWithResolvers<string>>();
    const gate = (key: string) => {
      const one = gates.get(key) ?? Promise.withResolvers<string>();
      gates.set(key, one);
      return one;
    };
    const server = await serve<typeof TABLE, { name: string }>({
      path,
      table: TABLE,
      onConnect: () => ({ name: '' }),
      log: (line, error) => log.push(error instanceof Error ? `${line} ${error.stack}` : line),
      handle: (peer, request) => {
        switch (request.do) {
          case 'hello':
            if (request.with.name === 'mallory')
              throw new HmsError('unknown-token', 'Who are you?', 'Go away.');
            peer.data.name = request.with.name;
            peers.push(peer);
            peer.onClose(() => closed.push(peer.data.name));
            return { hello: request.with.name };
          case 'echo':
            return { text: request.with.text.repeat(request.with.times), of: peer.data.name };
          case 'slow':
            return gate(request.with.key).promise;
          case 'fail':
            if (request.with.how === 'known')
              throw new HmsError('no-such-thing', 'There is none.', 'Make one.');
            throw new TypeError('secret detail of the inside');
        }
      },
      ...more,
    });
    try {
      await body({ server, path, log, closed, peers, release: key => gate(key).resolve(`done ${key}`) });
    } finally {
      await server.close();
    }
  });
}

/** A peer that says what it likes and remembers what it is told. */
class Raw {
  readonly socket: Socket;
  readonly got: unknown[] = [];
  #rest = '';
  constructor(path: string) {
    this.socket = createConnection(path);
    this.socket.on('error', () => {});
    this.socket.on('data', chunk => {
      const parts = (this.#rest + chunk.toString()).split('\n');
      this.#rest = parts.pop() ?? '';
      this.got.push(...parts.map(line => JSON.parse(line) as unknown));
    });
  }
  say(...values: unknown[]): this {
    this.socket.write(values.map(value => `${JSON.stringify(value)}\n`).join(''));
    return this;
  }
  hello(name = 'ann'): this {
    return this.say({ id: 0, do: 'hello', with: { name } });
  }
  /** The answer to request `id`. */
  answer(id: number): Promise<unknown> {
    const find = () => this.got.find(m => (m as { id?: number }).id === id);
    return waitFor(find, { what: `answer ${id}` });
  }
  async ended(): Promise<unknown[]> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.got;
  }
}

describe('a socket server', () => {
  test('answers what it is asked, in any order, after hello', async () => {
    await withServer(async ({ path, release }) => {
      const ann = new Raw(path).hello();
      ann.say(
        { id: 1, do: 'slow', with: { key: 'a' } },
        { id: 2, do: 'echo', with: { text: 'hi', times: 2 } },
      );
      expect(await ann.answer(2)).toEqual({ id: 2, ok: true, result: { text: 'hihi', of: 'ann' } });
      expect(ann.got).toHaveLength(2);
      release('a');
      expect(await ann.answer(1)).toEqual({ id: 1, ok: true, result: 'done a' });
      ann.socket.destroy();
    });
  });

  test('lets nobody in before hello, and hello only once', async () => {
    await withServer(async ({ path, server }) => {
      const ann = new Raw(path).say({ id: 1, do: 'echo', with: { text: 'hi', times: 1 } });
      expect(await ann.answer(1)).toMatchObject({ ok: false, error: { code: 'hello-first' } });
      expect(server.peers()).toHaveLength(0);
      await ann.hello().answer(0);
      expect(server.peers()).toHaveLength(1);
      ann.say({ id: 2, do: 'hello', with: { name: 'bob' } });
      expect(await ann.answer(2)).toMatchObject({ ok: false, error: { code: 'already' } });
      ann.say({ id: 3, do: 'echo', with: { text: 'hi', times: 1 } });
      expect(await ann.answer(3)).toMatchObject({ result: { of: 'ann' } });
      ann.socket.destroy();
    });
  });

  test('a refused hello ends the connection, and what was sent behind it is not run', async () => {
    await withServer(async ({ path, server }) => {
      const raw = new Raw(path).hello('mallory').say({ id: 1, do: 'echo', with: { text: 'hi', times: 1 } });
      const got = await raw.ended();
      expect(got[0]).toEqual({
        id: 0,
        ok: false,
        error: { code: 'unknown-token', message: 'Who are you?', hint: 'Go away.' },
      });
      expect(got.at(-1)).toMatchObject({ push: 'bye' });
      expect(JSON.stringify(got)).not.toContain('"ok":true');
      expect(server.peers()).toHaveLength(0);
    });
  });

  test('a peer that says nothing is shown the door', async () => {
    await withServer(
      async ({ path }) => {
        expect(await new Raw(path).ended()).toEqual([
          { push: 'bye', reason: expect.any(String), error: expect.objectContaining({ code: 'no-hello' }) },
        ]);
      },
      { helloWithinMs: 20 },
    );
  });

  test('all that is wrong with a request is said at once', async () => {
    await withServer(async ({ path }) => {
      const ann = new Raw(path).hello();
      ann.say({ id: 1, do: 'echo', with: { text: 'much too long', times: 0.5 } });
      const answer = await ann.answer(1);
      expect(answer).toMatchObject({ ok: false, error: { code: 'invalid' } });
      const words = JSON.stringify(answer);
      expect(words).toMatch(/echo: .*text: .*times: /);
      ann.say({ id: 2, do: 'constructor' });
      expect(await ann.answer(2)).toMatchObject({ error: { code: 'unknown-request' } });
      ann.say({ id: 3, do: 7 });
      expect(await ann.answer(3)).toMatchObject({ error: { code: 'invalid' } });
      ann.socket.destroy();
    });
  });

  test('a failure goes out with its code; an unexpected one is logged and keeps its words inside', async () => {
    await withServer(async ({ path, log }) => {
      const ann = new Raw(path).hello();
      ann.say({ id: 1, do: 'fail', with: { how: 'known' } }, { id: 2, do: 'fail', with: { how: 'unknown' } });
      expect(await ann.answer(1)).toMatchObject({
        error: { code: 'no-such-thing', message: 'There is none.', hint: 'Make one.' },
      });
      expect(await ann.answer(2)).toMatchObject({ error: { code: 'internal' } });
      expect(JSON.stringify(ann.got)).not.toContain('secret');
      expect(log.join()).toMatch(/fail failed: secret detail[\s\S]*server\.test\.ts/);
      ann.socket.destroy();
    });
  });

  test.each([
    ['a line that is too long', Buffer.alloc(MAX_LINE + 1, 'x'), 'too-large'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22, 0x0a]), 'malformed'],
    ['words that are not JSON', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'malformed'],
    ['JSON that is no request', Buffer.from('[1,2,3]\n'), 'malformed'],
  ])('%s ends that connection and no other', async (_what, bytes, code) => {
    await withServer(async ({ path, closed }) => {
      const ann = new Raw(path).hello('ann');
      const bob = new Raw(path).hello('bob');
      await Promise.all([ann.answer(0), bob.answer(0)]);
      bob.say({ id: 1, do: 'slow', with: { key: 'never' } });
      bob.socket.write(bytes);
      expect((await bob.ended()).at(-1)).toMatchObject({ push: 'bye', error: { code } });
      await waitFor(() => closed.includes('bob'), { what: 'the close listener' });
      ann.say({ id: 1, do: 'echo', with: { text: 'ok', times: 1 } });
      expect(await ann.answer(1)).toMatchObject({ ok: true });
      ann.socket.destroy();
    });
  });

  test('one connection may have so many requests open and no more', async () => {
    await withServer(async ({ path, release }) => {
      const ann = new Raw(path).hello();
      await ann.answer(0);
      ann.say(
        ...Array.from({ length: MAX_OPEN + 1 }, (_, i) => ({ id: i + 1, do: 'slow', with: { key: 'k' } })),
      );
      expect(await ann.answer(MAX_OPEN + 1)).toMatchObject({ error: { code: 'busy' } });
      release('k');
      expect(await ann.answer(MAX_OPEN)).toMatchObject({ ok: true });
      ann.socket.destroy();
    });
  });

  test('a peer that does not read its pushes is dropped, and the others still get theirs', async () => {
    await withServer(
      async ({ path, peers, log }) => {
        const deaf = new Raw(path).hello('deaf');
        const ann = new Raw(path).hello('ann');
        await Promise.all([deaf.answer(0), ann.answer(0)]);
        deaf.socket.pause();
        const push = { push: 'event', event: 'x'.repeat(10_000) };
        const to = (name: string) => peers.find(peer => peer.data.name === name);
        // A pause of the loop now and then, as in an engine; bounded, so that a missing bound fails the test.
        for (let i = 0; i < 5000 && to('deaf')?.send(push); i++)
          if (i % 50 === 0) await new Promise(setImmediate);
        expect(to('deaf')?.send(push)).toBe(false);
        await waitFor(() => to('deaf')?.closed, { what: 'the deaf peer to be dropped' });
        expect(log.join()).toContain('too-slow');
        expect(to('ann')?.send({ push: 'event', event: 'hello' })).toBe(true);
        await waitFor(() => ann.got.length === 2, { what: 'the push' });
        ann.socket.destroy();
        deaf.socket.destroy();
      },
      { maxQueued: 1 << 20 },
    );
  });

  test('says bye to all when it closes, also to one that has requests open, and leaves no socket', async () => {
    await withServer(async ({ path, server }) => {
      const ann = new Raw(path).hello();
      await ann.answer(0);
      ann.say({ id: 1, do: 'slow', with: { key: 'never' } });
      await server.close('engine stops for an upgrade');
      expect((await ann.ended()).at(-1)).toEqual({ push: 'bye', reason: 'engine stops for an upgrade' });
      await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });
});

describe('any bytes at all', () => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 64 }).map(bytes => Buffer.from(bytes)),
    fc.json().map(json => Buffer.from(`${json}\n`)),
    fc
      .record({
        id: fc.oneof(fc.nat(), fc.constantFrom(-1, 1.5, null, 'x')),
        do: fc.oneof(fc.constantFrom(...Object.keys(TABLE), '__proto__', 'toString'), fc.string()),
        with: fc.oneof(
          fc.jsonValue(),
          fc.record(
            { name: fc.string(), text: fc.string(), times: fc.integer(), key: fc.string() },
            { requiredKeys: [] },
          ),
        ),
      })
      .map(request => Buffer.from(`${JSON.stringify(request)}\n`)),
    fc.constant(Buffer.alloc(MAX_LINE, 0x20)),
  );

  test('never end the server, nor reach another connection', async () => {
    await withServer(async ({ path }) => {
      const witness = new Raw(path).hello('witness');
      await witness.answer(0);
      let n = 0;
      const attack = async (said: readonly Buffer[], greet: boolean, abrupt: boolean) => {
        const raw = new Raw(path);
        if (greet) raw.hello('stranger');
        for (const bytes of said) raw.socket.write(bytes);
        if (abrupt) raw.socket.destroy();
        else raw.socket.end();
        await raw.ended();
        for (const message of raw.got) expect(JSON.stringify(message)).not.toContain('witness');
        n += 1;
        witness.say({ id: n, do: 'echo', with: { text: 'ok', times: 1 } });
        expect(await witness.answer(n)).toEqual({ id: n, ok: true, result: { text: 'ok', of: 'witness' } });
      };
      await fc.assert(
        fc.asyncProperty(fc.array(line, { maxLength: 6 }), fc.boolean(), fc.boolean(), attack),
        {
          numRuns: 150,
        },
      );
      // Each of its own answers and nothing else came.
      expect(witness.got).toHaveLength(n + 1);
      witness.socket.destroy();
    });
  });
});

describe('the place of a socket', () => {
  const options = (path: string) => ({
    path,
    table: TABLE,
    onConnect: () => ({ name: '' }),
    handle: () => ({}),
    log: () => {},
  });

  test('is private: directory 0700, socket 0600', async () => {
    await withServer(async ({ path }) => {
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
    });
    await withFolder(async dir => {
      await mkdir(join(dir, 'run'));
      await chmod(join(dir, 'run'), 0o755);
      const server = await serve(options(join(dir, 'run', 's')));
      expect((await stat(join(dir, 'run'))).mode & 0o777).toBe(0o700);
      await server.close();
    });
  });

  test('a socket nobody listens on is replaced; one that is alive, or a file, is not', async () => {
    await withFolder(async dir => {
      const path = join(dir, 's.sock');
      // Node removes the socket when a server closes; one that was killed does not. Leave one behind by renaming.
      const dead = createServer().listen(join(dir, 'old'));
      await once(dead, 'listening');
      await rename(join(dir, 'old'), path);
      dead.close();
      await once(dead, 'close');
      expect((await stat(path)).isSocket()).toBe(true);
      const server = await serve(options(path));
      await expect(serve(options(path))).rejects.toMatchObject({ code: 'socket-in-use' });
      const ann = new Raw(path).hello();
      expect(await ann.answer(0)).toMatchObject({ ok: true });
      ann.socket.destroy();
      await server.close();
      await writeFile(join(dir, 'file'), 'mine');
      await expect(serve(options(join(dir, 'file')))).rejects.toMatchObject({ code: 'socket-in-use' });
    });
  });

  test('a path too long, or a directory that is a link, is refused in words', async () => {
    await withFolder(async dir => {
      await expect(serve(options(join(dir, 'x'.repeat(120))))).rejects.toMatchObject({ code: 'socket-path' });
      await mkdir(join(dir, 'real'));
      await symlink(join(dir, 'real'), join(dir, 'link'));
      await expect(serve(options(join(dir, 'link', 's')))).rejects.toMatchObject({ code: 'unsafe-dir' });
      await mkdir(join(dir, 'open'));
      await chmod(join(dir, 'open'), 0o777);
      await expect(serve(options(join(dir, 'open', 'run', 's')))).rejects.toMatchObject({
        code: 'unsafe-dir',
      });
    });
  });
});
