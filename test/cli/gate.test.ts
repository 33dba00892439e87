import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentPlace } from '../../src/cli/agent-link.ts';
import { gateCommand } from '../../src/cli/gate.ts';
import { gateRun } from '../../src/cli/gate-run.ts';
import { plainRun } from '../../src/cli/gate-start.ts';
import { actionDigest } from '../../src/gate/digest.ts';
import type { Action } from '../../src/model/action.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { GateAnswer } from '../../src/protocol/messages.ts';
import { type AgentAsked, type Desk, startNode, withDesk } from '../support/agent-desk.ts';
import { bundle } from '../support/bundle.ts';
import { waitFor } from '../support/wait.ts';

let home = '';
let program = '';
beforeAll(async () => {
  home = await mkdtemp(join(await realpath(tmpdir()), 'hms-b-'));
  const code = "import { runGate } from './src/cli/gate-start.ts'; await runGate(process.argv.slice(2));";
  program = await bundle(home, 'gate', code);
});
afterAll(() => rm(home, { recursive: true, force: true }));

const NEVER = new Promise<never>(() => {});

/** Answers as the engine would when the request ends so. */
function ends(outcome: GateAnswer['outcome'], more: Partial<GateAnswer> = {}) {
  return (asked: AgentAsked): unknown => {
    if (asked.do !== 'gate.ask') return {};
    const { request, action } = asked.with;
    const run = ['permitted', 'approved', 'overridden'].includes(outcome);
    const digest = actionDigest(more.action ?? action);
    return { request, outcome, run, action, digest, edited: false, message: '', ...more };
  };
}

/** As a process, for what only a process shows: streams, signals, exit codes. */
const gate = (desk: Desk, args: readonly string[], input = '') =>
  startNode([program, ...args], desk.env, input, desk.dir);

/** In this process. */
async function run(desk: Desk, ...argv: string[]): Promise<{ code: number; said: string[] }> {
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  const code = await gateRun(agentPlace(desk.env), { argv, cwd: desk.dir, note: '', say, outageMs: 5000 });
  return { code, said };
}
const exec = (argv: readonly string[], cwd: string): Action => ({ tool: 'exec', input: { argv }, cwd });

describe('hms gate run', () => {
  test('runs what is permitted, with its streams and exit code its own', async () => {
    await withDesk(ends('permitted'), async desk => {
      const script = 'cat; echo said >&2; exit 3';
      const ran = await gate(desk, ['run', '--note', 'to see', '--', 'sh', '-c', script], 'given').ended;
      expect(ran).toEqual({ stdout: 'given', stderr: 'said\n', code: 3, signal: null });
      const argv = ['sh', '-c', script];
      expect(desk.all('gate.ask')).toEqual([
        {
          request: expect.stringMatching(/^r-[0-9a-z]{16}$/),
          action: { tool: 'exec', input: { argv, note: 'to see' }, cwd: desk.dir },
          edit: true,
          note: true,
        },
      ]);
      expect(desk.all('gate.effect')).toEqual([
        { request: desk.all('gate.ask')[0]?.request, exit: 3, detail: '', ms: expect.any(Number) },
      ]);
    });
  });

  test.each(['denied', 'forbidden', 'expired', 'withdrawn'] as const)(
    '%s: nothing runs, exit 77',
    async outcome => {
      await withDesk(ends(outcome, { message: 'not on a Friday' }), async desk => {
        const ran = await run(desk, 'touch', 'ran');
        expect(ran).toEqual({ code: 77, said: [`${outcome}: not on a Friday`] });
        expect(existsSync(join(desk.dir, 'ran'))).toBe(false);
        expect(desk.all('gate.effect')).toEqual([]);
      });
    },
  );

  test('runs what was edited, and says so', async () => {
    const edited = (asked: AgentAsked): unknown =>
      asked.do === 'gate.ask'
        ? ends('approved', { edited: true, action: exec(['touch', 'safe'], asked.with.action.cwd) })(asked)
        : {};
    await withDesk(edited, async desk => {
      expect(await run(desk, 'touch', 'ran')).toEqual({
        code: 0,
        said: ['approved as edited: touch safe'],
      });
      expect(existsSync(join(desk.dir, 'safe'))).toBe(true);
      expect(existsSync(join(desk.dir, 'ran'))).toBe(false);
    });
  });

  test.each([
    [
      'another command under the digest of this one',
      (a: Action) => ({ action: exec(['echo', 'x'], a.cwd), digest: actionDigest(a) }),
    ],
    [
      'another command with its own digest, not said to be edited',
      (a: Action) => ({
        action: exec(['echo', 'x'], a.cwd),
        digest: actionDigest(exec(['echo', 'x'], a.cwd)),
      }),
    ],
    ['another folder', (a: Action) => ({ action: { ...a, cwd: '/' }, digest: actionDigest(a) })],
    [
      'no command',
      (a: Action) => ({ edited: true, action: exec([], a.cwd), digest: actionDigest(exec([], a.cwd)) }),
    ],
    [
      'another tool',
      (a: Action) => ({
        edited: true,
        action: { ...a, tool: 'ask' },
        digest: actionDigest({ ...a, tool: 'ask' }),
      }),
    ],
  ])('an answer about %s runs nothing', async (_what, alter) => {
    const altered = (asked: AgentAsked): unknown =>
      ends('approved', asked.do === 'gate.ask' ? alter(asked.with.action) : {})(asked);
    await withDesk(altered, async desk => {
      await expect(run(desk, 'touch', 'ran')).rejects.toMatchObject({ code: 'altered' });
      expect(existsSync(join(desk.dir, 'ran'))).toBe(false);
    });
  });

  test('says that it is held, and why when the engine tells', async () => {
    let settle: () => void = () => {};
    const answering = (asked: AgentAsked): unknown =>
      asked.do === 'gate.ask'
        ? new Promise(resolve => {
            settle = () => resolve(ends('approved', { message: 'go on' })(asked));
          })
        : {};
    await withDesk(answering, async desk => {
      const { out, ended } = gate(desk, ['run', '--', 'echo', 'done']);
      const { request } = await waitFor(() => desk.all('gate.ask')[0], { what: 'the ask' });
      desk.push({ push: 'held', request, why: 'writes are held' });
      const line = `hms: held: waiting for approval (${request}): writes are held\n`;
      await waitFor(() => out.stderr === line, { what: 'the line on stderr' });
      settle();
      expect(await ended).toMatchObject({
        stdout: 'done\n',
        stderr: `${line}hms: approved: go on\n`,
        code: 0,
      });
    });
  });

  test('a held one that the engine does not announce is announced by itself', async () => {
    const answering = (asked: AgentAsked): unknown => (asked.do === 'gate.ask' ? NEVER : {});
    await withDesk(answering, async desk => {
      const { child, out, ended } = gate(desk, ['run', '--', 'touch', 'ran']);
      await waitFor(() => /held: waiting for approval \(r-/.test(out.stderr), { what: 'the line on stderr' });
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ signal: 'SIGTERM', stdout: '' });
      await waitFor(() => desk.gone() === 1, { what: 'the engine to see that the asker has gone' });
      expect(existsSync(join(desk.dir, 'ran'))).toBe(false);
    });
  });

  test('asks again with the same id while the engine restarts, and runs once', async () => {
    const answering = (asked: AgentAsked, desk: Desk): unknown =>
      asked.do === 'gate.ask' && desk.all('gate.ask').length === 1 ? NEVER : ends('approved')(asked);
    await withDesk(answering, async desk => {
      const ended = run(desk, 'sh', '-c', 'echo once >> ran');
      await waitFor(() => desk.all('gate.ask').length === 1, { what: 'the ask' });
      await desk.stop();
      await desk.start();
      expect((await ended).code).toBe(0);
      expect(await readFile(join(desk.dir, 'ran'), 'utf8')).toBe('once\n');
      const [first, second] = desk.all('gate.ask');
      expect(second).toEqual(first);
    });
  });

  test('without an engine it gives up in the end and runs nothing', async () => {
    await withDesk(
      () => ({}),
      async desk => {
        await desk.stop();
        const said: string[] = [];
        const place = agentPlace(desk.env);
        const argv = ['touch', join(desk.dir, 'ran')];
        const asked = gateRun(place, {
          argv,
          cwd: '/',
          note: '',
          say: line => said.push(line),
          outageMs: 100,
        });
        await expect(asked).rejects.toMatchObject({ code: 'unreachable' });
        expect(said).toEqual([expect.stringContaining('asking again')]);
        expect(existsSync(join(desk.dir, 'ran'))).toBe(false);
      },
    );
  });

  test('an engine that cannot take the question runs nothing: exit 75', async () => {
    const answering = (asked: AgentAsked): unknown => {
      if (asked.do === 'gate.ask') throw new HmsError('journal-full', 'the disk is full', 'make room');
      return {};
    };
    await withDesk(answering, async desk => {
      await expect(run(desk, 'touch', 'ran')).rejects.toMatchObject({ code: 'journal-full' });
      const ran = await gate(desk, ['run', '--', 'touch', 'ran']).ended;
      expect(ran).toMatchObject({ code: 75, stderr: 'hms: The disk is full.\n     Make room.\n' });
      expect(existsSync(join(desk.dir, 'ran'))).toBe(false);
    });
  });

  test('outside an agent, or with a token nobody knows, it says so: exit 78', async () => {
    const ran = await startNode([program, 'run', '--', 'true'], { PATH: process.env.PATH }).ended;
    expect(ran).toMatchObject({ code: 78, stdout: '' });
    expect(ran.stderr).toContain('inside an agent');
    const refuses = (): never => {
      throw new HmsError('bad-token', 'this token is not one of this fleet');
    };
    await withDesk(refuses, async desk =>
      expect((await gate(desk, ['run', '--', 'true']).ended).code).toBe(78),
    );
  });

  test('what cannot be started ends as in a shell: 127, 126', async () => {
    await withDesk(ends('permitted'), async desk => {
      const missing = await run(desk, 'no-such-program-anywhere');
      expect(missing).toEqual({ code: 127, said: ['no-such-program-anywhere: command not found'] });
      expect(await run(desk, '')).toEqual({ code: 127, said: ['the command is empty'] });
      expect((await run(desk, 'echo', 'a\0b')).code).toBe(126);
      const plain = join(desk.dir, 'plain');
      await writeFile(plain, '#!/bin/sh\n');
      await chmod(plain, 0o644);
      expect(await run(desk, plain)).toEqual({ code: 126, said: [`${plain}: not executable`] });
      expect(desk.all('gate.effect').map(effect => effect.exit)).toEqual([127, 127, 126, 126]);
    });
  });

  test('a death by signal is 128 and its number, and signals sent to us reach it', async () => {
    await withDesk(ends('permitted'), async desk => {
      expect(await run(desk, 'sh', '-c', 'kill -9 $$')).toMatchObject({ code: 137 });
      expect(desk.all('gate.effect')[0]).toMatchObject({ exit: 137, detail: 'SIGKILL' });
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
        const script = `trap 'exit 5' ${signal.slice(3)}; echo ready; while :; do sleep 0.02; done`;
        const { child, out, ended } = gate(desk, ['run', '--', 'sh', '-c', script]);
        await waitFor(() => out.stdout === 'ready\n', { what: 'the command to run' });
        child.kill(signal);
        expect(await ended).toMatchObject({ code: 5, signal: null });
      }
    });
  });

  test('an engine that does not take the report does not keep it from ending', async () => {
    const answering = (asked: AgentAsked): unknown =>
      asked.do === 'gate.effect' ? NEVER : ends('permitted')(asked);
    await withDesk(answering, async desk => {
      expect(await run(desk, 'sh', '-c', 'exit 4')).toMatchObject({ code: 4 });
      expect(desk.all('gate.effect')).toHaveLength(1);
    });
  });

  test('options of the command are the command’s, with and without --', async () => {
    await withDesk(ends('permitted'), async desk => {
      const script = 'echo "$@"';
      for (const args of [
        ['run', '--', 'sh', '-c', script, '-', '--note', 'x', '--', '-v'],
        ['run', 'sh', '-c', script, '-', '--note', 'x', '--', '-v'],
      ]) {
        expect(await gate(desk, args).ended).toMatchObject({ stdout: '--note x -- -v\n', code: 0 });
      }
    });
  });
});

describe('hms gate ask', () => {
  test('yes is 0, no is 77, the words of the person are printed', async () => {
    await withDesk(ends('approved', { message: 'after the freeze' }), async desk => {
      const yes = await gate(desk, ['ask', 'deploy', 'now?']).ended;
      expect(yes).toEqual({ stdout: 'after the freeze\n', stderr: '', code: 0, signal: null });
      expect(desk.all('gate.ask')[0]).toMatchObject({
        action: { tool: 'ask', input: { question: 'deploy now?' } },
        edit: false,
      });
    });
    await withDesk(ends('denied', { message: 'no' }), async desk => {
      const no = await gate(desk, ['ask', '--json', 'deploy?']).ended;
      expect(no.code).toBe(77);
      expect(JSON.parse(no.stdout)).toEqual({
        request: expect.stringMatching(/^r-/),
        yes: false,
        outcome: 'denied',
        message: 'no',
      });
    });
  });
});

test('the short way of reading `run -- …` reads what the command framework reads', async () => {
  const word = fc.constantFrom('--', '--note', 'run', 'sh', '-c', '--note=x', '', '-', '--help ', 'a b');
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), async words => {
      const argv = ['run', ...words];
      const plain = plainRun(argv);
      if (!plain) return;
      const gate = gateCommand().exitOverride();
      const read: unknown[] = [];
      const framework = gate.commands.find(command => command.name() === 'run');
      framework?.exitOverride().action((command: string[], { note }: { note: string }) => {
        read.push({ command, note });
      });
      await gate.parseAsync(argv, { from: 'user' });
      expect(read).toEqual([plain]);
    }),
    { numRuns: 500 },
  );
});

test('the gate client stays light: it loads no schemas', () => {
  expect(readFileSync(program, 'utf8').includes('node_modules/zod/')).toBe(false);
});
