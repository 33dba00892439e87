/**
 * Claude Code as an agent: started with hooks of ours in a settings file of its own, beside whatever settings the
 * person has. What was measured of its hooks is in docs/drivers.md.
 */
import { HmsError } from '../model/errors.ts';
import type { AgentConfig } from '../model/fleet.ts';
import type { Gating } from '../model/status.ts';
import { answerHook } from './claude-answer.ts';
import { readHook } from './claude-hooks.ts';
import { settingsOf } from './claude-settings.ts';
import { tellHook } from './claude-tell.ts';
import { usageIn } from './claude-usage.ts';
import type { Driver, StartContext, StartPlan } from './types.ts';

export const claude: Driver = {
  name: 'claude',
  providerOf,
  reports: true,
  resumes: true,
  keys: { nudge: '\x1b', interrupt: '\x03' },
  plan,
  readHook,
  answerHook,
  tell: tellHook,
  usageIn,
  gatingAtStart: config => {
    const bare = HOOKLESS.find(flag => wordsOf(config.command).includes(flag));
    if (bare && config.gate !== 'off') return { gating: 'ungated', detail: `${bare} turns hooks off` };
    return GATING[config.gate];
  },
};

/** As its variables choose it; of a gateway the host. Its settings files may say otherwise, which is not looked at. */
function providerOf({ env }: AgentConfig): string {
  const on = (name: string): boolean => !['', '0', 'false'].includes(env[name] ?? '');
  if (on('CLAUDE_CODE_USE_BEDROCK')) return 'bedrock';
  if (on('CLAUDE_CODE_USE_VERTEX')) return 'vertex';
  return URL.parse(env['ANTHROPIC_BASE_URL'] ?? '')?.host ?? 'anthropic';
}

const GATING: Readonly<Record<AgentConfig['gate'], { gating: Gating; detail: string }>> = {
  ask: { gating: 'unproven', detail: 'no hook of it has asked yet' },
  observe: { gating: 'observed', detail: 'its requests are written down, never held' },
  off: { gating: 'ungated', detail: 'gate: off in the fleet file' },
};

/** Flags that silence hooks. */
const HOOKLESS = ['--bare', '--safe-mode'];
/** With one of these the person has chosen a permission mode. */
const MODE_FLAGS = ['--permission-mode', '--dangerously-skip-permissions'];

function plan({ agent, config, dir, hms, native, conversation, model }: StartContext): StartPlan {
  const settings = `${dir}/claude-settings.json`;
  const words = wordsOf(config.command);
  if (words.some(word => word === '--settings' || word.startsWith('--settings='))) {
    throw new HmsError(
      'settings-taken',
      `${agent}: the claude driver gives --settings itself, for its hooks.`,
      "Put settings into the project's .claude/settings.json instead.",
    );
  }
  const chosen = words.some(word => MODE_FLAGS.some(flag => word === flag || word.startsWith(`${flag}=`)));
  const ours = [
    '--settings',
    settings,
    // The mode in which Claude Code itself asks before it acts: a hook that fails then leaves its own dialog.
    ...(config.gate === 'ask' && !chosen ? ['--permission-mode', 'default'] : []),
    // Of two the later one counts.
    ...(model ? ['--model', model] : []),
    ...(conversation ? ['--resume', conversation] : []),
    // A resumed conversation has had its first prompt. After `--` nothing is taken for an option.
    ...(config.prompt && !conversation ? ['--', config.prompt] : []),
  ];
  return {
    argv: [...programOf(config.command), ...ours],
    env: {},
    files: { [settings]: settingsOf(hms, native, config.gate) },
    resumed: conversation,
  };
}

/** Ours come last, so that an option of theirs that takes many values ends before the prompt. */
function programOf(command: AgentConfig['command']): readonly string[] {
  if (command === undefined) return ['claude'];
  return typeof command === 'string' ? ['/bin/sh', '-c', `${command} "$@"`, 'claude'] : command;
}

/** Its words as far as they can be told without a shell: good enough to recognise flags. */
function wordsOf(command: AgentConfig['command']): readonly string[] {
  return typeof command === 'string' ? command.split(/[\s'"]+/) : (command ?? []);
}
