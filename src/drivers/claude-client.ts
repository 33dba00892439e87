/**
 * What the hook process must know of Claude Code by itself, above all when the engine cannot be reached. Loads no
 * schemas; everything else about a hook is decided in the engine. native/src/hook/claude.rs is the same in Rust.
 */
import type { JsonObject } from '../model/json.ts';
import type { HookAnswer } from '../protocol/messages.ts';
import type { HookClient } from './hook-client.ts';

/** Longest text kept of what a hook only tells: words of the person and of the model. */
const TOLD = 2000;
/** Longest text kept of what a tool answered. */
const SHORT = 200;

export const claudeClient: HookClient = {
  prepare(payload, facts) {
    const { tool_response: response, prompt, last_assistant_message: last, ...rest } = payload;
    return {
      ...rest,
      ...(response === undefined ? {} : { tool_response: shorten(response) }),
      ...(typeof prompt === 'string' ? { prompt: prompt.slice(0, TOLD) } : {}),
      ...(typeof last === 'string' ? { last_assistant_message: last.slice(0, TOLD) } : {}),
      hms: {
        gate: facts.gate,
        resumable: facts.readStart(text(payload['transcript_path'])).includes('"type":"user"'),
      },
    };
  },
  patience({ hook_event_name: event }) {
    if (event === 'PermissionRequest')
      return { connectMs: 10_000, answerMs: 0, repeat: true, inAllMs: Number.POSITIVE_INFINITY };
    // The client gives up after a minute and then goes by its own rules: we answer before.
    if (event === 'PreToolUse') return { connectMs: 10_000, answerMs: 10_000, repeat: true, inAllMs: 30_000 };
    return { connectMs: 1000, answerMs: 2000, repeat: false, inAllMs: Number.POSITIVE_INFINITY };
  },
  withoutEngine({ hook_event_name: event }, gate, why): HookAnswer {
    // Fails closed: without an answer here the tool would run wherever the client's own rules let it. A permission
    // request without an answer leaves the client's dialog, where a person decides.
    if (event !== 'PreToolUse' || gate !== 'ask') return { stdout: '', exit: 0 };
    const reason = `hms-tui cannot be asked, so this is not allowed: ${why}`;
    const output = { hookEventName: event, permissionDecision: 'deny', permissionDecisionReason: reason };
    return { stdout: JSON.stringify({ hookSpecificOutput: output }), exit: 0 };
  },
  parent: env => Number(env['CLAUDE_PID']) || 0,
};

/** Only its scalars are of use, and of long ones the end: where a test says how it went. */
function shorten(response: unknown): JsonObject {
  if (typeof response !== 'object' || response === null || Array.isArray(response)) return {};
  const kept: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(response)) {
    if (typeof value === 'number' || typeof value === 'boolean') kept[key] = value;
    else if (typeof value === 'string') kept[key] = value.slice(-SHORT);
  }
  return kept;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
