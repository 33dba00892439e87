/** The gate's answers in the shapes Claude Code reads from a hook's standard output. */
import type { JsonObject } from '../model/json.ts';
import type { GateAnswer, HookAnswer } from '../protocol/messages.ts';
import { Payload } from './claude-payload.ts';
import type { HookSaid } from './types.ts';

const NOTHING: HookAnswer = { stdout: '', exit: 0 };

/** No output leaves the client's own flow as it is: its dialog stays, its rules hold. */
export function answerHook(payload: JsonObject, said: HookSaid): HookAnswer {
  const parsed = Payload.safeParse(payload);
  if (!said || !parsed.success || parsed.data.hms.gate !== 'ask') return NOTHING;
  switch (parsed.data.hook_event_name) {
    case 'PreToolUse':
      return screened(said);
    case 'PermissionRequest':
      return 'hold' in said ? NOTHING : decided(said);
    case 'PostToolUse':
    case 'PostToolUseFailure':
      return 'hold' in said || !said.edited ? NOTHING : edited(said, parsed.data.hook_event_name);
    default:
      return NOTHING;
  }
}

/**
 * PreToolUse: `allow` runs it without another question, `deny` refuses, `ask` makes the client ask in every permission
 * mode, which brings the gate in.
 */
function screened(said: NonNullable<HookSaid>): HookAnswer {
  if ('hold' in said) {
    return print('PreToolUse', { permissionDecision: 'ask', permissionDecisionReason: `held: ${said.hold}` });
  }
  // A lead let this one through: asking again would need a second override.
  if (said.outcome === 'overridden') {
    return print('PreToolUse', { permissionDecision: 'allow', permissionDecisionReason: said.message });
  }
  if (said.run) return NOTHING;
  return print('PreToolUse', { permissionDecision: 'deny', permissionDecisionReason: refusal(said) });
}

function decided(answer: GateAnswer): HookAnswer {
  if (answer.run) {
    const updated = answer.edited ? { updatedInput: answer.action.input } : {};
    return print('PermissionRequest', { decision: { behavior: 'allow', ...updated } });
  }
  // Answered elsewhere, or nobody is there to decide: the client's own dialog has the word.
  if (answer.outcome === 'withdrawn') return NOTHING;
  return print('PermissionRequest', { decision: { behavior: 'deny', message: refusal(answer) } });
}

/** The client shows and tells its model the input as asked; only here can it learn what ran. */
function edited(answer: GateAnswer, event: string): HookAnswer {
  const input = JSON.stringify(answer.action.input);
  const ran = input.length > 2000 ? `${input.slice(0, 1999)}…` : input;
  const note = answer.message ? ` (${answer.message})` : '';
  const words = `A person changed this call before approving it. What ran is ${answer.action.tool} with ${ran}.${note}`;
  return print(event, { additionalContext: words }, { systemMessage: `Changed before approval: ${ran}` });
}

function refusal({ outcome, message }: GateAnswer): string {
  switch (outcome) {
    case 'forbidden':
      return message ? `Forbidden by policy: ${message}` : 'Forbidden by policy.';
    case 'expired':
      return `Nobody decided in time, so it was not allowed. ${message}`.trim();
    default:
      return message || 'A person denied this.';
  }
}

function print(hookEventName: string, output: object, more: object = {}): HookAnswer {
  return { stdout: JSON.stringify({ ...more, hookSpecificOutput: { hookEventName, ...output } }), exit: 0 };
}
