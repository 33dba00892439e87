/**
 * The claude driver with the real client, in a real tmux, against a scripted model on loopback. An engine's place is
 * taken by a socket server that answers hooks through the driver; the whole engine has its own story.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { drivers } from '../../src/drivers/index.ts';
import type { HookMeaning, HookSaid } from '../../src/drivers/types.ts';
import type { Action } from '../../src/model/action.ts';
import { AgentConfig } from '../../src/model/fleet.ts';
import { Digest } from '../../src/model/ids.ts';
import { AGENT_REQUESTS, type GateAnswer } from '../../src/protocol/messages.ts';
import { type SocketServer, serve } from '../../src/protocol/server.ts';
import { bundle } from '../support/bundle.ts';
import { claudeHome, type InstalledClaude, installClaude } from '../support/claude.ts';
import { type ModelServer, startModelServer, type Turn } from '../support/model-server.ts';
import { withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

const { claude: driver } = drivers;
const DEADLINE_MS = 30_000;

interface Seen {
  readonly event: string;
  readonly meaning: HookMeaning;
  readonly closed: boolean;
}

interface Stage {
  /** The agent's working directory. */
  readonly cwd: string;
  readonly model: ModelServer;
  /** Hooks that came, oldest first. */
  readonly seen: readonly Seen[];
  /** Waits for the nth hook of an event. */
  hook(event: string, nth?: number): Promise<Seen>;
  screen(): Promise<string>;
  press(...keys: string[]): Promise<void>;
  pid(): Promise<number>;
}

interface Play {
  readonly script: readonly Turn[];
  /** What the gate says to a hook, as the engine would. */
  readonly decide: (meaning: HookMeaning, seen: Seen) => HookSaid | Promise<HookSaid>;
  readonly config?: object;
}

const bash = (command: string): Turn => ({
  tools: [{ name: 'Bash', input: { command, description: 'Do it' } }],
});

function answer(outcome: GateAnswer['outcome'], action: Action, more: Partial<GateAnswer> = {}): GateAnswer {
  const run = ['permitted', 'approved', 'overridden'].includes(outcome);
  const digest = Digest.parse('0'.repeat(64));
  const request = AGENT_REQUESTS['gate.ask'].with.shape.request.parse('r-0001');
  return { request, outcome, run, action, digest, edited: false, message: '', ...more };
}

let client: InstalledClaude;
beforeAll(async () => {
  client = await installClaude();
}, 300_000);

async function play({ script, decide, config }: Play, body: (stage: Stage) => Promise<void>): Promise<void> {
  await withTmux(async ({ dir, tmux }) => {
    const cwd = join(dir, 'work');
    await mkdir(cwd);
    const model = await startModelServer(script);
    const seen: Seen[] = [];
    let server: SocketServer<unknown> | undefined;
    try {
      const socket = join(dir, 'run', 'agent.sock');
      server = await serve({
        path: socket,
        table: AGENT_REQUESTS,
        onConnect: () => ({}),
        log: () => {},
        handle: async (peer, request) => {
          if (request.do !== 'hook') return {};
          const { payload } = request.with;
          const meaning = driver.readHook(payload, cwd);
          const one = { event: String(payload.hook_event_name), meaning, closed: false };
          peer.onClose(() => {
            one.closed = true;
          });
          seen.push(one);
          return driver.answerHook(payload, await decide(meaning, one));
        },
      });
      const plan = driver.plan({
        agent: 'builder',
        config: AgentConfig.parse({ driver: 'claude', command: client.command, prompt: 'go', ...config }),
        cwd,
        dir,
        hms: await hookProgram(dir),
        native: '',
        conversation: '',
      });
      for (const [path, content] of Object.entries(plan.files))
        await writeFile(path, content, { mode: 0o600 });
      const env = {
        ...(await claudeHome(dir, cwd, model.url)),
        HMS_SOCKET: socket,
        HMS_TOKEN: 'token',
        ...plan.env,
      };
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      const size = ['-x', '120', '-y', '40'];
      await tmux('new-session', '-d', '-s', 'a', ...size, '-c', cwd, 'env', '-i', ...variables, ...plan.argv);
      const screen = () => tmux('capture-pane', '-p', '-t', 'a:');
      await body({
        cwd,
        model,
        seen,
        screen,
        press: async (...keys) => void (await tmux('send-keys', '-t', 'a:', ...keys)),
        pid: async () => Number(await tmux('display-message', '-p', '-t', 'a:', '#{pane_pid}')),
        hook: async (event, nth = 1) => {
          const find = () => seen.filter(one => one.event === event)[nth - 1];
          return waitFor(find, { what: `hook ${event} (${nth})`, deadlineMs: DEADLINE_MS }).catch(
            async error => {
              throw new Error(
                `${error}\n${seen.map(one => one.event).join(' ')}\n${await screen().catch(String)}`,
              );
            },
          );
        },
      });
    } finally {
      await model.close();
      await server?.close();
    }
  });
}

/** `hms` for hooks: the real one, at a path that has to be quoted. */
async function hookProgram(dir: string): Promise<string> {
  const code = `import { runHook } from './src/cli/hook.ts';
    const [, , name, ...rest] = process.argv;
    if (name === 'hook') await runHook(rest);`;
  const file = await bundle(dir, 'hook', code);
  const program = join(dir, "it's hms");
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${file}' "$@"\n`);
  await chmod(program, 0o755);
  return program;
}

/** Decides permission requests with `outcome`; says nothing to anything else. */
const all =
  (outcome: GateAnswer['outcome'], more: Partial<GateAnswer> = {}) =>
  ({ ask }: HookMeaning): HookSaid =>
    ask && answer(outcome, ask.action, more);

describe('Claude Code behind the gate', { timeout: 90_000 }, () => {
  test('what is approved runs, and what became of it is told', async () => {
    const script = [bash('touch out && echo made')];
    await play({ script, decide: all('approved') }, async ({ cwd, model, hook, seen }) => {
      await hook('Stop');
      expect(existsSync(join(cwd, 'out'))).toBe(true);
      expect(model.toolResults()).toMatchObject([{ isError: false, text: 'made' }]);
      const asked = await hook('PermissionRequest');
      expect(asked.meaning.ask?.action).toMatchObject({
        tool: 'Bash',
        input: { command: 'touch out && echo made' },
        cwd,
      });
      expect(asked.meaning.gating?.gating).toBe('gated');
      const { clears, effect } = (await hook('PostToolUse')).meaning;
      expect(effect).toMatchObject({ tool: 'Bash', input: asked.meaning.ask?.action.input, exit: 0 });
      expect(clears).toEqual({ tool: 'Bash', input: asked.meaning.ask?.action.input });
      expect(seen.map(one => one.event).slice(0, 3)).toEqual([
        'SessionStart',
        'UserPromptSubmit',
        'PreToolUse',
      ]);
      expect(seen.map(one => one.meaning.conversation).filter(Boolean).length).toBeGreaterThan(0);
    });
  });

  test('what is denied does not run, and the words reach the model as a refusal', async () => {
    const script = [bash('touch out')];
    await play(
      { script, decide: all('denied', { message: 'Not on a Friday' }) },
      async ({ cwd, model, hook }) => {
        await hook('Stop');
        expect(existsSync(join(cwd, 'out'))).toBe(false);
        expect(model.toolResults()).toMatchObject([{ isError: true, text: 'Not on a Friday' }]);
      },
    );
  });

  test('what is edited runs as edited, and the model is told what ran', async () => {
    const input = { command: 'echo safe > out; echo done', description: 'Do it' };
    const edited = (action: Action) =>
      answer('approved', { ...action, input }, { edited: true, message: 'safer so' });
    const decide = ({ ask, effect }: HookMeaning): HookSaid => {
      if (ask) return edited(ask.action);
      // The engine finds the request by what ran.
      return effect && { ...edited({ tool: effect.tool, input: effect.input, cwd: '/' }) };
    };
    await play({ script: [bash('touch dangerous')], decide }, async ({ cwd, model, hook }) => {
      await hook('Stop');
      expect(existsSync(join(cwd, 'dangerous'))).toBe(false);
      expect(existsSync(join(cwd, 'out'))).toBe(true);
      expect((await hook('PostToolUse')).meaning.effect?.input).toEqual(input);
      expect(model.toolResults()).toMatchObject([{ isError: false, text: 'done' }]);
      const told = JSON.stringify(model.requests.at(-1)?.messages);
      expect(told).toContain('A person changed this call before approving it');
      expect(told).toContain('safer so');
    });
  });

  test('what policy forbids is refused before the client asks', async () => {
    const decide = ({ screen }: HookMeaning): HookSaid =>
      screen && answer('forbidden', screen.action, { message: 'prod is closed' });
    await play({ script: [bash('touch out')], decide }, async ({ cwd, model, hook, seen }) => {
      await hook('Stop');
      expect(existsSync(join(cwd, 'out'))).toBe(false);
      expect(model.toolResults()[0]).toMatchObject({ isError: true });
      expect(model.toolResults()[0]?.text).toContain('Forbidden by policy: prod is closed');
      expect(seen.some(one => one.event === 'PermissionRequest')).toBe(false);
    });
  });

  test.each([
    [
      'a read the client never asks about',
      'default',
      { name: 'Bash', input: { command: 'ls', description: 'Look' } },
    ],
    [
      'an edit in acceptEdits',
      'acceptEdits',
      { name: 'Write', input: { file_path: 'new.txt', content: 'x\n' } },
    ],
  ])('a policy hold also holds %s', async (_what, mode, tool) => {
    const decide = ({ ask, screen }: HookMeaning): HookSaid =>
      ask
        ? answer('denied', ask.action, { message: 'no' })
        : screen?.hold
          ? { hold: 'all is held' }
          : undefined;
    const config = { command: [...client.command, '--permission-mode', mode] };
    await play({ script: [{ tools: [tool] }], decide, config }, async ({ cwd, model, hook }) => {
      expect((await hook('PermissionRequest')).meaning.ask?.action.tool).toBe(tool.name);
      await hook('Stop');
      expect(model.toolResults()).toMatchObject([{ isError: true, text: 'no' }]);
      expect(existsSync(join(cwd, 'new.txt'))).toBe(false);
    });
  });

  test('when its hook is killed the dialog stays, and a yes in the pane runs it and clears the queue', async () => {
    const decide = ({ ask }: HookMeaning): Promise<HookSaid> | undefined =>
      ask ? new Promise(() => {}) : undefined;
    await play({ script: [bash('touch out')], decide }, async ({ cwd, hook, screen, press, pid }) => {
      const held = await hook('PermissionRequest');
      expect(held.closed).toBe(false);
      const hooks = childrenNaming(await pid(), 'hook.mjs');
      expect(hooks).toHaveLength(1);
      for (const one of hooks) process.kill(one, 'SIGTERM');
      await waitFor(() => held.closed, { what: 'the engine to see that the asker has gone' });
      await waitFor(async () => (await screen()).includes('Do you want to proceed?'), { what: 'the dialog' });
      expect(existsSync(join(cwd, 'out'))).toBe(false);
      await press('Enter');
      const { clears } = (await hook('PostToolUse')).meaning;
      expect(clears).toEqual({ tool: 'Bash', input: held.meaning.ask?.action.input });
      expect(existsSync(join(cwd, 'out'))).toBe(true);
    });
  });

  test('a hook that waits ends with its agent, also when that is killed outright', async () => {
    const decide = ({ ask }: HookMeaning): Promise<HookSaid> | undefined =>
      ask ? new Promise(() => {}) : undefined;
    await play({ script: [bash('touch out')], decide }, async ({ hook, pid }) => {
      const held = await hook('PermissionRequest');
      process.kill(await pid(), 'SIGKILL');
      await waitFor(() => held.closed, { what: 'the hook to end' });
    });
  });
});

function childrenNaming(parent: number, text: string): readonly number[] {
  return execFileSync('ps', ['-axww', '-o', 'pid=,ppid=,args='])
    .toString()
    .split('\n')
    .map(line => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter(match => Number(match?.[2]) === parent && match?.[3]?.includes(text))
    .map(match => Number(match?.[1]));
}
