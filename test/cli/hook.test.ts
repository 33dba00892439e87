import { spawn } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerHook } from '../../src/cli/hook.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { HookAnswer } from '../../src/protocol/messages.ts';
import { type AgentAsked, type Desk, startNode, withDesk } from '../support/agent-desk.ts';
import { bundle } from '../support/bundle.ts';
import { waitFor } from '../support/wait.ts';

let dir = '';
let program = '';
beforeAll(async () => {
  dir = await mkdtemp(join(await realpath(tmpdir()), 'hms-b-'));
  const code = "import { runHook } from './src/cli/hook.ts'; await runHook(process.argv.slice(2));";
  program = await bundle(dir, 'hook', code);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const NEVER = new Promise<never>(() => {});
const SILENT: HookAnswer = { stdout: '', exit: 0 };

/** A desk that answers hooks so. */
const hooks =
  (answering: (desk: Desk) => unknown) =>
  (asked: AgentAsked, desk: Desk): unknown =>
    asked.do === 'hook' ? answering(desk) : {};

/** In this process. */
const answer = (input: string, env: NodeJS.ProcessEnv, ...args: string[]) =>
  answerHook(['claude', ...args], input, env);

/** As a process, for what only a process shows: streams, signals, exit codes. */
const hook = (input: string, env: NodeJS.ProcessEnv, ...args: string[]) =>
  startNode([program, 'claude', ...args], { PATH: process.env.PATH, ...env }, input);

const payload = (event: string, more: object = {}): string =>
  JSON.stringify({ hook_event_name: event, tool_name: 'Bash', tool_input: { command: 'ls' }, ...more });

const firstHook = (desk: Desk) => waitFor(() => desk.all('hook')[0], { what: 'the hook to ask' });

describe('the hook process', () => {
  test('carries the payload in and the answer out', async () => {
    await withDesk(
      hooks(() => ({ stdout: '{"é":1}', exit: 3 })),
      async desk => {
        const transcript = join(desk.dir, 't.jsonl');
        await writeFile(transcript, '{"type":"mode"}\n{"type":"user","message":{}}\n');
        const given = payload('PreToolUse', { transcript_path: transcript });
        const ran = await hook(given, desk.env, '--gate', 'observe').ended;
        expect(ran).toMatchObject({ stdout: '{"é":1}', stderr: '', code: 3 });
        expect(desk.all('hook')).toEqual([
          {
            driver: 'claude',
            request: expect.stringMatching(/^r-[0-9a-z]{16}$/),
            payload: { ...JSON.parse(given), hms: { gate: 'observe', resumable: true } },
          },
        ]);
      },
    );
  });

  test('what is long and only told is shortened; what is asked for is not', async () => {
    await withDesk(
      hooks(() => SILENT),
      async desk => {
        const long = 'x'.repeat(3 << 20);
        const response = { stdout: long, interrupted: false, file: { content: long } };
        const told = payload('PostToolUse', { tool_response: response, prompt: long });
        expect(await answer(told, desk.env)).toEqual(SILENT);
        const command = 'y'.repeat(900_000);
        await answer(payload('PermissionRequest', { tool_input: { command } }), desk.env);
        const [after, asked] = desk.all('hook');
        expect(after?.payload).toMatchObject({ tool_response: { interrupted: false } });
        expect(JSON.stringify(after?.payload).length).toBeLessThan(3000);
        expect(asked?.payload).toMatchObject({ tool_input: { command } });
      },
    );
  });

  test('keeps asking with the same id while the engine restarts', async () => {
    const second = { stdout: 'second', exit: 0 };
    await withDesk(
      hooks(desk => (desk.all('hook').length === 1 ? NEVER : second)),
      async desk => {
        const ended = answer(payload('PermissionRequest'), desk.env);
        await firstHook(desk);
        await desk.stop();
        await desk.start();
        expect(await ended).toEqual(second);
        expect(desk.all('hook')[1]?.request).toBe(desk.all('hook')[0]?.request);
      },
    );
  });

  test('killed while it holds, it leaves the engine at once', async () => {
    await withDesk(
      hooks(() => NEVER),
      async desk => {
        const { child, ended } = hook(payload('PermissionRequest'), desk.env);
        await firstHook(desk);
        child.kill('SIGTERM');
        expect((await ended).stdout).toBe('');
        await waitFor(() => desk.gone() === 1, { what: 'the connection to close' });
      },
    );
  });

  test('ends when the agent does, which it knows by CLAUDE_PID', async () => {
    await withDesk(
      hooks(() => NEVER),
      async desk => {
        const agent = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
          stdio: ['pipe', 'ignore', 'ignore'],
        });
        const { ended } = hook(payload('PermissionRequest'), { ...desk.env, CLAUDE_PID: `${agent.pid}` });
        await firstHook(desk);
        agent.kill('SIGKILL');
        expect(await ended).toMatchObject({ stdout: '', stderr: '', code: 0 });
      },
    );
  });
});

describe('without an engine', () => {
  const outcome = async (event: string, ...args: string[]): Promise<HookAnswer | undefined> => {
    let answered: HookAnswer | undefined;
    const refuses = (): never => {
      throw new HmsError('bad-token', 'this token is not one of this fleet');
    };
    await withDesk(refuses, async desk => {
      answered = await answer(payload(event), desk.env, ...args);
    });
    return answered;
  };

  test('a gated tool call is denied, in words', async () => {
    const answered = await outcome('PreToolUse', '--gate', 'ask');
    expect(answered?.exit).toBe(0);
    expect(JSON.parse(answered?.stdout ?? '')).toEqual({
      hookSpecificOutput: {
        hookEventName: 'PreToolUse',
        permissionDecision: 'deny',
        permissionDecisionReason: expect.stringContaining('this token is not one of this fleet'),
      },
    });
  });

  test.each([
    ['PreToolUse', 'observe'],
    ['PermissionRequest', 'ask'],
    ['Stop', 'ask'],
  ])('%s with gate %s says nothing and lets the agent be', async (event, gate) => {
    expect(await outcome(event, '--gate', gate)).toEqual(SILENT);
  });

  test('outside an agent too, a gated tool call is denied and the rest passes', async () => {
    expect((await answer(payload('PreToolUse'), {})).stdout).toContain('"deny"');
    expect(await answer(payload('PreToolUse'), { HMS_GATE: 'off' })).toEqual(SILENT);
    expect(await hook(payload('Stop'), {}).ended).toMatchObject({ stdout: '', stderr: '', code: 0 });
    expect(await hook('not json', {}).ended).toMatchObject({ stdout: '', stderr: '', code: 0 });
  });

  test('a call too large to be shown to anyone is denied', async () => {
    await withDesk(
      hooks(() => SILENT),
      async desk => {
        const huge = payload('PreToolUse', { tool_input: { content: 'z'.repeat(2 << 20) } });
        const { stdout } = await answer(huge, desk.env);
        expect(stdout).toContain('"deny"');
        expect(stdout).toContain('1024 KiB');
        expect(desk.all('hook')).toEqual([]);
      },
    );
  });

  test('hooks of a tool nobody knows are refused in words', async () => {
    await expect(answerHook(['emacs'], '{}', {})).rejects.toMatchObject({ code: 'no-driver' });
    await expect(answerHook(['constructor'], '{}', {})).rejects.toMatchObject({ code: 'no-driver' });
  });
});
