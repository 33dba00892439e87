/** The pure core: what happened in, the next state and what is to be done out. */
import type { Event } from '../model/event.ts';
import { fold } from '../model/reduce.ts';
import { rung } from './bell.ts';
import { withCounted } from './counted.ts';
import type { Effect, Happening, Send, Step } from './effects.ts';
import { asking, sending, still } from './effects.ts';
import { fetching, read } from './fetching.ts';
import { answeredWork, toldOfChange } from './fleet-life.ts';
import { settle } from './follow.ts';
import { asksForMine, keyboardSends } from './lease.ts';
import { recalled } from './look-back.ts';
import { announced } from './mail.ts';
import { point } from './mouse.ts';
import { scrolledWithin } from './moving.ts';
import { pasted } from './pasting.ts';
import { press, runById } from './press.ts';
import { withProbes } from './probes.ts';
import { withReading } from './resources.ts';
import { type ConsoleState, TAIL_KEPT, toast, withUi } from './state.ts';
import { slid } from './timeline.ts';
import { isLateSize } from './view-size.ts';
import { mayNot, modeOf, tray, typing } from './views.ts';

/** What does not show: the clock stands still for it, so that nothing is drawn because of it. */
const UNSEEN: ReadonlySet<Happening['type']> = new Set([
  'painted',
  'measured',
  'probed',
  'counted',
  'answered',
  'typed',
]);

export function update(state: ConsoleState, happening: Happening): Step {
  const now = Math.max(state.now, Math.round(happening.at + state.offset));
  const step = apply(now === state.now || UNSEEN.has(happening.type) ? state : { ...state, now }, happening);
  const next = settle(state, step.state);
  const sends = keyboardSends(state, next).map((send): Effect => ({ do: 'send', send }));
  const fetched = fetching(next);
  return { state: fetched.state, effects: [...step.effects, ...sends, ...fetched.effects] };
}

function apply(state: ConsoleState, happening: Happening): Step {
  switch (happening.type) {
    case 'input':
      return press(
        { ...state, window: { ...state.window, keyAt: state.now } },
        happening.input,
        happening.at,
      );
    case 'rang':
      return rung(state, happening.ringing);
    case 'focused':
      return still({ ...state, window: { ...state.window, focused: happening.focused } });
    case 'typed':
      return typed(state, happening.bytes, happening.paste);
    case 'pasted':
      return pasted(state, happening);
    case 'prefixed':
      return still(withUi(state, { prefix: happening.prefix, chord: '' }));
    case 'stage-missing':
      return still(
        toast(
          { ...state, realStage: false },
          'warn',
          `agents’ screens are drawn and keys take the longer way: ${happening.words}`,
        ),
      );
    case 'run':
      return runById(state, happening.command, happening.at);
    case 'welcomed':
      return welcomed(state, happening);
    case 'events':
      return still(asksForMine(folded(state, happening.events), state.fleet.seq, happening.events));
    case 'lost':
      return still(lost(state, happening.reason));
    case 'read':
      return read(state, happening.with, happening.page);
    case 'answered':
      return still(answeredWork(landed(state, happening.send), happening.send, happening.result));
    case 'refused':
      return refused(state, happening);
    case 'noted':
      return still(toast(state, happening.tone, happening.words));
    case 'recalled':
      return still(recalled(state, happening.pane, happening.lines));
    case 'painted':
      return still(scrolledWithin(painted(state, happening.view, happening.at), happening.most ?? {}));
    case 'pointed':
      return point(state, happening);
    case 'looked':
      return still({ ...state, looks: { ...state.looks, ...happening.looks } });
    case 'resized':
      return still({ ...state, size: { cols: happening.cols, rows: happening.rows } });
    case 'measured': {
      const resources = withReading(state.resources, happening.reading, happening.history);
      return still({ ...state, resources });
    }
    case 'counted':
      return still({ ...state, breakers: withCounted(state.breakers, happening.breakers) });
    case 'probed':
      return still({ ...state, probes: withProbes(state.probes, happening.readings) });
    case 'ticked':
      return still(ticked(state));
  }
}

function folded(state: ConsoleState, events: readonly Event[]): ConsoleState {
  const fresh = events.filter(e => e.seq > state.fleet.seq);
  if (fresh.length === 0) return state;
  // A new tmux server has new screens: a new value, so that they are attached to again.
  const tmux = state.tmux && fresh.some(e => e.kind === 'tmux.started') ? { ...state.tmux } : state.tmux;
  const all = [...state.tail, ...fresh];
  const next: ConsoleState = {
    ...state,
    tmux,
    fleet: fold(state.fleet, fresh),
    tail: all.slice(-TAIL_KEPT),
    history: slid(state, all.slice(0, -TAIL_KEPT)),
  };
  return announced(toldOfChange(next, fresh), fresh);
}

/** A new connection: the engine's state is the truth; focus, selection, filters and the wish for a mode stay ours. */
function welcomed(state: ConsoleState, { welcome, at }: Extract<Happening, { type: 'welcomed' }>): Step {
  const first = state.me === null;
  const staged = tray(state);
  const { session, operator, role, mode } = welcome;
  const next: ConsoleState = {
    ...state,
    link: { is: 'up' },
    me: { session, operator, role, mode },
    wanted: state.wanted ?? mode,
    fleet: welcome.state,
    tail: welcome.tail.slice(-TAIL_KEPT),
    tmux: { ...welcome.tmux },
    recordings: welcome.recordings,
    offset: welcome.now - at,
    now: Math.round(welcome.now),
    shown: null,
    ui: {
      ...state.ui,
      sent: [],
      ...(first && (mode === 'observe' || mode === 'prepare') ? { focus: 'agents' as const } : {}),
    },
  };
  if (first) return still(next);
  const back = toast(next, 'good', 'connected again');
  // The engine forgets what was staged by a session that has ended; we do not.
  const sends: Send[] = staged.map(t => ({ request: 'stage.add', with: { staged: t.staged } }));
  if (sends.length > 0 && mode !== 'prepare') {
    sends.unshift({ request: 'mode.set', with: { mode: 'prepare' } });
    sends.push({ request: 'mode.set', with: { mode } });
  }
  return { state: back, effects: sends.map((send): Effect => ({ do: 'send', send })) };
}

function lost(state: ConsoleState, reason: string): ConsoleState {
  if (state.link.is === 'down') return state;
  // Losing the connection decides nothing: open questions close.
  const { overlay } = state.ui;
  const keep =
    overlay && !['confirm', 'name', 'note', 'reason', 'review', 'leave'].includes(overlay.kind)
      ? overlay
      : null;
  return {
    ...withUi(state, { sent: [], chord: '', overlay: keep }),
    link: { is: 'down', since: state.now, reason },
  };
}

function landed(state: ConsoleState, send: Send): ConsoleState {
  if (send.request !== 'approval.decide' && send.request !== 'grant.issue') return state;
  return withUi(state, { sent: state.ui.sent.filter(id => id !== send.with.request) });
}

function refused(state: ConsoleState, { send, code, words }: Extract<Happening, { type: 'refused' }>): Step {
  const next = landed(state, send);
  if (send.request === 'fleet.freeze' && (code === 'no-answer' || code === 'gone'))
    return { state: next, effects: [{ do: 'brake' }] };
  // The welcome after the reconnect shows what became of it.
  if (code === 'gone') return still(next);
  // Nobody asked for it but the console, which tells it again.
  if (isLateSize(send, code)) return still(next);
  // Told too late for the lease: it is on the record, and input has stopped.
  if (send.request === 'agent.typed' && code === 'lease-lost') return still(next);
  if (send.request === 'lease.take' && code === 'lease-held' && state.me?.role === 'lead' && state.ui.stage) {
    const { agent } = send.with;
    const take = { request: 'lease.take', with: { agent, force: true } } as const;
    return asking(next, `Take ${agent}’s keyboard over?`, words, take);
  }
  return still(toast(next, 'bad', words));
}

function painted(state: ConsoleState, view: string, at: number): ConsoleState {
  if (view === '' || state.shown?.view === view) return state;
  return { ...state, shown: { view, request: view.replace(/\/review$/, ''), since: at } };
}

function ticked(state: ConsoleState): ConsoleState {
  const toasts = state.ui.toasts.filter(t => t.until > state.now);
  return toasts.length === state.ui.toasts.length ? state : withUi(state, { toasts });
}

/** Keyboard bytes for the agent whose keyboard is ours. */
function typed(state: ConsoleState, bytes: Uint8Array, paste: boolean): Step {
  const target = typing(state);
  if (!target || mayNot(state, 'type') || modeOf(state) !== 'collaborate') return still(state);
  const { agent, fence } = target;
  return sending(state, {
    request: 'agent.type',
    with: { agent, bytes: Buffer.from(bytes).toString('base64'), fence, paste },
  });
}
