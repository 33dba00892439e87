/** The stage around the pure core: a person's bytes, a pane that notes what it gets, and time that the test moves. */
import { describe, expect, test } from 'vitest';
import type { Happening } from '../../../src/console/effects.ts';
import { keyboard } from '../../../src/console/keyboard.ts';
import { themeIn } from '../../../src/console/looks.ts';
import type { StagePane } from '../../../src/console/stage/parts.ts';
import { openStage, type Stage } from '../../../src/console/stage/stage.ts';
import { HmsError } from '../../../src/model/errors.ts';
import type { Draft } from '../../../src/model/event.ts';
import { PaneId, SessionId } from '../../../src/model/ids.ts';
import type { Mode } from '../../../src/model/mode.ts';
import { Desk } from '../desk.ts';
import { asks, fleet, started } from '../events.ts';

const BYTES = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A pane as tmux would give it. */
class NotedPane implements StagePane {
  got = '';
  lines: string[] = [];
  redraws = 0;
  size = '';
  wheel: boolean | undefined;
  open = true;
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

interface Scene {
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

function scene(mode: Mode, options: { role?: 'operator' | 'lead'; open?: 'fails' | 'no-pty' } = {}): Scene {
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

const taken = (session: string, fence: number): Draft => ({
  kind: 'lease.taken',
  actor: { type: 'operator', id: 'someone', via: 'console' },
  subject: 'operator:someone',
  data: { name: 'keyboard:builder', session: SessionId.parse(session), fence },
});

const released = (fence: number): Draft => ({
  ...taken('s-1', fence),
  kind: 'lease.released',
  data: { name: 'keyboard:builder', fence, reason: '' },
});

/** The builder on stage, its keyboard ours. */
async function typing(options: Parameters<typeof scene>[1] = {}): Promise<Scene> {
  const s = scene('collaborate', options);
  s.desk.press('1');
  open(s);
  s.emit(taken('s-1', 1));
  await s.turn();
  return s;
}

function open(s: Scene): void {
  const before = s.desk.state;
  s.desk.press('enter');
  s.stage.follow(s.desk.state, before);
}

const typedReports = (s: Scene) =>
  s.desk.sends.flatMap(send => (send.request === 'agent.typed' ? [send.with] : []));

describe('opening an agent', () => {
  test('asks for its keyboard in collaborate mode, and gives it back on leaving', async () => {
    const s = await typing();
    expect(s.opened).toEqual(['%1']);
    expect(s.desk.sends.map(x => x.request)).toEqual(['lease.take']);
    s.send('\x1c');
    s.wait(300);
    expect(s.desk.state.ui.stage).toBe('');
    expect(s.desk.sends.map(x => x.request)).toEqual(['lease.take', 'lease.release']);
    expect(s.panes[0]?.open).toBe(false);
    expect(s.live).toEqual([true, false]);
  });

  test('asks for nothing in watch mode', async () => {
    const s = scene('watch');
    s.desk.press('1');
    open(s);
    await s.turn();
    expect(s.live).toEqual([true]);
    expect(s.desk.sends).toEqual([]);
  });

  test('shows what the pane had written before, then what it writes', async () => {
    const s = await typing();
    s.panes[0]?.prints('\x1b[?1049h\x1b[2Jhello');
    expect(s.screen()).toBe('\x1b[2Jhello');
  });

  test('leaves no cursor behind, which the console has none of', async () => {
    const s = await typing();
    s.panes[0]?.prints('\x1b[?25h');
    s.send('\x1c');
    s.wait(300);
    expect(s.live).toEqual([true, false]);
    expect(s.screen().lastIndexOf('\x1b[?25l')).toBeGreaterThan(s.screen().lastIndexOf('\x1b[?25h'));
  });

  test('what is typed while it opens is kept for it', async () => {
    const s = scene('collaborate');
    s.desk.press('1');
    open(s);
    s.emit(taken('s-1', 1));
    s.send('early');
    s.send('\x1b[200~ and pasted\x1b[201~');
    s.send('\r');
    await s.turn();
    expect(s.panes[0]?.got).toBe('early and pasted\r');
  });

  test('where there is no pty it is drawn, keys go through the engine, and that is said once', async () => {
    const s = await typing({ open: 'no-pty' });
    expect(s.said()).toContain('node-pty is not there');
    s.send('ls\r');
    expect(s.desk.sends.at(-1)).toMatchObject({
      request: 'agent.type',
      with: { agent: 'builder', fence: 1 },
    });
    expect(s.live).toEqual([]);
    s.send('\x1b[200~pasted\x1b[201~');
    const given = s.desk.sends.at(-1);
    expect(given).toMatchObject({ request: 'agent.type', with: { fence: 1, paste: true } });
  });

  test('a pane that cannot be had is given up after a few tries, with a word', async () => {
    const s = await typing({ open: 'fails' });
    for (let n = 0; n < 20 && s.desk.state.ui.stage !== ''; n++) {
      s.wait(200);
      await s.turn();
    }
    expect(s.desk.state.ui.stage).toBe('');
    expect(s.opened.length).toBeLessThan(10);
    expect(s.desk.state.ui.toasts.map(t => t.text).join()).toContain('builder');
  });
});

describe('hands on stage', () => {
  test('every byte goes to the agent, and how much is told, coalesced and under the fence', async () => {
    const s = await typing();
    s.send('a');
    s.send('\x1b[A\x03q');
    expect(s.panes[0]?.got).toBe('a\x1b[A\x03q');
    expect(typedReports(s)).toEqual([]);
    s.wait(250);
    expect(typedReports(s)).toEqual([{ agent: 'builder', bytes: 6, fence: 1 }]);
    s.send('b');
    s.emit(released(1), taken('s-1', 2));
    s.send('c');
    s.wait(250);
    expect(typedReports(s).slice(1)).toEqual([
      { agent: 'builder', bytes: 1, fence: 1 },
      { agent: 'builder', bytes: 1, fence: 2 },
    ]);
  });

  test('the Escape key goes to the agent once nothing followed it', async () => {
    const s = await typing();
    s.send('\x1b');
    expect(s.panes[0]?.got).toBe('');
    s.wait(25);
    expect(s.panes[0]?.got).toBe('\x1b');
  });

  test('in watch mode nothing does, and that is said, at most once a second', async () => {
    const s = scene('watch');
    s.desk.press('1');
    open(s);
    await s.turn();
    s.send('q');
    expect(s.said()).toContain('watch mode');
    expect(s.line()).toContain('nothing was typed: watch mode · Ctrl-\\ m c collaborates');
    const toasts = s.desk.state.ui.toasts;
    s.send('rm -rf\r');
    expect(s.desk.state.ui.toasts).toBe(toasts);
    s.wait(1000);
    s.send('x');
    expect(s.desk.state.ui.toasts).not.toEqual(toasts);
    expect(s.panes[0]?.got).toBe('');
    expect(s.desk.state.ui.stage).toBe('builder');
  });

  test.each([
    ['the keyboard is taken', (s: Scene) => s.emit(released(1), taken('s-2', 2)), /holds the keyboard/],
    ['the mode is left', (s: Scene) => s.emit(mode('collaborate', 'watch')), /watch mode/],
    ['the engine is gone', (s: Scene) => lose(s), /engine is not connected/],
    ['the agent has ended', (s: Scene) => s.emit(exited()), /not running/],
  ])('when %s, input stops at once', async (_what, happens, why) => {
    const s = await typing();
    s.send('a');
    happens(s);
    s.send('b');
    s.send('\x1b[200~pasted\x1b[201~');
    expect(s.panes[0]?.got).toBe('a');
    expect(s.said()).toMatch(why);
    s.send('\x1c');
    s.wait(300);
    expect(s.desk.state.ui.stage).toBe('');
  });

  test('a terminal’s answers pass to tmux when it has asked, in every mode; others never', async () => {
    const s = scene('observe');
    s.desk.press('1');
    open(s);
    await s.turn();
    s.send('\x1b[?62c');
    expect(s.panes[0]?.got).toBe('');
    s.panes[0]?.prints('\x1b[c\x1b]11;?\x1b\\');
    s.send('\x1b[?62c\x1b]11;rgb:00/00/00\x07\x1b[I');
    expect(s.panes[0]?.got).toBe('\x1b[?62c\x1b]11;rgb:00/00/00\x07\x1b[I');
    s.send('\x1b[?62c');
    expect(s.panes[0]?.got).toHaveLength('\x1b[?62c\x1b]11;rgb:00/00/00\x07\x1b[I'.length);
  });
});

describe('a terminal that is asked late', () => {
  test('answers into nothing: a question of the console stood before the agent', async () => {
    const s = scene('observe');
    s.desk.press('1');
    open(s);
    s.desk.press('?');
    await s.turn();
    s.panes[0]?.prints('\x1b[>q');
    expect(s.screen()).not.toContain('\x1b[>q');
    s.wait(6000);
    const before = s.desk.state;
    s.desk.press('esc');
    s.stage.follow(s.desk.state, before);
    expect(s.screen()).toContain('\x1b[>q');
    s.send('\x1bP>|xterm 400\x1b\\');
    expect(s.panes[0]?.got).toBe('');
  });
});

describe('the reserved key', () => {
  test('twice sends itself', async () => {
    const s = await typing();
    s.send('\x1c');
    expect(s.line()).toContain('Ctrl-\\ …');
    s.send('\x1c');
    s.wait(300);
    expect(s.panes[0]?.got).toBe('\x1c');
    expect(s.desk.state.ui).toMatchObject({ stage: 'builder', prefix: 'none' });
  });

  test('before a key gives that key to the console, and the next ones to the agent again', async () => {
    const s = await typing();
    s.send('\x1cm');
    expect(s.line()).toMatch(/observe.*prepare.*watch/);
    s.send('w');
    expect(s.desk.sends.at(-1)).toMatchObject({ request: 'mode.set', with: { mode: 'watch' } });
    s.send('x');
    expect(s.panes[0]?.got).toBe('x');
    s.wait(300);
    expect(s.desk.state.ui.stage).toBe('builder');
  });

  test('what follows it in the same read never reaches the console’s panes', async () => {
    const s = await typing();
    s.send('\x1c');
    s.wait(300);
    expect(s.desk.state.ui.stage).toBe('');
    expect(s.desk.state.ui.prefix).toBe('none');
  });

  test('comes back from an open question and from a paste that never ends', async () => {
    const s = await typing();
    s.send('\x1b[200~a\nb\x1b[201~');
    expect(s.desk.state.ui.overlay?.kind).toBe('paste');
    s.send('\x1c');
    expect(s.desk.state.ui).toMatchObject({ stage: '', overlay: null });
    const again = await typing();
    again.send('\x1b[200~never');
    again.send('\x1c');
    again.wait(300);
    expect(again.desk.state.ui.stage).toBe('');
    expect(again.panes[0]?.got).toBe('');
  });
});

describe('a paste', () => {
  test('of one line goes in as it is, in brackets for who asked for them, without control characters', async () => {
    const s = await typing();
    s.send('\x1b[200~ls \x1b[31m-l\x1b[201~');
    s.panes[0]?.prints('\x1b[?2004h');
    s.send('\x1b[200~two\x1b[201~');
    expect(s.panes[0]?.got).toBe('ls [31m-l\x1b[200~two\x1b[201~');
  });

  test('of several is shown first, over the pane, and the pane is written anew afterwards', async () => {
    const s = await typing();
    s.send('\x1b[200~one\r\ntwo\r\x1b[201~');
    expect(s.live).toEqual([true, false]);
    s.panes[0]?.prints('unseen');
    expect(s.screen()).not.toContain('unseen');
    expect(s.panes[0]?.got).toBe('');
    s.wait(500);
    s.send('\r');
    expect(s.panes[0]?.got).toBe('one\rtwo\r');
    expect(s.panes[0]?.redraws).toBe(1);
    expect(s.live).toEqual([true, false, true]);
    s.wait(250);
    expect(typedReports(s)).toEqual([{ agent: 'builder', bytes: 8, fence: 1 }]);
  });

  test('is no paste: a line and some arrows, read late', async () => {
    const s = await typing();
    s.send('ls\r\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A');
    expect(s.panes[0]?.got).toBe('ls\r\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A');
  });

  test('whose brackets are cut by a slow line is a paste still', async () => {
    const s = await typing();
    s.send('\x1b[20');
    s.wait(100);
    s.send('0~one\rtwo\r\x1b[201~');
    expect(s.desk.state.ui.overlay?.kind).toBe('paste');
    const late = await typing();
    late.send('\x1b[');
    late.wait(100);
    late.send('200~one and two\rthree\r\x1b[201~');
    expect(late.desk.state.ui.overlay?.kind).toBe('paste');
  });

  test('that came without brackets is a paste too', async () => {
    const s = await typing();
    s.send('make all\rmake install\r');
    expect(s.desk.state.ui.overlay?.kind).toBe('paste');
    s.wait(500);
    s.send('\x1b');
    s.wait(50);
    s.wait(50);
    expect(s.panes[0]?.got).toBe('');
    expect(s.said()).toBe('nothing was pasted');
  });

  test('is not sent when the keyboard was lost while it was looked at', async () => {
    const s = await typing();
    s.send('\x1b[200~a\nb\x1b[201~');
    s.emit(released(1), taken('s-2', 2));
    s.wait(500);
    s.send('\r');
    expect(s.panes[0]?.got).toBe('');
    expect(s.said()).toContain('nothing was typed');
  });
});

describe('the agent’s lives', () => {
  test('a new incarnation is followed into its pane', async () => {
    const s = await typing();
    s.emit(exited());
    expect(s.panes[0]?.open).toBe(true);
    const again = started('builder', 7);
    s.emit(
      again.kind === 'agent.started'
        ? { ...again, data: { ...again.data, incarnation: 2, pane: PaneId.parse('%7') } }
        : again,
    );
    await s.turn();
    expect(s.opened).toEqual(['%1', '%7']);
    expect(s.panes[0]?.open).toBe(false);
    s.send('x');
    expect(s.panes[1]?.got).toBe('x');
  });

  test('one that ends for good is left, with a word', async () => {
    const s = await typing();
    s.emit(exited(), { ...exited(), kind: 'agent.stopped', data: { agent: exited().data.agent } } as Draft);
    s.panes[0]?.ends();
    for (let n = 0; n < 10; n++) s.wait(200);
    expect(s.desk.state.ui.stage).toBe('');
    expect(s.desk.state.ui.toasts.map(t => t.text).join()).toContain('left builder: it is stopped');
  });
});

describe('ringing', () => {
  test('is for who has an agent on stage too, when the fleet file says so; the line counts what waits', async () => {
    const s = await typing();
    const ringing = { rule: 'asking', channels: ['bell'], text: 'docs asks', test: false } as const;
    s.desk.act({ type: 'rang', ringing, at: s.desk.at });
    expect(s.desk.effects.at(-1)).toMatchObject({ do: 'ring' });
  });

  test('where the window’s focus is known on stage as in the panes', async () => {
    const s = await typing();
    s.send('\x1b[O');
    expect(s.desk.state.window.focused).toBe(false);
    s.send('\x1b[I');
    expect(s.desk.state.window.focused).toBe(true);
    expect(s.panes[0]?.got).toBe('\x1b[O\x1b[I');
  });
});

describe('what the line says', () => {
  test('where one is, the mode, who holds the keyboard, and how many wait', async () => {
    const s = await typing();
    expect(s.line()).toMatch(/^ payments ▸ builder {2}COLLABORATE {3}⌨ you .*Ctrl-\\ back/);
    s.emit(asks({ id: 'r-0001', agent: 'docs' }));
    expect(s.line()).toContain('▲ 1 asking');
    expect(s.desk.state.ui.stage).toBe('builder');
    s.emit(released(1));
    expect(s.line()).toContain('⌨ free');
  });

  test('is as wide as the terminal, whatever is said', async () => {
    const s = await typing();
    for (const cols of [20, 80, 133]) {
      const before = s.desk.state;
      s.desk.resize(cols, 24);
      s.stage.follow(s.desk.state, before);
      expect([...s.line()]).toHaveLength(cols);
      expect(s.panes[0]?.size).toBe(`${cols}x24`);
    }
  });
});

function mode(from: Mode, to: Mode): Draft {
  return { ...taken('s-1', 1), kind: 'mode.changed', data: { session: SessionId.parse('s-1'), from, to } };
}

function exited() {
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

function lose(s: Scene): void {
  const before = s.desk.state;
  s.desk.act({ type: 'lost', reason: 'the connection ended', at: s.desk.at });
  s.stage.follow(s.desk.state, before);
}
