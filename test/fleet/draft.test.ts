import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestOf } from '../../src/fleet/bytes.ts';
import { checkFleet } from '../../src/fleet/check.ts';
import { draftFleet, slug } from '../../src/fleet/draft.ts';
import type { Found } from '../../src/fleet/found.ts';
import { AgentId } from '../../src/model/ids.ts';

const NONE: Found = { dir: '/', git: false, clients: [], shell: '/bin/sh', tasks: [], notes: [] };

/** The draft as the fleet it is read as, and its text. */
async function drafted(found: Partial<Found>, owner = 'alice') {
  const text = draftFleet({ ...NONE, ...found }, { owner, schema: './schema.json' });
  const fleet = await checkFleet(
    { file: '/hms.yaml', text, digest: digestOf(text) },
    'hms.yaml',
    process.env,
  );
  return { text, fleet, agents: fleet.config.agents };
}

test('an empty folder gets a shell to work in, and an example of an AI client', async () => {
  const { text, fleet } = await drafted({ dir: '/srv/My Shop' });
  expect(fleet.config.fleet).toBe('my-shop');
  expect(fleet.agents.map(({ id, config }) => [id, config.command])).toEqual([['shell', ['/bin/sh']]]);
  expect(text).toContain('driver: claude');
  expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./schema.json');
});

test('clients, lasting tasks and tasks that run once each get what fits them', async () => {
  const { agents, fleet } = await drafted({
    clients: [
      { name: 'claude', version: '2.1.0' },
      { name: 'codex', version: '' },
    ],
    tasks: [
      { from: 'package.json', name: 'dev:web', command: ['npm', 'run', 'dev:web'], lasts: true },
      { from: 'package.json', name: 'test', command: ['npm', 'run', 'test'], lasts: false },
    ],
  });
  expect(agents).toMatchObject({
    claude: { driver: 'claude', gate: 'ask', restart: { when: 'on-failure' } },
    codex: { driver: 'command', command: ['codex'] },
    'dev-web': { command: ['npm', 'run', 'dev:web'], restart: { when: 'always', within: 60_000 } },
    test: { restart: { when: 'never' } },
  });
  expect(fleet.config.operators).toEqual({ alice: { role: 'lead' } });
});

test('several clients in one repository each get a worktree of their own', async () => {
  const clients = [
    { name: 'claude', version: '' },
    { name: 'gemini', version: '' },
  ];
  const { agents } = await drafted({ git: true, clients });
  expect(agents).toMatchObject({ claude: { worktree: true }, gemini: { worktree: true } });
  const alone = await drafted({ git: true, clients: clients.slice(0, 1) });
  expect(alone.agents).toMatchObject({ claude: { worktree: false } });
  expect(alone.text).toContain('# worktree: true');
  expect((await drafted({ clients })).agents).toMatchObject({ gemini: { worktree: false } });
});

test('whatever things are called, the file is read back as it was meant', async () => {
  const words = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.constantFrom(
      'true',
      '~',
      '- x',
      'a: b',
      '#x',
      '"',
      "'",
      '\u202e',
      '*a',
      '&a',
      '%',
      '\u2028',
      '日本',
      '\n\nagents:',
    ),
  );
  const noNull = words
    .map(text => text.replaceAll('\0', '0'))
    .filter(text => text.trim() !== '' && text.isWellFormed());
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          name: noNull,
          command: fc.oneof(noNull, fc.array(noNull, { minLength: 1, maxLength: 3 })),
        }),
        {
          minLength: 1,
          maxLength: 5,
        },
      ),
      noNull,
      noNull,
      async (tasks, dir, owner) => {
        const { fleet } = await drafted(
          {
            dir: `/srv/${dir}`,
            tasks: tasks.map(task => ({ ...task, from: 'Procfile', lasts: true })),
            notes: [dir],
          },
          owner,
        );
        expect(fleet.agents.map(agent => agent.config.command)).toEqual(tasks.map(task => task.command));
      },
    ),
    { numRuns: 200 },
  );
});

test('a slug is an agent name, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => AgentId.safeParse(slug(text, 'task')).success),
  );
  expect(slug('Überprüfung', 'x')).toBe('uberprufung');
  expect(slug('on', 'x')).toBe('on-1');
  expect(slug('日本', 'fleet')).toBe('fleet');
});
