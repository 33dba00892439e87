/** The hook client is there twice, for Node and native: one table of cases for both. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HmsError } from '../../src/model/errors.ts';
import { findNative } from '../../src/processes/native-program.ts';
import { type AgentAsked, type Desk, startProgram, withDesk } from '../support/agent-desk.ts';
import { bundle } from '../support/bundle.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

/** As main.ts calls it. */
const CODE = `
import { runHook } from './src/cli/hook.ts';
import { explain, say } from './src/cli/output.ts';
try { await runHook(process.argv.slice(2)); } catch (error) { say(explain(error, false)); process.exitCode = 1; }`;

let dir = '';
let built = '';
beforeAll(async () => {
  dir = await mkdtemp(join(await realpath(tmpdir()), 'hms-b-'));
  built = await bundle(dir, 'hook', CODE);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const native = findNative();
const PROGRAMS = [
  { name: 'the Node client', there: true, argv: () => [process.execPath, built] },
  { name: 'the native client', there: native !== undefined, argv: () => [native ?? '', 'hook'] },
];

const NEVER = new Promise<never>(() => {});
const SILENT = { stdout: '', stderr: '', code: 0 };
const payload = (event: string, more: object = {}): string =>
  JSON.stringify({ hook_event_name: event, tool_name: 'Bash', tool_input: { command: 'ls' }, ...more });
const CALL = payload('PreToolUse');
const PERMISSION = payload('PermissionRequest');

const denial = (why: RegExp) => ({
  stderr: '',
  code: 0,
  stdout: expect.stringMatching(
    new RegExp(
      `^\\{"hookSpecificOutput":\\{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"hms-tui cannot be asked, so this is not allowed: ${why.source}"\\}\\}$`,
    ),
  ),
});

/** A desk that answers hooks so. */
const hooks =
  (answering: (desk: Desk) => unknown) =>
  (asked: AgentAsked, desk: Desk): unknown =>
    asked.do === 'hook' ? answering(desk) : {};
const first = (desk: Desk) => waitFor(() => desk.all('hook')[0], { what: 'the hook to ask' });

for (const { name, there, argv } of PROGRAMS) {
  const start = (input: string | Uint8Array, env: NodeJS.ProcessEnv, ...args: string[]) =>
    startProgram([...argv(), 'claude', ...args], { PATH: process.env.PATH, ...env }, input);
  const ran = (input: string | Uint8Array, env: NodeJS.ProcessEnv, ...args: string[]) =>
    start(input, env, ...args).ended;

  describe.skipIf(!there).concurrent(name, () => {
    test('allowed: what the engine says is said, with its exit code', async () => {
      await withDesk(
        hooks(() => ({ stdout: '{"é😀":1}\n', exit: 3 })),
        async desk => {
          expect(await ran(CALL, desk.env)).toMatchObject({ stdout: '{"é😀":1}\n', stderr: '', code: 3 });
          expect(desk.came.map(asked => asked.do)).toEqual(['hello', 'hook']);
          expect(desk.all('hook')).toEqual([
            {
              driver: 'claude',
              request: expect.stringMatching(/^r-[0-9a-z]{16}$/),
              payload: { ...JSON.parse(CALL), hms: { gate: 'ask', resumable: false } },
            },
          ]);
        },
      );
    });

    test('denied: in the engine’s words', async () => {
      const stdout = '{"hookSpecificOutput":{"permissionDecision":"deny"}}';
      await withDesk(
        hooks(() => ({ stdout, exit: 0 })),
        async desk => expect(await ran(CALL, desk.env)).toMatchObject({ stdout, stderr: '', code: 0 }),
      );
    });

    test('held, then decided: it waits as long as it takes, whatever else is pushed', async () => {
      const decided = Promise.withResolvers<object>();
      await withDesk(
        hooks(() => decided.promise),
        async desk => {
          const ended = ran(PERMISSION, desk.env);
          await first(desk);
          desk.push({ push: 'held', request: 'r-1', needs: 2 });
          decided.resolve({ stdout: 'yes', exit: 0 });
          expect(await ended).toMatchObject({ stdout: 'yes', stderr: '', code: 0 });
        },
      );
    });

    test('no engine: a gated tool call is denied, the rest is left to the client', async () => {
      await withFolder(async folder => {
        const env = { HMS_SOCKET: join(folder, 'none'), HMS_TOKEN: 't' };
        const [call, observed, off, permission, stop] = await Promise.all([
          ran(CALL, env),
          ran(CALL, env, '--gate', 'observe'),
          ran(CALL, { ...env, HMS_GATE: 'off' }),
          ran(PERMISSION, env),
          ran(payload('Stop'), env),
        ]);
        expect(call).toMatchObject(denial(/Nobody answers on \S+\/none \(ENOENT\)\./));
        for (const quiet of [observed, off, permission, stop]) expect(quiet).toMatchObject(SILENT);
      });
    });

    test('an engine that comes late is waited for', async () => {
      await withDesk(
        hooks(() => ({ stdout: 'late', exit: 0 })),
        async desk => {
          await desk.stop();
          const ended = ran(CALL, desk.env);
          await desk.start();
          expect(await ended).toMatchObject({ stdout: 'late', code: 0 });
        },
      );
    });

    test('an engine that goes away and comes back is asked the same again', async () => {
      const second = { stdout: 'second', exit: 0 };
      await withDesk(
        hooks(desk => (desk.all('hook').length === 1 ? NEVER : second)),
        async desk => {
          const ended = ran(PERMISSION, desk.env);
          await first(desk);
          await desk.stop();
          await desk.start();
          expect(await ended).toMatchObject({ stdout: 'second', stderr: '', code: 0 });
          const [one, two] = desk.all('hook');
          expect(two).toEqual(one);
        },
      );
    });

    test('what only tells is not told twice', async () => {
      await withDesk(
        hooks(desk => {
          void desk.stop();
          return NEVER;
        }),
        async desk => {
          expect(await ran(payload('Stop'), desk.env)).toMatchObject(SILENT);
          expect(desk.all('hook')).toHaveLength(1);
        },
      );
    });

    test('an engine that refuses says why', async () => {
      const refuses = (): never => {
        throw new HmsError('bad-token', 'this token is "not" one of this fleet');
      };
      await withDesk(refuses, async desk => {
        const said = denial(/this token is \\"not\\" one of this fleet/);
        expect(await ran(CALL, desk.env)).toMatchObject(said);
        expect(await ran(PERMISSION, desk.env)).toMatchObject(SILENT);
      });
    });

    test('an engine that takes its leave says why', async () => {
      await withDesk(
        hooks(desk => {
          const error = { code: 'removed', message: 'this agent was removed', hint: '' };
          desk.push({ push: 'bye', reason: 'bye', error });
          void desk.stop();
          return NEVER;
        }),
        async desk => expect(await ran(CALL, desk.env)).toMatchObject(denial(/this agent was removed/)),
      );
    });

    test('something else than an engine on the socket lets nothing pass', async () => {
      await withFolder(async folder => {
        const path = join(folder, 's');
        const server = createServer(socket => socket.on('error', () => {}).end('HTTP/1.1 400\r\n\r\n'));
        await new Promise<void>(resolve => server.listen(path, resolve));
        const env = { HMS_SOCKET: path, HMS_TOKEN: 't' };
        expect(await ran(CALL, env)).toMatchObject(denial(/A line is not UTF-8 JSON\./));
        server.close();
      });
    });

    test('malformed input is nobody’s call: silence, and nothing asked', async () => {
      await withDesk(
        hooks(() => ({ stdout: 'asked', exit: 0 })),
        async desk => {
          const inputs = [
            '',
            'not json',
            '[]',
            'null',
            '"x"',
            '7',
            '{"a":',
            '{} {}',
            '\ufeff{}',
            '{"a":"\n"}',
          ];
          for (const input of inputs) expect(await ran(input, desk.env), input).toMatchObject(SILENT);
          expect(desk.came).toEqual([]);
        },
      );
    });

    test('odd input is carried whole', async () => {
      const inputs: readonly (string | Uint8Array)[] = [
        '{"hook_event_name":"Pre\\u0054oolUse","a":"\\ud800","\\udfff":"\\/","b":[ 1.50, -1, 1e3 ],"a":"\\ud83d\\ude00"}',
        JSON.stringify(
          { hook_event_name: 'PreToolUse', tool_input: { content: 'two\nlines\u2028 \u0000 ' } },
          null,
          2,
        ),
        Buffer.concat([
          Buffer.from('{"hook_event_name":"PreToolUse","x":"'),
          Buffer.from([0xff, 0xc3]),
          Buffer.from('"}'),
        ]),
        '{"hook_event_name":"PreToolUse","hms":{"gate":"off"},"constructor":2}',
      ];
      for (const input of inputs) {
        await withDesk(
          hooks(() => ({ stdout: 'asked', exit: 0 })),
          async desk => {
            expect(await ran(input, desk.env)).toMatchObject({ stdout: 'asked', code: 0 });
            const { hms: _, ...rest } = JSON.parse(Buffer.from(input).toString());
            const told = { ...rest, hms: { gate: 'ask', resumable: false } };
            expect(desk.all('hook')[0]?.payload).toEqual(told);
          },
        );
      }
    });

    test('what is long and only told is shortened; what is asked for is not', async () => {
      await withDesk(
        hooks(() => ({ stdout: '', exit: 0 })),
        async desk => {
          const long = `${'😀'.repeat(999)}x${'😀'.repeat(1_000_000)}`;
          const response = {
            stdout: long,
            ok: true,
            n: -1.5,
            note: 'é'.repeat(200),
            more: 'é'.repeat(201),
            file: {},
          };
          await ran(payload('PostToolUse', { tool_response: response, prompt: long }), desk.env);
          await ran(payload('PostToolUse', { tool_response: ['a', 1], last_assistant_message: 7 }), desk.env);
          await ran(payload('PermissionRequest', { tool_input: { command: 'y'.repeat(900_000) } }), desk.env);
          const [told, listed, asked] = desk.all('hook').map(hook => hook.payload);
          expect(told?.['tool_response']).toEqual({
            ...{ ok: true, n: -1.5, note: 'é'.repeat(200) },
            ...{ stdout: long.slice(-200), more: 'é'.repeat(200) },
          });
          expect(told?.['prompt']).toBe(long.slice(0, 2000));
          expect(listed?.['tool_response']).toEqual({});
          expect(listed).not.toHaveProperty('last_assistant_message');
          expect(asked?.['tool_input']).toEqual({ command: 'y'.repeat(900_000) });
        },
      );
    });

    test('a call too large or too deep to be shown to anyone is denied', async () => {
      await withDesk(
        hooks(() => ({ stdout: '', exit: 0 })),
        async desk => {
          const huge = payload('PreToolUse', { tool_input: { content: 'z'.repeat(2 << 20) } });
          const words = /hook is larger than the 1024 KiB one message may have\./;
          expect(await ran(huge, desk.env)).toMatchObject(denial(words));
          const deep = `{"hook_event_name":"PreToolUse","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
          expect(await ran(deep, desk.env)).toMatchObject(denial(/.+/));
          expect(await ran(huge, desk.env, '--gate', 'off')).toMatchObject(SILENT);
          expect(desk.all('hook')).toEqual([]);
        },
      );
    });

    test('outside an agent a gated tool call is denied and the rest passes', async () => {
      const inside = { HMS_SOCKET: '/nowhere', HMS_TOKEN: 't' };
      for (const env of [{}, { ...inside, HMS_TOKEN: '' }, { ...inside, HMS_SOCKET: '' }]) {
        const said = denial(
          /This works only inside an agent of a fleet: HMS_SOCKET and HMS_TOKEN are not set\./,
        );
        expect(await ran(CALL, env)).toMatchObject(said);
        expect(await ran(PERMISSION, env)).toMatchObject(SILENT);
        expect(await ran(CALL, { ...env, HMS_GATE: 'observe' })).toMatchObject(SILENT);
      }
    });

    test.each([
      [['--gate', 'observe'], {}, 'observe'],
      [['--gate', 'off'], { HMS_GATE: 'ask' }, 'off'],
      [['--gate', 'OFF'], { HMS_GATE: 'off' }, 'ask'],
      [['--gate'], { HMS_GATE: 'off' }, 'ask'],
      [[], { HMS_GATE: 'observe' }, 'observe'],
      [[], {}, 'ask'],
    ])('gate of %j and %j is %s', async (args, env, gate) => {
      await withDesk(
        hooks(() => ({ stdout: '', exit: 0 })),
        async desk => {
          await ran(CALL, { ...desk.env, ...env }, ...args);
          expect(desk.all('hook')[0]?.payload['hms']).toEqual({ gate, resumable: false });
        },
      );
    });

    test('it tells whether the conversation has begun', async () => {
      await withDesk(
        hooks(() => ({ stdout: '', exit: 0 })),
        async desk => {
          const path = (file: string): string => join(desk.dir, file);
          await writeFile(path('begun'), '{"type":"mode"}\n{"type":"user","message":{}}\n');
          await writeFile(path('late'), `${' '.repeat(65_530)}{"type":"user"}\n`);
          execFileSync('mkfifo', [path('pipe')]);
          for (const file of ['begun', 'late', 'pipe', 'none', '.']) {
            await ran(payload('SessionStart', { transcript_path: path(file) }), desk.env);
          }
          const told = desk.all('hook').map(hook => hook.payload['hms']);
          expect(told).toEqual(
            [true, false, false, false, false].map(resumable => ({ gate: 'ask', resumable })),
          );
        },
      );
    });

    test('killed while it holds, it leaves the engine at once', async () => {
      await withDesk(
        hooks(() => NEVER),
        async desk => {
          const { child, ended } = start(PERMISSION, desk.env);
          await first(desk);
          child.kill('SIGTERM');
          expect((await ended).stdout).toBe('');
          await waitFor(() => desk.gone() === 1, { what: 'the connection to close' });
        },
      );
    });

    test('it ends when the agent does, which it knows by CLAUDE_PID', async () => {
      await withDesk(
        hooks(() => NEVER),
        async desk => {
          const agent = spawn('sleep', ['1000'], { stdio: 'ignore' });
          const { ended } = start(PERMISSION, { ...desk.env, CLAUDE_PID: `${agent.pid}` });
          await first(desk);
          agent.kill('SIGKILL');
          expect(await ended).toMatchObject(SILENT);
        },
      );
    });

    test('it ends when its parent does', async () => {
      await withDesk(
        hooks(() => NEVER),
        async desk => {
          await writeFile(join(desk.dir, 'in'), PERMISSION);
          const script = 'in=$1; shift; "$@" < "$in" & wait';
          const words = ['/bin/sh', '-c', script, 'sh', join(desk.dir, 'in'), ...argv(), 'claude'];
          const { child } = startProgram(words, desk.env);
          await first(desk);
          child.kill('SIGKILL');
          await waitFor(() => desk.gone() === 1, { what: 'the hook to end' });
        },
      );
    });

    test.each(['emacs', 'constructor', ''])(
      'hooks of %j, which nobody knows, are refused in words',
      async driver => {
        const { ended } = startProgram([...argv(), driver], { PATH: process.env.PATH }, CALL);
        const stderr = `hms: There are no hooks for ${JSON.stringify(driver)}.\n     hms hook claude.\n`;
        expect(await ended).toMatchObject({ stdout: '', stderr, code: 1 });
      },
    );
  });
}
