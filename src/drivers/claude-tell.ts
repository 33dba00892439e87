/** Words for the conversation, added to what a hook answers anyway: `additionalContext` of Claude Code's hooks. */
import type { JsonObject } from '../model/json.ts';
import type { HookAnswer } from '../protocol/messages.ts';
import { Payload } from './claude-payload.ts';

/** Hooks whose output the model reads. */
const CARRIES: ReadonlySet<string> = new Set([
  'SessionStart',
  'UserPromptSubmit',
  'PostToolUse',
  'PostToolUseFailure',
]);

/** The answer with `words` in it; undefined where this hook carries none, or speaks for a sub-agent. */
export function tellHook(payload: JsonObject, answer: HookAnswer, words: string): HookAnswer | undefined {
  const parsed = Payload.safeParse(payload);
  if (!parsed.success || !CARRIES.has(parsed.data.hook_event_name)) return undefined;
  if (parsed.data.agent_id !== '' || answer.exit !== 0) return undefined;
  const { hookSpecificOutput: own, ...rest } = answer.stdout === '' ? {} : objectIn(answer.stdout);
  const said = isObject(own) && typeof own.additionalContext === 'string' ? [own.additionalContext] : [];
  const output = {
    ...(isObject(own) ? own : {}),
    hookEventName: parsed.data.hook_event_name,
    additionalContext: [...said, words].join('\n\n'),
  };
  return { stdout: JSON.stringify({ ...rest, hookSpecificOutput: output }), exit: 0 };
}

/** Our own answer, which is an object whenever it is something. */
function objectIn(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
