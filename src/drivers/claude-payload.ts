/** What arrives on a Claude Code hook's standard input, and what our hook client adds to it under `hms`. */
import * as z from 'zod';
import { GateSetting } from '../model/fleet.ts';
import { JsonObject } from '../model/json.ts';

const text = z.string().catch('');

const Common = {
  session_id: text,
  transcript_path: text,
  cwd: text,
  permission_mode: text,
  /** Present in sub-agents. */
  agent_id: text,
  hms: z
    .object({ gate: GateSetting.catch('ask'), resumable: z.boolean().catch(false) })
    .catch({ gate: 'ask', resumable: false }),
};
const Tool = { ...Common, tool_name: z.string().min(1).max(128), tool_input: JsonObject };
const After = { ...Tool, duration_ms: z.number().min(0).catch(0) };

export const Payload = z.discriminatedUnion('hook_event_name', [
  z.object({ hook_event_name: z.literal('SessionStart'), ...Common, source: text }),
  z.object({ hook_event_name: z.literal('SessionEnd'), ...Common, reason: text }),
  z.object({ hook_event_name: z.literal('UserPromptSubmit'), ...Common }),
  z.object({ hook_event_name: z.literal('PreToolUse'), ...Tool }),
  z.object({ hook_event_name: z.literal('PermissionRequest'), ...Tool }),
  z.object({
    hook_event_name: z.literal('PostToolUse'),
    ...After,
    tool_response: z
      .looseObject({ interrupted: z.boolean().catch(false), backgroundTaskId: text })
      .catch({ interrupted: false, backgroundTaskId: '' }),
  }),
  z.object({
    hook_event_name: z.literal('PostToolUseFailure'),
    ...After,
    error: text,
    is_interrupt: z.boolean().catch(false),
  }),
  z.object({
    hook_event_name: z.literal('Stop'),
    ...Common,
    background_tasks: z.array(z.looseObject({ status: text })).catch([]),
  }),
  z.object({
    hook_event_name: z.literal('StopFailure'),
    ...Common,
    error: text,
    last_assistant_message: text,
  }),
  z.object({ hook_event_name: z.literal('Notification'), ...Common, notification_type: text, message: text }),
]);
export type Payload = z.infer<typeof Payload>;
