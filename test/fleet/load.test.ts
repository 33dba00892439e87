import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FleetFileError, issueText } from '../../src/fleet/issue.ts';
import { type LoadedFleet, loadFleet } from '../../src/fleet/load.ts';
import { HmsError } from '../../src/model/errors.ts';
import { withFolder } from '../support/scratch.ts';

/** Loads this text as a fleet file; `folders` exist beside it. */
async function load(
  text: string | Buffer,
  folders: readonly string[] = [],
  env = process.env,
): Promise<LoadedFleet> {
  return withFolder(async dir => {
    for (const folder of folders) await mkdir(join(dir, folder), { recursive: true });
    await writeFile(join(dir, 'hms.yaml'), text);
    return loadFleet(join(dir, 'hms.yaml'), env);
  });
}

/** What is said about a broken file: `line:col path: reason (hint)`. */
async function problems(text: string | Buffer): Promise<string[]> {
  const error: unknown = await load(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FleetFileError)) throw new Error(`no FleetFileError but ${String(error)}`);
  return error.issues.map(issue => issueText('', issue).slice(1));
}

describe('a fleet file that is well', () => {
  test('gives the fleet with its defaults, in the order of the file', async () => {
    const fleet = await load(
      [
        'fleet: payments',
        'agents:',
        '  zoe: { command: [node, -v] }',
        '  builder: { command: npm test, cwd: app, needs: [zoe], restart: never, env: { PORT: "1" } }',
        '  deployer: { driver: claude, restart: { max: 2, within: 1m } }',
        'operators: { alice: lead, bob: { role: viewer } }',
        'approvals: { ttl: 90s }',
      ].join('\n'),
      ['app'],
    );
    expect(fleet.agents.map(agent => agent.id)).toEqual(['zoe', 'builder', 'deployer']);
    expect(fleet.agents.map(agent => relative(fleet.dir, agent.cwd))).toEqual(['', 'app', '']);
    expect(fleet.config.agents).toMatchObject({
      zoe: { driver: 'command', gate: 'ask', restart: { when: 'on-failure', max: 5, within: 60_000 } },
      builder: { needs: ['zoe'], restart: { when: 'never' } },
      deployer: { driver: 'claude', restart: { when: 'on-failure', max: 2, within: 60_000 } },
    });
    expect(fleet.config.operators).toEqual({ alice: { role: 'lead' }, bob: { role: 'viewer' } });
    expect(fleet.config.approvals.ttl).toBe(90_000);
  });

  test('carries the digest of its bytes, a byte order mark included', async () => {
    const text = '\ufefffleet: a\nagents: { b: { command: x } }\n';
    const fleet = await load(text);
    expect(fleet.digest).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('may use anchors, aliases and merge keys', async () => {
    const fleet = await load(
      'fleet: a\nagents:\n  b: &b { command: [x], gate: observe }\n  c: { <<: *b, title: C }\n',
    );
    expect(fleet.config.agents).toMatchObject({ c: { command: ['x'], gate: 'observe', title: 'C' } });
  });

  test('names folders relative to itself and to the home folder', async () => {
    await withFolder(async dir => {
      await mkdir(join(dir, 'home', 'work'), { recursive: true });
      await writeFile(join(dir, 'guard.cedar'), '');
      const text = 'fleet: a\nagents:\n  b: { command: x, cwd: ~/work }\npolicies: [./guard.cedar]\n';
      await writeFile(join(dir, 'hms.yaml'), text);
      const fleet = await loadFleet(join(dir, 'hms.yaml'), { ...process.env, HOME: join(dir, 'home') });
      expect(fleet.agents[0]?.cwd).toBe(join(dir, 'home', 'work'));
      expect(fleet.policies).toEqual([join(dir, 'guard.cedar')]);
    });
  });

  test('is the same fleet when it is reached by a symbolic link', async () => {
    await withFolder(async dir => {
      await mkdir(join(dir, 'real'));
      await symlink('real', join(dir, 'link'));
      await writeFile(join(dir, 'real', 'hms.yaml'), 'fleet: a\nagents: { b: { command: x } }\n');
      expect((await loadFleet(join(dir, 'link', 'hms.yaml'))).dir).toBe(join(dir, 'real'));
    });
  });

  test('warns of programs that are not installed, where it can tell', async () => {
    const text = [
      'fleet: a',
      'agents:',
      '  b: { command: [no-such-program, -x] }',
      '  c: { command: "no-such-program && cd /" }',
      '  d: { command: [node] }',
      '  e: { command: [./run.sh] }',
      '  f: { driver: claude }',
      '  g: { command: [npm test] }',
    ].join('\n');
    const env = { ...process.env, PATH: '' };
    const fleet = await load(text.replace('[node]', JSON.stringify([process.execPath])), [], env);
    expect(fleet.warnings.map(issue => issueText('', issue))).toEqual([
      ':3:8 agents.b.command: there is no program "no-such-program" (install it, or give its full path)',
      ':6:8 agents.e.command: there is no program "./run.sh" (install it, or give its full path)',
      ':7:3 agents.f: there is no program "claude" (install it: npm install -g @anthropic-ai/claude-code)',
      ':8:8 agents.g.command: there is no program "npm test" (write each argument by itself: [npm, test])',
    ]);
  });
});

describe('everything that is wrong is said at once', () => {
  test('with line, column, path, reason and hint, in the order of the file', async () => {
    const text = [
      'flet: x',
      'fleet: Payments',
      'agents:',
      '  Builder: { command: x }',
      '  b:',
      '    driver: cluade',
      '    comand: x',
      '    env: { PORT: 3000, HMS_TOKEN: x }',
      '  c: { command: x, restart: alway, needs: d }',
      '  d: { command: x, needs: [bb], cwd: nowhere }',
      '  e:',
      'operators: { alice: boss }',
      'policies: [gone.cedar]',
    ].join('\n');
    expect(await problems(text)).toEqual([
      '1:1 flet: there is no such key (did you mean "fleet"?)',
      '2:8 fleet: a fleet name is a-z, 0-9 and -, starts with a letter, 32 characters at most',
      '4:3 agents.Builder: an agent name is a-z, 0-9 and -, starts with a letter, 32 characters at most',
      '6:13 agents.b.driver: "cluade" is not possible here (did you mean "claude"?)',
      '7:5 agents.b.comand: there is no such key (did you mean "command"?)',
      '8:18 agents.b.env.PORT: expected text, found the number 3000 (put it in quotes: "3000")',
      '9:29 agents.c.restart: "alway" is not possible here (did you mean "always"?)',
      '9:43 agents.c.needs: expected a list, found "d" (write [d])',
      '10:28 agents.d.needs[0]: there is no agent "bb" (did you mean "b"?)',
      expect.stringMatching(/^10:38 agents\.d\.cwd: there is no folder .*nowhere \(make it/),
      '11:3 agents.e: expected keys and values, found nothing (indent what belongs to it, below it)',
      '12:21 operators.alice: "boss" is not possible here (it is one of viewer, operator, lead)',
      expect.stringMatching(/^13:12 policies\[0\]: there is no file .*gone\.cedar/),
    ]);
  });

  test.each([
    [
      'fleet: a\nagents: { b: {} }',
      '2:11 agents.b: there is no "command" to run (for example: command: [npm, test])',
    ],
    ['fleet: a\nagents: { b: { command: " " } }', '2:25 agents.b.command: the program has no name'],
    ['fleet: a\nagents: { b: { command: ["", x] } }', '2:25 agents.b.command: the program has no name'],
    [
      'fleet: a\nagents: { b: { command: "x\\0y" } }',
      '2:25 agents.b.command: it holds a NUL character (remove it)',
    ],
    [
      'fleet: a\nagents: { b: { command: [1] } }',
      '2:26 agents.b.command[0]: expected text, found the number 1 (put it in quotes: "1")',
    ],
    [
      'fleet: a\nagents: { b: { command: { x: y } } }',
      '2:25 agents.b.command: expected text or a list, found keys and values',
    ],
    ['fleet: a\nagents: { b: { command: [] } }', '2:25 agents.b.command: it is empty'],
    [
      'fleet: a\nagents: { b: { command: x, restart: 5 } }',
      '2:37 agents.b.restart: expected one of always, on-failure, never or keys and values, found the number 5',
    ],
    [
      'fleet: a\nagents: { b: { command: x, restart: { mx: 3 } } }',
      '2:39 agents.b.restart.mx: there is no such key (did you mean "max"?)',
    ],
    [
      'fleet: a\nagents: { b: { command: x, restart: { within: 5 min } } }',
      '2:47 agents.b.restart.within: a duration is a number and a unit: 250ms, 10s, 5m, 1h, 14d',
    ],
    [
      'fleet: a\nagents: { b: { command: x, restart: { from: 2s, to: 1s } } }',
      '2:37 agents.b.restart: the first delay, "from", is longer than the longest, "to"',
    ],
    [
      'fleet: a\nagents: { b: { command: x, needs: [b] } }',
      '2:36 agents.b.needs[0]: an agent cannot need itself',
    ],
    [
      'fleet: a\nagents: { b: { command: x, env: { HMS_SOCKET: x } } }',
      '2:35 agents.b.env.HMS_SOCKET: hms-tui sets this itself (remove it)',
    ],
    ['fleet: a\nagents: {}', '2:9 agents: a fleet has at least one agent'],
    ['fleet: a\nagents: [b]', '2:9 agents: expected keys and values, found a list'],
    ['fleet: a', '1:1 agents: "agents" is missing (list the agents by name below "agents:")'],
    ['agents: { b: { command: x } }', '1:1 fleet: "fleet" is missing (name the fleet: "fleet: payments")'],
    [
      'fleet: a\nversion: 2\nagents: { b: { command: x } }',
      '2:10 version: "2" is not possible here (only "1" is possible)',
    ],
    [
      'fleet: a\nagents: { b: { command: x } }\npolicies: [/]',
      '3:12 policies[0]: / is a folder, not a file (name each .cedar file)',
    ],
    [
      'fleet: a\nagents: { b: { command: x, cwd: hms.yaml } }',
      expect.stringMatching(/2:33 agents\.b\.cwd: .*hms\.yaml is a file, not a folder/),
    ],
    [
      'fleet: a\nagents: { b: { command: x } }\noperators: { "a b": lead }',
      '3:14 operators.a b: an operator name is letters, digits and _ . @ -, 64 characters at most',
    ],
    ['', '1:1 the file is empty (it needs at least "fleet:" and "agents:")'],
    ['just words', '1:1 expected keys and values, found "just words"'],
  ])('%j', async (text, problem) => {
    expect(await problems(text)).toEqual([problem]);
  });

  test('a circle of needs is named once, with everyone in it', async () => {
    const text =
      'fleet: a\nagents:\n  b: {command: x, needs: [c]}\n  c: {command: x, needs: [d]}\n  d: {command: x, needs: [b]}\n';
    expect(await problems(text)).toEqual([
      '3:26 agents.b.needs: agents need each other in a circle: b → c → d → b (none of them could ever start first)',
    ]);
  });

  test('a slip in one agent hides nothing about another', async () => {
    const text = 'fleet: a\nagents:\n  b: {comand: x}\n  c: {command: x, needs: [nobody]}\n';
    expect(await problems(text)).toHaveLength(2);
  });
});

describe('text that is no fleet file', () => {
  test.each([
    ['tabs', 'fleet: a\nagents:\n\tb: {}', '3:1 Tabs are not allowed as indentation (indent with spaces)'],
    [
      'a key twice',
      'fleet: a\nfleet: b\nagents: {c: {command: x}}',
      '2:1 this key is there twice (remove one of the two)',
    ],
    [
      'two documents',
      'fleet: a\n---\nfleet: b',
      '2:1 there is a second document in it (one document a file: remove the --- line)',
    ],
    ['an open quote', 'fleet: "a', expect.stringMatching(/^1:10 Missing closing "quote/)],
    [
      'an alias of nothing',
      'fleet: *nowhere',
      '1:8 nothing with this name stands before it (give what is meant an anchor: &name)',
    ],
    ['twenty thousand brackets', `a: ${'['.repeat(20_000)}`, '1:1 it is nested too deeply to be read'],
    [
      'a byte that is not UTF-8',
      Buffer.from('fleet: a\nagents: "\xff"', 'latin1'),
      '2:10 byte 0xff is not UTF-8 (save it as UTF-8)',
    ],
    [
      'half a character at the end',
      Buffer.from('fleet: \xc3', 'latin1'),
      '1:8 byte 0xc3 is not UTF-8 (save it as UTF-8)',
    ],
    ['UTF-16', Buffer.from('\xff\xfef\0l\0', 'latin1'), '1:1 it is UTF-16, not UTF-8 (save it as UTF-8)'],
  ])('%s', async (_, text, problem) => {
    expect(await problems(text)).toEqual([problem]);
  });

  test('a bomb of aliases is refused, not blown up', async () => {
    const names = 'abcdefghi'.split('');
    const lines = names.map((name, at) => {
      const before = names[at - 1];
      return `${name}: &${name} [${Array(10)
        .fill(before ? `*${before}` : 'x')
        .join(', ')}]`;
    });
    expect(await problems(lines.join('\n'))).toEqual([
      '1:1 its aliases repeat each other too often (write out what they stand for)',
    ]);
  });

  test('what a hostile file holds is shown neutralised', async () => {
    const [problem] = await problems('fleet: a\nagents: { b: { command: x, "\\e]0;evil\\a\u202e": 1 } }');
    expect(problem).toContain('␛]0;evil');
    expect(problem).not.toMatch(/[\u001b\u0007\u202e]/);
  });

  test('more problems than fit a screen are counted', async () => {
    const text = `fleet: a\nagents:\n${Array.from({ length: 80 }, (_, at) => `  a${at}: {}`).join('\n')}`;
    await expect(load(text)).rejects.toThrow(/80 problems:[\s\S]*\n {2}and 30 more$/);
  });
});

describe('a file that cannot be read', () => {
  test('says why in a sentence', async () => {
    await withFolder(async dir => {
      const file = (name: string): string => join(dir, name);
      await writeFile(file('big.yaml'), '');
      await truncate(file('big.yaml'), 1 << 21);
      for (const [name, words] of [
        ['gone.yaml', 'it is not there'],
        ['big.yaml', '2097152 bytes, 1048576 are the most'],
        ['', 'it is a folder'],
        ['big.yaml/x', 'it is not there'],
      ] as const) {
        await expect(loadFleet(file(name))).rejects.toThrow(words);
        await expect(loadFleet(file(name))).rejects.toThrow(HmsError);
      }
      await expect(loadFleet('/dev/null')).rejects.toThrow('not a regular file');
    });
  });

  test('says so when it may not be read', async () => {
    await withFolder(async dir => {
      await writeFile(join(dir, 'hms.yaml'), '');
      await chmod(join(dir, 'hms.yaml'), 0);
      const root = process.geteuid?.() === 0;
      // To the administrator everything is open: be somebody else for a moment.
      if (root) process.seteuid?.(65_534);
      try {
        await expect(loadFleet(join(dir, 'hms.yaml'))).rejects.toThrow('permissions');
      } finally {
        if (root) process.seteuid?.(0);
      }
    });
  });
});

test('the examples are fleet files without problems', async () => {
  const root = join(import.meta.dirname, '..', '..', 'examples');
  const files = (await readdir(root, { recursive: true })).filter(name => /hms\.ya?ml$/.test(name));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    expect((await loadFleet(join(root, file))).agents.length, file).toBeGreaterThan(0);
    expect(await readFile(join(root, file), 'utf8')).not.toContain('\t');
  }
});
