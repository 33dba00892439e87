/** What Claude Code's hooks mean, in our words. */
import type { Action } from '../model/action.ts';
import type { ErrorClass } from '../model/healing.ts';
import type { JsonObject } from '../model/json.ts';
import type { AgentStatus } from '../model/status.ts';
import { oneLine } from '../model/text.ts';
import { Payload } from './claude-payload.ts';
import { outcomeOf } from './outcome.ts';
import type { HookMeaning } from './types.ts';

type Of<E extends Payload['hook_event_name']> = Extract<Payload, { hook_event_name: E }>;

/** A person answers these in the pane: what they say is not a yes or a no. */
const CONVERSING = new Set(['AskUserQuestion', 'ExitPlanMode']);

/**
 * Tools that only steer the client itself or start sub-agents, whose own calls are gated. They are held only when
 * the client would have asked anyway. A tool that is not known here is held like any other.
 */
const STEERING = new Set([
  ...CONVERSING,
  'Agent',
  'AgentOutput',
  'BashOutput',
  'CronList',
  'EnterPlanMode',
  'ListAgents',
  'ProposeGoal',
  'ProposeSkills',
  'ReadNotifications',
  'ReportFindings',
  'ScheduleWakeup',
  'SendMessage',
  'Skill',
  'SlashCommand',
  'StructuredOutput',
  'Task',
  'TaskCreate',
  'TaskGet',
  'TaskList',
  'TaskOutput',
  'TaskStop',
  'TaskUpdate',
  'TodoWrite',
  'ToolSearch',
  'Workflow',
]);

/** Errors a person must see to; the others pass, or the client tries again. */
const PERSON_NEEDED = new Set([
  'authentication_failed',
  'billing_error',
  'model_not_found',
  'oauth_org_not_allowed',
]);

/** Its names for errors that something can be done about, or that a person is to be asked about. */
const FAULTS: Readonly<Record<string, ErrorClass>> = {
  rate_limit: 'rate-limit',
  overloaded: 'overload',
  server_error: 'overload',
  authentication_failed: 'authentication',
  billing_error: 'usage-limit',
};

/** Some of its names stand for several things that are mended differently; its words tell them apart. */
function faultOf(error: string, said: string): ErrorClass | undefined {
  if (error === 'rate_limit' && /\b(?:session|usage|weekly|your|5-hour) limit\b/i.test(said))
    return 'usage-limit';
  if (error === 'invalid_request' && /\bprompt is too long\b|\bcontext (?:window|length|limit)\b/i.test(said))
    return 'context-full';
  return FAULTS[error];
}

/** Meaning of a hook payload; one that is not known means nothing: {}. */
export function readHook(payload: JsonObject, cwd: string): HookMeaning {
  const parsed = Payload.safeParse(payload);
  if (!parsed.success) return {};
  const hook = parsed.data;
  return {
    ...transcriptOf(hook),
    ...conversationOf(hook),
    ...gatingOf(hook),
    ...meaningOf(hook, hook.cwd || cwd),
  };
}

function meaningOf(hook: Payload, cwd: string): HookMeaning {
  switch (hook.hook_event_name) {
    case 'SessionStart':
      return says('idle', `SessionStart hook (${hook.source})`, 0.7);
    case 'SessionEnd':
      return { clears: 'all' };
    case 'UserPromptSubmit':
      // Also comes when a background task reports, while other sub-agents wait at the gate: clears nothing.
      return says('working', 'UserPromptSubmit hook');
    case 'PreToolUse':
      return {
        part: hook.agent_id,
        answered: true,
        ...says('working', `uses ${hook.tool_name}`),
        ...(CONVERSING.has(hook.tool_name)
          ? {}
          : { screen: { action: actionOf(hook, cwd), hold: !STEERING.has(hook.tool_name) } }),
      };
    case 'PermissionRequest':
      if (CONVERSING.has(hook.tool_name)) return says('waiting', `${hook.tool_name}: answer it in its pane`);
      return {
        part: hook.agent_id,
        ...(hook.hms.gate === 'ask'
          ? says('asking', `asks for ${hook.tool_name}`)
          : says('waiting', `asks for ${hook.tool_name} in its pane`)),
        ask: { action: actionOf(hook, cwd), edit: true, note: true },
      };
    case 'PostToolUse':
      return {
        ...says('working', `used ${hook.tool_name}`),
        ...afterwards(hook, 0, wordsOf(hook.tool_response)),
        ...(!hook.tool_response.interrupted && {
          used: { name: hook.tool_name, ok: true, ms: hook.duration_ms },
        }),
      };
    case 'PostToolUseFailure': {
      const code = /\bExit code (\d{1,3})\b/.exec(hook.error)?.[1];
      const words = hook.is_interrupt ? 'interrupted' : firstLine(hook.error);
      return {
        ...says('working', `used ${hook.tool_name}`),
        ...afterwards(hook, Number(code ?? 1), words),
        ...(!hook.is_interrupt && {
          used: { name: hook.tool_name, ok: code !== undefined, ms: hook.duration_ms },
        }),
      };
    }
    case 'Stop': {
      const running = hook.background_tasks.filter(task => task.status === 'running').length;
      // Sub-agents go on asking after the main conversation has stopped.
      if (running > 0) return says('working', `Stop hook; ${running} background tasks run`, 0.9);
      return { ...says('idle', 'Stop hook'), clears: 'all', answered: true };
    }
    case 'StopFailure': {
      const said = hook.last_assistant_message;
      const detail = `StopFailure hook: ${hook.error || 'unknown'}: ${firstLine(said)}`;
      const error = faultOf(hook.error, said);
      return {
        ...says(PERSON_NEEDED.has(hook.error) ? 'failed' : 'waiting', detail),
        ...(error && { error: { error, words: `${hook.error}: ${oneLine(said, 400)}` } }),
      };
    }
    case 'Notification':
      return notified(hook);
  }
}

function notified({ notification_type: type, message }: Of<'Notification'>): HookMeaning {
  const detail = `Notification hook: ${firstLine(message)}`;
  if (type === 'idle_prompt') return says('idle', detail);
  const waits = ['permission_prompt', 'agent_needs_input', 'elicitation_dialog', 'elicitation_url_dialog'];
  return waits.includes(type) ? says('waiting', detail) : {};
}

/** What was asked about this call is answered; if not by us, then in the pane. */
function afterwards(
  hook: Of<'PostToolUse' | 'PostToolUseFailure'>,
  exit: number,
  detail: string,
): HookMeaning {
  const { tool_name: tool, tool_input: input, duration_ms: ms, agent_id: part } = hook;
  // What only steers the client may well be asked again and again: how is that task getting on?
  const told = 'error' in hook ? hook.error : hook.tool_response;
  const outcome = STEERING.has(tool) ? '' : outcomeOf(exit, part, told);
  return {
    part,
    clears: { tool, input },
    effect: { tool, input, exit, detail, ms: Math.round(ms), outcome },
  };
}

function wordsOf({ interrupted, backgroundTaskId }: Of<'PostToolUse'>['tool_response']): string {
  return interrupted ? 'interrupted' : backgroundTaskId ? 'goes on in the background' : '';
}

function actionOf(hook: Of<'PreToolUse' | 'PermissionRequest'>, cwd: string): Action {
  return { tool: hook.tool_name, input: hook.tool_input, cwd };
}

const TRANSCRIPT_AT: Partial<
  Record<Payload['hook_event_name'], NonNullable<HookMeaning['transcript']>['at']>
> = {
  SessionStart: 'begins',
  PostToolUse: 'grows',
  PostToolUseFailure: 'grows',
  Stop: 'ends',
  StopFailure: 'ends',
  SessionEnd: 'ends',
};

/** Where tokens are counted; what a session that is gone on with had used before is not. */
function transcriptOf(hook: Payload): HookMeaning {
  const at = TRANSCRIPT_AT[hook.hook_event_name];
  if (!at || (at === 'grows' && hook.agent_id !== '')) return {};
  return { transcript: { path: hook.transcript_path, conversation: hook.session_id, at } };
}

/** Known once it can be resumed: the client writes its transcript a while after the session has an id. */
function conversationOf(hook: Payload): HookMeaning {
  const resumed = hook.hook_event_name === 'SessionStart' && hook.source === 'resume';
  return hook.session_id && (hook.hms.resumable || resumed) ? { conversation: hook.session_id } : {};
}

/**
 * A session that has started proves that hooks run; a tool call that came through one proves the gate. In
 * bypassPermissions a hook that fails lets the tool run, so that is never called gated.
 */
function gatingOf(hook: Payload): HookMeaning {
  if (hook.hms.gate !== 'ask') return {};
  if (hook.permission_mode === 'bypassPermissions') {
    return {
      gating: { gating: 'ungated', detail: 'bypassPermissions: were a hook to fail, its tool would run' },
    };
  }
  switch (hook.hook_event_name) {
    case 'PreToolUse':
    case 'PermissionRequest':
      return { gating: { gating: 'gated', detail: 'its tool calls come through the gate' } };
    case 'SessionStart':
      return { gating: { gating: 'unproven', detail: 'hooks run; no tool call has come through one yet' } };
    default:
      return {};
  }
}

function says(status: AgentStatus, detail: string, sure = 1): HookMeaning {
  return { status: { status, evidence: { source: 'hook', detail, sure } } };
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
