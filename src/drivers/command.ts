/** Any program as an agent. It is gated where it asks by itself: `hms gate run`, `hms gate ask`. */
import { HmsError } from '../model/errors.ts';
import type { AgentConfig } from '../model/fleet.ts';
import type { Gating } from '../model/status.ts';
import type { Driver } from './types.ts';

export const command: Driver = {
  name: 'command',
  reports: false,
  resumes: false,
  // No keys wake any program; Enter could answer a question nobody has read.
  keys: { interrupt: '\x03' },
  plan: ({ agent, config }) => ({
    argv: argvOf(agent, config),
    env: {},
    files: {},
    resumed: '',
  }),
  // Other tools' hooks mean nothing here.
  readHook: () => ({}),
  answerHook: () => ({ stdout: '', exit: 0 }),
  gatingAtStart: config => GATING[config.gate],
};

const GATING: Readonly<Record<AgentConfig['gate'], { gating: Gating; detail: string }>> = {
  ask: { gating: 'unproven', detail: 'only what it asks through `hms gate` is held; it has not asked yet' },
  observe: { gating: 'observed', detail: 'what it asks through `hms gate` is written down, never held' },
  off: { gating: 'ungated', detail: 'gate: off in the fleet file' },
};

/** A list as it is; a string by `sh -c`. */
function argvOf(agent: string, { command }: AgentConfig): readonly string[] {
  if (command === undefined) {
    throw new HmsError('no-command', `${agent} has no command.`, 'Add `command:` to it in the fleet file.');
  }
  return typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
}
