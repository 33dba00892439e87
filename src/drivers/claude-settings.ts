/** The settings file that gives Claude Code our hooks. It is merged with the person's own, which stay as they are. */
import type { GateSetting } from '../model/fleet.ts';
import { quoteWord } from '../model/shell-words.ts';

/** Seconds a held request may wait. Claude Code's own default of 600 would cut it off; one day. */
const HOLD_S = 86_400;
/** Seconds for a hook that only tells. */
const TELL_S = 30;

/** Events that only tell what goes on. Names a version does not know are passed over by it. */
const TELLING = [
  'SessionStart',
  'SessionEnd',
  'UserPromptSubmit',
  'Stop',
  'StopFailure',
  'Notification',
] as const;
/** Events about one tool call; these take a matcher. */
const DECIDING = ['PreToolUse', 'PermissionRequest'] as const;
const AFTERWARDS = ['PostToolUse', 'PostToolUseFailure'] as const;

/**
 * Content of the file.
 * @param hms absolute path of the program that answers hooks
 * @param native absolute path of the native helper, which answers them faster; '' when it is not built
 */
export function settingsOf(hms: string, native: string, gate: GateSetting): string {
  // One line for the shell that every version has, not `args`, which older ones pass over and then run `hms` bare.
  // `exec` makes the hook a child of Claude Code itself, so that it sees its end. A hook that cannot be run would let
  // the call pass: should the helper be gone by then, the other one answers.
  const words = `hook claude --gate ${gate}`;
  const first = native === '' ? '' : `[ -x ${quoteWord(native)} ] && exec ${quoteWord(native)} ${words}; `;
  const command = `${first}exec ${quoteWord(hms)} ${words}`;
  const hook = (timeout: number) => ({ type: 'command', command, timeout });
  const hooks: Record<string, object[]> = {};
  for (const event of TELLING) hooks[event] = [{ hooks: [hook(TELL_S)] }];
  for (const event of AFTERWARDS) hooks[event] = [{ matcher: '*', hooks: [hook(TELL_S)] }];
  if (gate !== 'off') {
    for (const event of DECIDING) {
      hooks[event] = [{ matcher: '*', hooks: [hook(event === 'PermissionRequest' ? HOLD_S : 60)] }];
    }
  }
  // Said here, it outranks a `disableAllHooks: true` in the settings of the person or the project, which the agent
  // itself can write.
  return `${JSON.stringify({ disableAllHooks: false, hooks }, undefined, 2)}\n`;
}
