/** Keys while something is open: a page that scrolls, a question on the bottom line, an editor. */
import { answered, tabbed } from './asking-timeline.ts';
import { inBreakers } from './breakers.ts';
import { inChooser } from './choosing.ts';
import type { Command } from './commands/command.ts';
import { switchTo } from './commands/modes.ts';
import { finish, proceed } from './deciding.ts';
import { editable, edited } from './editable.ts';
import { type Decision, type Effect, type Send, type Step, sending, still } from './effects.ts';
import { inChange, inWorktree } from './fleet-life.ts';
import { heldBack } from './guard.ts';
import { inHelp } from './help.ts';
import { effective } from './keymap.ts';
import type { Input } from './keys.ts';
import { insert, type LineState, newLine, press as pressLine } from './line.ts';
import { seek } from './look-back.ts';
import { scrollBy, scrolls } from './moving.ts';
import { choices } from './palette.ts';
import { inPaste } from './pasting.ts';
import { toRelated } from './related.ts';
import { SORTS } from './resources.ts';
import { type ConsoleState, type Overlay, toast, withUi } from './state.ts';
import { modeOf, selectedRequest } from './views.ts';
import { yesKey, yesKeys } from './yes.ts';

type Key = Extract<Input, { type: 'key' }>;
type Of<K extends Overlay['kind']> = Extract<Overlay, { kind: K }>;
type RunById = (state: ConsoleState, id: string, at: number) => Step;

/** Keys that scroll a page, whatever keys a person has; and the commands whose keys do. */
const SCROLL: Readonly<Record<string, number>> = {
  down: 1,
  up: -1,
  pagedown: 10,
  space: 10,
  pageup: -10,
  home: -Infinity,
  end: Infinity,
};
const SCROLLING: Readonly<Record<string, number>> = {
  'move.down': 1,
  'move.up': -1,
  'move.page-down': 10,
  'move.page-up': -10,
  'move.first': -Infinity,
  'move.last': Infinity,
};

function scrollOf(state: ConsoleState, key: string): number | undefined {
  const command = effective(state).find(c => SCROLLING[c.id] !== undefined && c.keys.includes(key));
  return SCROLL[key] ?? (command && SCROLLING[command.id]);
}

/** Is it, or does it begin, a key of one of these commands? */
function isFor(state: ConsoleState, key: string, wanted: (command: Command) => boolean): boolean {
  const pressed = state.ui.chord === '' ? key : `${state.ui.chord} ${key}`;
  return effective(state)
    .filter(wanted)
    .some(c => c.keys.some(k => k === pressed || k.startsWith(`${pressed} `)));
}

/** What a paste does in a prompt; undefined where none is open that takes text. */
export function pasteInOverlay(state: ConsoleState, text: string): ConsoleState | undefined {
  const { overlay } = state.ui;
  if (overlay?.kind === 'help' && overlay.finding)
    return withUi(state, { overlay: { ...overlay, find: insert(overlay.find, text) } });
  if (overlay === null || !('line' in overlay)) return undefined;
  if (overlay.kind === 'name') return toast(state, 'warn', 'the name is typed, not pasted');
  return withLine(state, overlay, insert(overlay.line, text));
}

/** The step for a key while an overlay is open; undefined when none is, or when the key is for the commands below. */
export function inOverlay(state: ConsoleState, input: Key, at: number, runById: RunById): Step | undefined {
  const { overlay } = state.ui;
  if (overlay === null) return undefined;
  const { key } = input;
  // Everything that decides works here as in the queue: the whole action is on screen.
  if (overlay.kind === 'action' && isFor(state, key, c => c.group === 'Decide' || c.id === 'look.why'))
    return undefined;
  const found = overlay.kind === 'help' ? inHelp(state, overlay, input) : undefined;
  if (found) return found;
  const answer = overlay.kind === 'review' && (key === 'e' || yesKeys(overlay.keys).includes(key));
  const along = overlay.kind === 'event' ? toRelated(state, overlay, key) : undefined;
  if (along) return along;
  const operated = overlay.kind === 'healing' ? inBreakers(state, overlay, input) : undefined;
  if (operated) return operated;
  const by = scrolls(overlay) && !answer ? scrollOf(state, key) : undefined;
  if (by !== undefined) return still(scrollBy(state, by));
  // The kill switch works in the page that shows what it is for.
  if (overlay.kind === 'chaos' && isFor(state, key, c => c.id === 'chaos.halt')) return undefined;
  if (overlay.kind === 'healing' && isFor(state, key, c => c.id === 'tuning.revert')) return undefined;
  switch (overlay.kind) {
    case 'action':
      return ['esc', 'q', 'enter'].includes(key) ? closed(state) : still(withUi(state, { chord: '' }));
    case 'event':
    case 'help':
    case 'why':
    case 'tokens':
    case 'chaos':
    case 'healing':
      return ['esc', 'q', 'enter'].includes(key) ||
        isFor(state, key, c => ['look.help', 'look.why', 'look.chaos', 'look.healing'].includes(c.id))
        ? closed(state)
        : still(state);
    case 'change':
      return inChange(state, overlay, input);
    case 'worktree':
      return inWorktree(state, overlay, input);
    case 'choose':
      return inChooser(state, overlay, key, scrollOf(state, key));
    case 'resources':
      return sorted(state, overlay, key);
    case 'confirm':
      return confirm(state, overlay, input, at);
    case 'review':
      return review(state, overlay, input, at);
    case 'paste':
      return inPaste(state, overlay, input);
    case 'leave':
      return leave(state, overlay, input);
    default:
      return key === 'esc' || key === 'ctrl-c'
        ? cancel(state, overlay)
        : inLine(state, overlay, input, at, runById);
  }
}

/** Arrows choose the column the agents are sorted by. */
function sorted(state: ConsoleState, overlay: Of<'resources'>, key: string): Step {
  if (['esc', 'q', 'enter'].includes(key) || isFor(state, key, c => c.id === 'look.resources'))
    return closed(state);
  const by = { right: 1, l: 1, '>': 1, s: 1, left: -1, h: -1, '<': -1 }[key];
  if (by === undefined) return still(state);
  const at = SORTS.indexOf(overlay.sort) + by + SORTS.length;
  return still(
    withUi(state, { overlay: { ...overlay, scroll: 0, sort: SORTS[at % SORTS.length] ?? 'cpu' } }),
  );
}

/** What was said about it goes with it. */
function closed(state: ConsoleState): Step {
  return still(withUi(state, { overlay: null, toasts: [] }));
}

function cancel(state: ConsoleState, overlay: Overlay): Step {
  if (overlay.kind === 'seek') return still(seek(withUi(state, { overlay: null }), '', overlay.from));
  if (overlay.kind !== 'filter') return closed(state);
  return still(withUi(state, { overlay: null, filters: { ...state.ui.filters, [overlay.pane]: '' } }));
}

function withLine(
  state: ConsoleState,
  overlay: Extract<Overlay, { line: LineState }>,
  line: LineState,
): ConsoleState {
  if (overlay.kind === 'filter') {
    const filters = { ...state.ui.filters, [overlay.pane]: line.text };
    return withUi(state, { overlay: { ...overlay, line }, filters });
  }
  if (overlay.kind === 'seek')
    return seek(withUi(state, { overlay: { ...overlay, line } }), line.text, overlay.from);
  if (overlay.kind === 'palette') return withUi(state, { overlay: { ...overlay, line, index: 0 } });
  if ('problem' in overlay) return withUi(state, { overlay: { ...overlay, line, problem: '' } });
  return withUi(state, { overlay: { ...overlay, line } });
}

type Lined = Extract<Overlay, { line: LineState }>;

function inLine(state: ConsoleState, overlay: Lined, input: Key, at: number, runById: RunById): Step {
  const { key, text, burst } = input;
  if (key === 'ctrl-s' && overlay.kind === 'edit' && !burst) return reviewOf(state, overlay);
  if (key === 'enter' && !(burst && overlay.line.multi)) {
    if (burst) return still(toast(state, 'warn', 'Enter inside a paste does nothing'));
    return enter(state, overlay, at, runById);
  }
  if (key === 'tab' && (overlay.kind === 'filter' || overlay.kind === 'find' || overlay.kind === 'mail'))
    return tabbed(state, overlay);
  if (overlay.kind === 'palette') {
    const list = choices(state, effective(state), overlay.line.text);
    const by = { down: 1, 'ctrl-n': 1, up: -1, 'ctrl-p': -1 }[key];
    const index = Math.max(0, Math.min(list.length - 1, overlay.index + (by ?? 0)));
    if (by !== undefined) return still(withUi(state, { overlay: { ...overlay, index } }));
    const chosen = list[index];
    if (key === 'tab')
      return still(
        chosen ? withUi(state, { overlay: { ...overlay, line: newLine(chosen.title), index: 0 } }) : state,
      );
  }
  const line = key === 'enter' ? insert(overlay.line, '\n') : pressLine(overlay.line, key, text);
  if (!line) return still(state);
  if (overlay.kind === 'name') {
    const decision = { ...overlay.decision, keys: [...overlay.decision.keys, key] };
    return still(withUi(state, { overlay: { ...overlay, decision, line } }));
  }
  return still(withLine(state, overlay, line));
}

function enter(state: ConsoleState, overlay: Lined, at: number, runById: RunById): Step {
  const text = overlay.line.text.trim();
  switch (overlay.kind) {
    case 'seek':
    case 'filter':
      return closed(state);
    case 'experiment': {
      if (text === '') return closed(state);
      const begun = toast(
        withUi(state, { overlay: null }),
        'info',
        `${text} is read; its plan comes into the queue`,
      );
      return { state: begun, effects: [{ do: 'experiment', file: text }] };
    }
    case 'find':
    case 'time':
    case 'mail':
      return answered(state, overlay);
    case 'palette': {
      const chosen = choices(state, effective(state), overlay.line.text)[overlay.index];
      if (!chosen) return still(toast(state, 'warn', 'no command fits'));
      return runById(withUi(state, { overlay: null }), chosen.id, at);
    }
    case 'message': {
      if (text === '') return closed(state);
      const staged = { type: 'message', agent: overlay.agent, text: overlay.line.text } as const;
      const send: Send =
        modeOf(state) === 'prepare'
          ? { request: 'stage.add', with: { staged } }
          : { request: 'agent.send', with: { agent: overlay.agent, text: overlay.line.text } };
      return sending(withUi(state, { overlay: null }), send);
    }
    case 'note':
      return decided(
        state,
        at,
        { ...overlay.decision, note: text, keys: [...overlay.decision.keys, 'enter'] },
        finish,
      );
    case 'reason':
      if (text === '')
        return still(toast(state, 'warn', 'an override needs a reason: it goes on the record'));
      return decided(
        state,
        at,
        { ...overlay.decision, note: text, keys: [...overlay.decision.keys, 'enter'] },
        proceed,
      );
    case 'name':
      if (text !== overlay.expected)
        return still(toast(state, 'warn', `type ${overlay.expected}, or Esc to leave it`));
      return decided(state, at, { ...overlay.decision, keys: [...overlay.decision.keys, 'enter'] }, finish);
    case 'edit':
      return reviewOf(state, overlay);
  }
}

/** The last key of a question counts under the same rules as the first. */
function decided(
  state: ConsoleState,
  at: number,
  decision: Decision,
  next: (state: ConsoleState, decision: Decision, at: number) => Step,
): Step {
  const held = heldBack(state, at);
  return held ? still(toast(state, 'warn', held)) : next(state, decision, at);
}

function confirm(state: ConsoleState, { ask }: Of<'confirm'>, { key, burst }: Key, at: number): Step {
  const back = ask.back ?? null;
  if (key === 'esc' || key === 'n' || key === 'ctrl-c')
    return still(withUi(state, { overlay: back, toasts: [] }));
  const pressed = ask.yes.is === 'decide' ? ask.yes.decision.keys : [ask.pressed ?? ''];
  if (key !== yesKey(pressed)) return still(state);
  if (burst) return still(toast(state, 'warn', 'several keys at once look like a paste: nothing was done'));
  if (ask.yes.is === 'send') return sending(withUi(state, { overlay: back }), ask.yes.send);
  const { decision } = ask.yes;
  return decided(state, at, { ...decision, keys: [...decision.keys, key] }, finish);
}

function reviewOf(state: ConsoleState, overlay: Of<'edit'>): Step {
  const request = selectedRequest(state);
  if (!request) return closed(state);
  const result = edited(request.action, editable(request.action).field, overlay.line.text);
  if ('problem' in result) return still(withUi(state, { overlay: { ...overlay, problem: result.problem } }));
  const keys = [...overlay.keys, 'enter'];
  return still(
    withUi(state, {
      overlay: { kind: 'review', request: overlay.request, input: result.input, scroll: 0, keys },
    }),
  );
}

function review(state: ConsoleState, overlay: Of<'review'>, { key, burst }: Key, at: number): Step {
  const request = selectedRequest(state);
  if (key === 'esc' || key === 'e' || !request) {
    const back = request && editable({ ...request.action, input: overlay.input });
    return still(
      withUi(state, {
        overlay: back
          ? {
              kind: 'edit',
              request: overlay.request,
              line: newLine(back.text, true),
              problem: '',
              keys: overlay.keys,
            }
          : null,
      }),
    );
  }
  if (!yesKeys(overlay.keys).includes(key)) return still(state);
  if (burst) return still(toast(state, 'warn', 'several keys at once look like a paste: nothing was done'));
  const decision: Decision = {
    request: overlay.request,
    as: 'approve',
    note: '',
    edit: overlay.input,
    keys: [...overlay.keys, key],
  };
  return decided(state, at, decision, proceed);
}

function leave(state: ConsoleState, { to, items }: Of<'leave'>, { key, burst }: Key): Step {
  if (key === 'esc') return closed(state);
  if (burst) return still(state);
  const open = withUi(state, { overlay: null });
  const rest: Step = to === 'quit' ? { state: open, effects: [{ do: 'quit' }] } : switchTo(open, to);
  const first = (send: Send): Step => {
    const effect: Effect = { do: 'send', send };
    return { state: rest.state, effects: [effect, ...rest.effects] };
  };
  if (key === 'c') return first({ request: 'stage.commit', with: { items: [...items] } });
  if (key === 'd') return first({ request: 'stage.drop', with: { items: [...items] } });
  if (key === 'k')
    return to === 'quit'
      ? still(toast(state, 'warn', 'the tray ends with this console: commit, drop, or stay (Esc)'))
      : rest;
  return still(state);
}
