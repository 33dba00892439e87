import type { Happening } from '../../../src/console/effects.ts';
import { keyboard } from '../../../src/console/keyboard.ts';
import { themeIn } from '../../../src/console/looks.ts';
import type { StagePane } from '../../../src/console/stage/parts.ts';
import { openStage, type Stage } from '../../../src/console/stage/stage.ts';
import { HmsError } from '../../../src/model/errors.ts';
import type { Draft } from '../../../src/model/event.ts';
import { SessionId } from '../../../src/model/ids.ts';
import type { Mode } from '../../../src/model/mode.ts';
import { Desk } from '../desk.ts';
import { fleet, started } from '../events.ts';

export const BYTES = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A pane as tmux would give it. */
export class NotedPane implements StagePane {
  got = '';
  lines: string[] = [];
  redraws = 0;
  size = '';
  wheel: boolean | undefined;
  open = true;
  wasCut = false;
  #bytes: (bytes: Buffer) => void = () => {};
  #ended: () => void = () => {};
  write(bytes: Uint8Array): void {
    this.got += Buffer.from(bytes).toString('latin1');
  }
  resize(cols: number, rows: number): void {
    this.size = `${cols}x${rows}`;
  }
  redraw(): void {
    this.redraws++;
  }
  line(text: string): void {
    this.lines.push(text);
  }
  mouse(on: boolean): void {
    this.wheel = on;
  }
  onBytes(listener: (bytes: Buffer) => void): void {
    this.#bytes = listener;
  }
  onEnded(listener: () => void): void {
    this.#ended = listener;
  }
  cut(): void {
    this.wasCut = true;
    this.drop();
  }
  drop(): void {
    this.open = false;
  }
  async close(): Promise<void> {
    this.drop();
  }
  prints(text: string): void {
    this.#bytes(BYTES(text));
  }
  ends(): void {
    this.#ended();
  }
}

export interface Scene {
  readonly desk: Desk;
  readonly stage: Stage;
  readonly panes: NotedPane[];
  readonly opened: string[];
  readonly live: boolean[];
  screen(): string;
  send(text: string): void;
  wait(ms: number): void;
  /** Lets promises settle. */
  turn(): Promise<void>;
  emit(...drafts: Draft[]): void;
  said(): string;
  /** tmux's line as text. */
  line(): string;
}

export function scene(
  mode: Mode,
  options: { role?: 'operator' | 'lead'; open?: 'fails' | 'no-pty' } = {},
): Scene {
  const desk = new Desk(
    [...fleet({ builder: 'command', docs: 'command' }), started('builder', 1), started('docs', 2)],
    {
      mode,
      role: options.role ?? 'operator',
    },
  );
  desk.state = { ...desk.state, realStage: true };
  const panes: NotedPane[] = [];
  const opened: string[] = [];
  const live: boolean[] = [];
  let screen = '';
  const timers = new Map<() => void, number>();
  const after = (ms: number, run: () => void): (() => void) => {
    timers.set(run, desk.at + ms);
    return () => void timers.delete(run);
  };
  const act = (happening: Happening): void => {
    const before = desk.state;
    const known = desk.effects.length;
    desk.act(happening);
    for (const effect of desk.effects.slice(known))
      if (effect.do === 'paste') stage.paste(effect.text, effect.fence);
    stage.follow(desk.state, before);
  };
  const now = (): number => desk.at;
  const stage = openStage({
    now,
    after,
    act,
    state: () => desk.state,
    send: send => void desk.effects.push({ do: 'send', send }),
    keys: keyboard({ now, after, act }),
    open: async ({ pane }) => {
      opened.push(pane);
      if (options.open === 'no-pty') throw new HmsError('no-pty', 'node-pty is not there');
      if (options.open === 'fails') throw new HmsError('stage-pane', 'no such pane');
      const client = new NotedPane();
      panes.push(client);
      return client;
    },
    record: undefined,
    write(bytes) {
      screen += Buffer.from(bytes).toString('latin1');
    },
    look: state => themeIn(state.looks),
    coloured: true,
    features: [],
    onLive: is => void live.push(is),
  });
  const follow = (change: () => void): void => {
    const before = desk.state;
    change();
    stage.follow(desk.state, before);
  };
  return {
    desk,
    stage,
    panes,
    opened,
    live,
    screen: () => screen,
    send: text => stage.read(BYTES(text)),
    wait(ms) {
      desk.at += ms;
      for (const [run, at] of [...timers].filter(([, at]) => at <= desk.at)) {
        if (timers.get(run) === at) timers.delete(run);
        run();
      }
      act({ type: 'ticked', at: desk.at });
    },
    turn: () => new Promise(resolve => setImmediate(resolve)),
    emit: (...drafts) => follow(() => void desk.emit(...drafts)),
    said: () => desk.said,
    line: () => (panes.at(-1)?.lines.at(-1) ?? '').replace(/#\[[^\]]*\]/g, '').replaceAll('##', '#'),
  };
}

export const taken = (session: string, fence: number): Draft => ({
  kind: 'lease.taken',
  actor: { type: 'operator', id: 'someone', via: 'console' },
  subject: 'operator:someone',
  data: { name: 'keyboard:builder', session: SessionId.parse(session), fence },
});

export const released = (fence: number): Draft => ({
  ...taken('s-1', fence),
  kind: 'lease.released',
  data: { name: 'keyboard:builder', fence, reason: '' },
});

/** The builder on stage, its keyboard ours. */
export async function typing(options: Parameters<typeof scene>[1] = {}): Promise<Scene> {
  const s = scene('collaborate', options);
  s.desk.press('1');
  open(s);
  s.emit(taken('s-1', 1));
  await s.turn();
  return s;
}

export function open(s: Scene): void {
  const before = s.desk.state;
  s.desk.press('enter');
  s.stage.follow(s.desk.state, before);
}

export const typedReports = (s: Scene) =>
  s.desk.sends.flatMap(send => (send.request === 'agent.typed' ? [send.with] : []));

export function mode(from: Mode, to: Mode): Draft {
  return { ...taken('s-1', 1), kind: 'mode.changed', data: { session: SessionId.parse('s-1'), from, to } };
}

export function exited() {
  const { actor, subject, data } = started('builder', 1);
  if (!('agent' in data)) throw new Error('an agent was started');
  const why = { status: 1, signal: '', wanted: false, detail: '' };
  return {
    kind: 'agent.exited',
    actor,
    subject,
    data: { agent: data.agent, incarnation: 1, ...why },
  } as Extract<Draft, { kind: 'agent.exited' }>;
}

export function lose(s: Scene): void {
  const before = s.desk.state;
  s.desk.act({ type: 'lost', reason: 'the connection ended', at: s.desk.at });
  s.stage.follow(s.desk.state, before);
}
