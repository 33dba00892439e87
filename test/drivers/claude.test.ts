import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { drivers } from '../../src/drivers/index.ts';
import type { HookMeaning } from '../../src/drivers/types.ts';
import { AgentConfig } from '../../src/model/fleet.ts';
import { Digest, RequestId } from '../../src/model/ids.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { GateAnswer } from '../../src/protocol/messages.ts';
import { withFolder } from '../support/scratch.ts';

const { claude } = drivers;

const context = (config: object, conversation = '', native = '') => ({
  agent: 'builder',
  config: AgentConfig.parse({ driver: 'claude', ...config }),
  cwd: '/work',
  dir: '/state/agents/builder',
  hms: "/opt/it's here/hms",
  native,
  conversation,
});

const SETTINGS = '/state/agents/builder/claude-settings.json';

const Settings = z.object({
  disableAllHooks: z.literal(false),
  hooks: z.record(
    z.string(),
    z.array(
      z.object({
        matcher: z.string().optional(),
        hooks: z.array(z.object({ type: z.literal('command'), command: z.string(), timeout: z.number() })),
      }),
    ),
  ),
});
const settings = (config: object, native = '') =>
  Settings.parse(JSON.parse(claude.plan(context(config, '', native)).files[SETTINGS] ?? ''));

describe('starting Claude Code', () => {
  test('brings its own settings file and asks for the mode that asks', () => {
    expect(claude.plan(context({ prompt: '--fix it' })).argv).toEqual([
      ...['claude', '--settings', SETTINGS, '--permission-mode', 'default', '--', '--fix it'],
    ]);
  });

  test('a resumed conversation is not given its first prompt again', () => {
    const plan = claude.plan(context({ prompt: 'go' }, 'c0ffee'));
    expect(plan.argv).toEqual([
      ...['claude', '--settings', SETTINGS, '--permission-mode', 'default', '--resume', 'c0ffee'],
    ]);
    expect(plan.resumed).toBe('c0ffee');
  });

  test('another model comes after the one of its command, for the later one counts', () => {
    const plan = claude.plan({ ...context({ command: ['claude', '--model', 'opus'] }), model: 'haiku' });
    expect(plan.argv.join(' ')).toMatch(/^claude --model opus .*--model haiku$/);
  });

  test("a person's own command keeps its arguments and its choice of mode", () => {
    const list = claude.plan(
      context({ command: ['npx', 'claude', '--permission-mode=plan', '--add-dir', '..'] }),
    );
    expect(list.argv).toEqual([
      ...['npx', 'claude', '--permission-mode=plan', '--add-dir', '..', '--settings', SETTINGS],
    ]);
    const text = claude.plan(context({ command: 'nice claude --model opus', prompt: 'a b' }));
    expect(text.argv.slice(0, 4)).toEqual(['/bin/sh', '-c', 'nice claude --model opus "$@"', 'claude']);
    expect(text.argv.slice(-2)).toEqual(['--', 'a b']);
  });

  test('two --settings cannot be given: it says so instead of dropping one', () => {
    expect(() => claude.plan(context({ command: 'claude --settings mine.json' }))).toThrow(/--settings/);
  });

  test('holds for a day, and cannot be silenced by settings the agent can write', () => {
    const { hooks, disableAllHooks } = settings({});
    expect(disableAllHooks).toBe(false);
    expect(hooks.PermissionRequest?.[0]).toEqual({
      matcher: '*',
      hooks: [
        { type: 'command', command: "exec '/opt/it'\\''s here/hms' hook claude --gate ask", timeout: 86_400 },
      ],
    });
    expect(Object.keys(hooks)).toEqual(
      expect.arrayContaining(['PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'Stop', 'StopFailure']),
    );
  });

  test('with the gate off only tells, with observe asks without holding', () => {
    expect(Object.keys(settings({ gate: 'off' }).hooks)).not.toContain('PreToolUse');
    expect(settings({ gate: 'off' }).hooks.Stop).toBeDefined();
    expect(settings({ gate: 'observe' }).hooks.PermissionRequest?.[0]?.hooks[0]?.command).toMatch(/observe$/);
  });

  test('the native helper answers hooks as long as it is there', async () => {
    await withFolder(async dir => {
      const native = join(dir, "it's native");
      const hms = join(dir, 'hms');
      const told = settings({}, native).hooks.Stop?.[0]?.hooks[0]?.command.replaceAll(
        "/opt/it'\\''s here/hms",
        hms,
      );
      const answers = async (): Promise<string> =>
        (await promisify(execFile)('/bin/sh', ['-c', told ?? ''])).stdout;
      await writeFile(hms, '#!/bin/sh\necho node "$@"\n', { mode: 0o755 });
      expect(await answers()).toBe('node hook claude --gate ask\n');
      await writeFile(native, '#!/bin/sh\necho native "$@"\n', { mode: 0o755 });
      expect(await answers()).toBe('native hook claude --gate ask\n');
    });
  });

  test('flags that silence hooks are shown as ungated', () => {
    const config = AgentConfig.parse({ driver: 'claude', command: 'claude --bare' });
    expect(claude.gatingAtStart(config)).toEqual({ gating: 'ungated', detail: '--bare turns hooks off' });
    expect(claude.gatingAtStart(AgentConfig.parse({})).gating).toBe('unproven');
  });
});

/** As they came from the client, with what the hook process adds. */
const common = {
  session_id: '407086b5-63cf-45fa-a676-3887493cb3dc',
  transcript_path: '/home/u/.claude/projects/-work/407086b5.jsonl',
  cwd: '/work/sub',
  prompt_id: '0a683500',
  permission_mode: 'default',
  hms: { gate: 'ask', resumable: false },
};
const tool = { tool_name: 'Bash', tool_input: { command: 'touch out', description: 'Make it' } };
const hook = (name: string, more: JsonObject = {}): JsonObject => ({
  ...common,
  hook_event_name: name,
  ...more,
});
const read = (name: string, more: JsonObject = {}): HookMeaning => claude.readHook(hook(name, more), '/work');
const action = { tool: 'Bash', input: tool.tool_input, cwd: '/work/sub' };

describe('reading its hooks', () => {
  test('a permission request asks the gate and proves it', () => {
    expect(read('PermissionRequest', { ...tool, permission_suggestions: [] })).toEqual({
      part: '',
      ask: { action, edit: true, note: true },
      status: { status: 'asking', evidence: { source: 'hook', detail: 'asks for Bash', sure: 1 } },
      gating: { gating: 'gated', detail: 'its tool calls come through the gate' },
    });
  });

  test('a tool call is screened, so that policy speaks where the client would not have asked', () => {
    expect(read('PreToolUse', { ...tool, tool_use_id: 'toolu_1' })).toMatchObject({
      screen: { action, hold: true },
      status: { status: 'working' },
    });
    expect(read('PreToolUse', { tool_name: 'mcp__new__thing', tool_input: {} }).screen?.hold).toBe(true);
    expect(read('PreToolUse', { tool_name: 'TodoWrite', tool_input: {} }).screen?.hold).toBe(false);
  });

  test.each(['AskUserQuestion', 'ExitPlanMode'])('%s is for a person in the pane: never answered', name => {
    const asked = read('PermissionRequest', { tool_name: name, tool_input: {} });
    expect(asked.ask).toBeUndefined();
    expect(asked.status?.status).toBe('waiting');
    expect(read('PreToolUse', { tool_name: name, tool_input: {} }).screen).toBeUndefined();
  });

  test('what became of a call closes its record and clears what a person answered in the pane', () => {
    const done = read('PostToolUse', {
      ...tool,
      tool_response: { stdout: 'made', stderr: '', interrupted: false },
      duration_ms: 94.4,
    });
    expect(done).toMatchObject({
      clears: { tool: 'Bash', input: tool.tool_input },
      effect: { tool: 'Bash', input: tool.tool_input, exit: 0, detail: '', ms: 94 },
      status: { status: 'working' },
    });
    const failed = read('PostToolUseFailure', { ...tool, error: 'Exit code 3', duration_ms: 2 });
    expect(failed.effect).toMatchObject({ exit: 3, detail: 'Exit code 3' });
    const stopped = read('PostToolUseFailure', { ...tool, error: 'x', is_interrupt: true });
    expect(stopped.effect).toMatchObject({ exit: 1, detail: 'interrupted' });
    const again = read('PostToolUse', { ...tool, tool_response: { stdout: '3 failed in 4.1 s' } });
    const same = read('PostToolUse', { ...tool, tool_response: { stdout: '3 failed in 3.9 s' } });
    const other = read('PostToolUse', { ...tool, tool_response: { stdout: '2 failed in 3.9 s' } });
    expect(same.effect?.outcome).toBe(again.effect?.outcome);
    expect(other.effect?.outcome).not.toBe(again.effect?.outcome);
    expect(read('PostToolUse', { tool_name: 'TaskOutput', tool_input: {} }).effect?.outcome).toBe('');
    const file = read('PostToolUse', { tool_name: 'Write', tool_input: {}, tool_response: 'text' });
    expect(file.effect).toMatchObject({ exit: 0 });
  });

  test('a sub-agent speaks for itself, and its requests outlive the end of the main turn', () => {
    expect(read('PermissionRequest', { ...tool, agent_id: 'a9f7' }).part).toBe('a9f7');
    const stop = read('Stop', { background_tasks: [{ id: 'a9f7', type: 'subagent', status: 'running' }] });
    expect(stop.clears).toBeUndefined();
    expect(stop.status?.status).toBe('working');
    expect(read('UserPromptSubmit', { prompt: '<task-notification>' }).clears).toBeUndefined();
    expect(read('Stop', { background_tasks: [] })).toMatchObject({
      clears: 'all',
      status: { status: 'idle' },
    });
  });

  test('failures say their class; those only a person can mend are failed', () => {
    const limited = read('StopFailure', {
      error: 'rate_limit',
      last_assistant_message: 'API Error: 429\nmore',
    });
    expect(limited.status).toMatchObject({
      status: 'waiting',
      evidence: { detail: 'StopFailure hook: rate_limit: API Error: 429' },
    });
    expect(limited.error).toMatchObject({ error: 'rate-limit' });
    expect(read('StopFailure', { error: 'authentication_failed' }).status?.status).toBe('failed');
    expect(read('StopFailure', { error: 'authentication_failed' }).error?.error).toBe('authentication');
    const spent = "You've hit your session limit · resets 5:40pm (Europe/Berlin)\n/login to switch";
    expect(read('StopFailure', { error: 'rate_limit', last_assistant_message: spent }).error).toEqual({
      error: 'usage-limit',
      words: `rate_limit: ${spent.replace('\n', '⏎')}`,
    });
    const full = { error: 'invalid_request', last_assistant_message: 'Prompt is too long' };
    expect(read('StopFailure', full).error?.error).toBe('context-full');
    expect(read('StopFailure', { ...full, last_assistant_message: 'no such tool' })).not.toHaveProperty(
      'error',
    );
    expect(read('StopFailure', { error: 'unheard_of' })).not.toHaveProperty('error');
  });

  test.each([
    ['permission_prompt', 'waiting'],
    ['idle_prompt', 'idle'],
    ['auth_success', undefined],
  ])('a %s notification means %s', (type, status) => {
    const said = read('Notification', { notification_type: type, message: 'Claude needs your permission' });
    expect(said.status?.status).toBe(status);
  });

  test('a conversation is known once it can be resumed', () => {
    expect(read('SessionStart', { source: 'startup' }).conversation).toBeUndefined();
    expect(read('SessionStart', { source: 'resume' }).conversation).toBe(common.session_id);
    const told = read('Stop', { hms: { gate: 'ask', resumable: true } });
    expect(told.conversation).toBe(common.session_id);
  });

  test('a start proves that hooks run, not yet the gate; bypassPermissions is never called gated', () => {
    expect(read('SessionStart', { source: 'startup' }).gating?.gating).toBe('unproven');
    expect(read('PreToolUse', { ...tool, permission_mode: 'bypassPermissions' }).gating?.gating).toBe(
      'ungated',
    );
    expect(
      read('PreToolUse', { ...tool, hms: { gate: 'observe', resumable: false } }).gating,
    ).toBeUndefined();
  });

  test('what it does not know means nothing', () => {
    expect(read('PreCompact')).toEqual({});
    expect(claude.readHook({}, '/')).toEqual({});
    expect(read('PreToolUse', { tool_name: 7, tool_input: {} })).toEqual({});
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom('Stop', 'PostToolUse'),
        (junk, event) => {
          claude.readHook({ ...(junk as JsonObject), hook_event_name: event }, '/');
        },
      ),
    );
  });
});

const digest = Digest.parse('0'.repeat(64));
const answer = (outcome: GateAnswer['outcome'], more: Partial<GateAnswer> = {}): GateAnswer => ({
  request: RequestId.parse('r-0001'),
  outcome,
  run: ['permitted', 'approved', 'overridden'].includes(outcome),
  action,
  digest,
  edited: false,
  message: '',
  ...more,
});
const out = (name: string, said: Parameters<typeof claude.answerHook>[1], more: JsonObject = {}): unknown => {
  const { stdout, exit } = claude.answerHook(hook(name, { ...tool, ...more }), said);
  expect(exit).toBe(0);
  return stdout === '' ? '' : JSON.parse(stdout);
};

describe('answering its hooks', () => {
  test('a permission request: allow, allow as edited, deny with words', () => {
    const decision = (d: object) => ({
      hookSpecificOutput: { hookEventName: 'PermissionRequest', decision: d },
    });
    expect(out('PermissionRequest', answer('approved'))).toEqual(decision({ behavior: 'allow' }));
    const input = { command: 'echo edited' };
    const changed = answer('approved', { edited: true, action: { ...action, input } });
    expect(out('PermissionRequest', changed)).toEqual(decision({ behavior: 'allow', updatedInput: input }));
    const denied = answer('denied', { message: 'Not on a Friday' });
    expect(out('PermissionRequest', denied)).toEqual(
      decision({ behavior: 'deny', message: 'Not on a Friday' }),
    );
    expect(out('PermissionRequest', answer('denied'))).toEqual(
      decision({ behavior: 'deny', message: 'A person denied this.' }),
    );
    expect(JSON.stringify(out('PermissionRequest', answer('expired')))).toContain('Nobody decided in time');
  });

  test("nothing is said when there is no decision: the client's own dialog has the word", () => {
    expect(out('PermissionRequest', answer('withdrawn'))).toBe('');
    expect(out('PermissionRequest', undefined)).toBe('');
    expect(out('Stop', answer('approved'))).toBe('');
  });

  test('a screened call: forbidden is denied, held makes the client ask, permitted is left alone', () => {
    const decided = (permissionDecision: string, permissionDecisionReason: string) => ({
      hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason },
    });
    const forbidden = answer('forbidden', { message: 'prod is closed' });
    expect(out('PreToolUse', forbidden)).toEqual(decided('deny', 'Forbidden by policy: prod is closed'));
    expect(out('PreToolUse', { hold: 'writes are held' })).toEqual(decided('ask', 'held: writes are held'));
    expect(out('PreToolUse', answer('permitted'))).toBe('');
    expect(JSON.stringify(out('PreToolUse', answer('overridden')))).toContain('allow');
    expect(out('PreToolUse', undefined)).toBe('');
  });

  test('after an edit the model is told what really ran', () => {
    const changed = answer('approved', {
      edited: true,
      action: { ...action, input: { command: 'echo edited' } },
      message: 'safer so',
    });
    const told = JSON.stringify(out('PostToolUse', changed));
    expect(told).toContain('additionalContext');
    expect(told).toContain('echo edited');
    expect(told).toContain('safer so');
    expect(out('PostToolUse', answer('approved'))).toBe('');
  });

  test('an observed agent is never answered', () => {
    const hms = { gate: 'observe', resumable: false };
    for (const said of [answer('approved'), answer('denied'), { hold: 'x' }]) {
      expect(out('PermissionRequest', said, { hms })).toBe('');
      expect(out('PreToolUse', said, { hms })).toBe('');
    }
  });
});
