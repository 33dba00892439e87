import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { type FleetPaths, fleetPaths, roots } from '../../src/fleet/paths.ts';
import { findFleet, listFleets, prepareFolders, writeCard } from '../../src/fleet/registry.ts';
import { withFolder } from '../support/scratch.ts';

interface Account {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Writes a fleet file in `folder` and leaves the card that starting it leaves. */
  start(name: string, folder: string): Promise<FleetPaths>;
  find(given?: string, folder?: string): Promise<string>;
}

async function withAccount(body: (account: Account) => Promise<void>): Promise<void> {
  await withFolder(async dir => {
    const env = { HMS_HOME: join(dir, 'h'), HOME: dir };
    await body({
      dir,
      env,
      start: async (name, folder) => {
        const place = join(dir, folder);
        await mkdir(place, { recursive: true });
        await writeFile(join(place, 'hms.yaml'), `fleet: ${name}\nagents: { a: { command: x } }\n`);
        const fleet = await loadFleet(join(place, 'hms.yaml'));
        const paths = fleetPaths(name, fleet.dir, env);
        await prepareFolders(paths);
        await writeCard(paths, fleet);
        return paths;
      },
      find: async (given, folder = '.') => {
        await mkdir(join(dir, folder), { recursive: true });
        return (await findFleet(given, join(dir, folder), env)).key;
      },
    });
  });
}

/** Runs `body` while somebody listens where the engine would. */
async function whileRunning(paths: FleetPaths, body: () => Promise<void>): Promise<void> {
  const server = createServer(socket => socket.destroy());
  await new Promise<void>(resolve => server.listen(paths.operatorSocket, resolve));
  try {
    await body();
  } finally {
    await new Promise(resolve => server.close(resolve));
  }
}

describe('the fleets of an account', () => {
  test('are listed by the cards they leave; what is no card is passed over', async () => {
    await withAccount(async ({ dir, env, start }) => {
      expect(await listFleets(env)).toEqual([]);
      const shop = await start('shop', 'two');
      await start('bank', 'one');
      const broken = join(roots(env).state, 'fleets', 'broken');
      await mkdir(broken);
      expect((await listFleets(env)).map(card => card.fleet)).toEqual(['bank', 'shop']);
      await writeFile(join(broken, 'fleet.json'), '{"fleet": ');
      expect(await listFleets(env)).toHaveLength(2);
      const card = {
        fleet: 'shop',
        dir: join(dir, 'two'),
        file: join(dir, 'two', 'hms.yaml'),
        key: shop.key,
      };
      expect((await listFleets(env))[1]).toEqual(card);
      expect(JSON.parse(await readFile(shop.card, 'utf8'))).toEqual(card);
      expect((await stat(shop.card)).mode & 0o777).toBe(0o600);
    });
  });

  test('are found by name, key, folder or file', async () => {
    await withAccount(async ({ dir, start, find }) => {
      const { key } = await start('shop', 'two');
      await start('bank', 'one');
      await symlink('two', join(dir, 'link'));
      for (const given of ['shop', key, 'two', './two', 'link', join(dir, 'two'), 'two/hms.yaml']) {
        expect(await find(given), given).toBe(key);
      }
    });
  });

  test('are found by the folder one is in, the deepest first', async () => {
    await withAccount(async ({ start, find }) => {
      const outer = await start('outer', 'work');
      const inner = await start('inner', 'work/deep');
      expect(await find(undefined, 'work/other')).toBe(outer.key);
      expect(await find(undefined, 'work/deep/er')).toBe(inner.key);
      expect(await find('outer', 'work/deep')).toBe(outer.key);
    });
  });

  test('the only one there is, is meant everywhere', async () => {
    await withAccount(async ({ start, find }) => {
      const { key } = await start('shop', 'two');
      expect(await find(undefined, 'elsewhere')).toBe(key);
    });
  });

  test('several are told apart by which of them runs, else by asking', async () => {
    await withAccount(async ({ start, find }) => {
      const one = await start('shop', 'one');
      const two = await start('shop', 'two');
      for (const given of ['shop', undefined]) {
        await expect(find(given)).rejects.toMatchObject({ code: 'which-fleet' });
        await expect(find(given)).rejects.toThrow(one.key);
        await expect(find(given)).rejects.toThrow(two.key);
      }
      await whileRunning(two, async () => {
        expect(await find('shop')).toBe(two.key);
        expect(await find()).toBe(two.key);
        expect(await find('shop', 'one')).toBe(one.key);
        await whileRunning(one, async () => {
          await expect(find()).rejects.toMatchObject({ code: 'which-fleet' });
        });
      });
    });
  });

  test('what is not there is answered with what is', async () => {
    await withAccount(async ({ dir, start, find }) => {
      await expect(find()).rejects.toMatchObject({ code: 'no-fleet' });
      await expect(find('shop')).rejects.toMatchObject({
        code: 'no-such-fleet',
        hint: 'hms-tui up starts one',
      });
      await start('shop', 'two');
      await start('bank', 'one');
      await expect(find('shpo')).rejects.toMatchObject({ hint: 'did you mean shop?' });
      await expect(find('zzzzzz')).rejects.toMatchObject({ hint: 'there are: bank, shop' });
      await expect(find('./empty')).rejects.toMatchObject({ code: 'no-such-fleet' });
      await mkdir(join(dir, 'new'));
      await expect(find('./new')).rejects.toThrow('no fleet has been started in');
      await writeFile(join(dir, 'new', 'hms.yaml'), '');
      await expect(find('new/hms.yaml')).rejects.toMatchObject({ code: 'not-running' });
      await expect(find(undefined, 'new')).rejects.toMatchObject({ code: 'not-running' });
    });
  });
});

describe('the folders of a fleet', () => {
  test('are made for their owner alone, and made again without harm', async () => {
    await withAccount(async ({ dir, env }) => {
      const paths = fleetPaths('shop', dir, env);
      await prepareFolders(paths);
      await writeFile(paths.journal, 'kept');
      await prepareFolders(paths);
      for (const folder of [paths.state, paths.run]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
      expect(await readFile(paths.journal, 'utf8')).toBe('kept');
    });
  });

  test('are refused when sockets in them would have too long a path', async () => {
    await withFolder(async dir => {
      const paths = fleetPaths('shop', dir, { HMS_HOME: join(dir, 'x'.repeat(80)) });
      await expect(prepareFolders(paths)).rejects.toMatchObject({ code: 'socket-path' });
      await expect(stat(join(dir, 'x'.repeat(80)))).rejects.toThrow('ENOENT');
    });
  });

  test('are refused when others may write to them, or they are links', async () => {
    await withAccount(async ({ dir, env }) => {
      const paths = fleetPaths('shop', dir, env);
      await mkdir(paths.run, { recursive: true });
      await chmod(paths.run, 0o777);
      await expect(prepareFolders(paths)).rejects.toMatchObject({ code: 'unsafe-dir' });
      const other = fleetPaths('bank', dir, env);
      await mkdir(join(dir, 'trap'));
      await symlink(join(dir, 'trap'), other.run);
      await expect(prepareFolders(other)).rejects.toMatchObject({ code: 'unsafe-dir' });
    });
  });

  test('are refused when others may replace them', async () => {
    await withAccount(async ({ dir, env }) => {
      const paths = fleetPaths('shop', dir, env);
      await mkdir(join(paths.run, '..'), { recursive: true });
      await chmod(join(paths.run, '..'), 0o777);
      await expect(prepareFolders(paths)).rejects.toMatchObject({ code: 'unsafe-dir' });
    });
  });
});

test('a fleet keeps its place by name and folder, and leaves another user or folder alone', () => {
  const env = { HOME: '/home/a', XDG_RUNTIME_DIR: '/run/user/1' };
  const paths = fleetPaths('shop', '/w', env);
  expect(paths.state).toBe(`/home/a/.local/state/hms/fleets/${paths.key}`);
  expect(paths.run.startsWith('/run/user/1/hms/')).toBe(true);
  expect(fleetPaths('shop', '/w/', env)).toEqual(paths);
  expect(fleetPaths('shop', '/v', env).key).not.toBe(paths.key);
  expect(fleetPaths('bank', '/w', env).run).not.toBe(paths.run);
  expect(fleetPaths('shop', '/w', { HMS_HOME: '/x' }).state).toBe(`/x/state/fleets/${paths.key}`);
});
