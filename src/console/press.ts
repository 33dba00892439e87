/** From a key to a step: what is open first, then the table of commands. */
import { choose } from './choosing.ts';
import { pullBrake } from './commands/brake.ts';
import type { Command } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import { type Step, still } from './effects.ts';
import { heldBack } from './guard.ts';
import { effective } from './keymap.ts';
import type { Input } from './keys.ts';
import { agentsPane, shapeOf } from './layout.ts';
import { focusOn } from './moving.ts';
import { inOverlay, pasteInOverlay } from './overlays.ts';
import { type ConsoleState, toast, withUi } from './state.ts';

type Key = Extract<Input, { type: 'key' }>;

/** Works whatever is open and however it comes; no keymap moves it. */
const BRAKE_KEY = 'f12';

/** What works where the terminal is too small to show what a key would do. */
const UNSEEN: ReadonlySet<string> = new Set(['console.quit', 'console.redraw']);

export function press(state: ConsoleState, input: Input, at: number): Step {
  const unseen = shapeOf(state.size.cols, state.size.rows) === 'small';
  if (unseen && input.type === 'paste') return still(state);
  if (input.type === 'paste') {
    // A paste is never a key: outside a prompt it does nothing at all.
    return still(pasteInOverlay(state, input.text) ?? toast(state, 'warn', 'a paste does nothing here'));
  }
  if (input.key === BRAKE_KEY) return pullBrake(state);
  if (unseen) return pressUnseen(state, input, at);
  const open = inOverlay(state, input, at, runById);
  if (open) return open;
  return pressCommand(state, input, at);
}

function pressUnseen(state: ConsoleState, { key, burst }: Key, at: number): Step {
  const command = effective(state).find(c => UNSEEN.has(c.id) && c.keys.includes(key));
  return command ? runCommand(state, command, key, burst, at) : still(state);
}

function pressCommand(state: ConsoleState, { key, burst }: Key, at: number): Step {
  const sequence = state.ui.chord === '' ? key : `${state.ui.chord} ${key}`;
  const calm = state.ui.chord === '' ? state : withUi(state, { chord: '' });
  const fitting = effective(state).filter(c => c.when.holds(calm));
  const command = fitting.find(c => c.keys.includes(sequence));
  if (command) return runCommand(calm, command, sequence, burst, at);
  if (fitting.some(c => c.keys.some(k => k.startsWith(`${sequence} `))))
    return still(withUi(calm, { chord: sequence }));
  return still(calm);
}

/** Runs a command if it may run now; else says why not. */
export function runCommand(
  state: ConsoleState,
  command: Command,
  key: string,
  burst: boolean,
  at: number,
): Step {
  if (burst && command.danger !== 'none') {
    return still(
      toast(state, 'warn', `${command.title}: several keys at once look like a paste: nothing was done`),
    );
  }
  // What decides on the selected request also needs it to have been seen.
  const refused =
    command.disabledReason(state) ?? (command.group === 'Decide' ? heldBack(state, at) : undefined);
  if (refused) return still(toast(state, 'warn', `${command.title}: ${refused}`));
  return asked(command.run({ state, at, key }), state, key);
}

/** A question this key has opened remembers it. */
function asked(step: Step, before: ConsoleState, key: string): Step {
  const { overlay } = step.state.ui;
  if (overlay?.kind !== 'confirm' || overlay === before.ui.overlay) return step;
  return {
    ...step,
    state: withUi(step.state, { overlay: { ...overlay, ask: { ...overlay.ask, pressed: key } } }),
  };
}

/** Runs what the palette names: a command's id, `go AGENT`, `theme NAME` or `layout NAME`. */
export function runById(state: ConsoleState, id: string, at: number): Step {
  const command = COMMANDS.find(c => c.id === id);
  if (command) return runCommand(state, command, `:${id}`, false, at);
  const [, what, name = ''] = /^(theme|layout) (.+)$/.exec(id) ?? [];
  if (what === 'theme' || what === 'layout') return choose(state, what, name);
  const agent = id.startsWith('go ') ? state.fleet.agents[id.slice(3)] : undefined;
  if (!agent) return still(toast(state, 'warn', `there is no command ${id}`));
  return still(focusOn(withUi(state, { agent: agent.id }), agentsPane(state)));
}
