/** The stage around the pure core: a person's bytes, a pane that notes what it gets, and time that the test moves. */
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../../src/model/event.ts';
import { PaneId } from '../../../src/model/ids.ts';
import { asks, started } from '../events.ts';
import { exited, open, released, scene, taken, typing } from './scene.ts';

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
