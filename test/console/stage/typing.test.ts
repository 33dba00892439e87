/** What a person types on stage: who it goes to, the reserved key, pastes. */
import { describe, expect, test } from 'vitest';
import {
  exited,
  lose,
  mode,
  open,
  released,
  type Scene,
  scene,
  taken,
  typedReports,
  typing,
} from './scene.ts';

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

  test('another person takes the keyboard: what tmux has not read yet is dropped with the pane, which opens anew', async () => {
    const s = await typing();
    s.send('rm -rf build');
    s.emit(taken('s-2', 2));
    expect(s.panes[0]?.wasCut).toBe(true);
    await s.turn();
    expect(s.opened).toEqual(['%1', '%1']);
    s.send('\r');
    expect(s.panes[1]?.got).toBe('');
    // Nothing of this one's hands is in the new pane: it stays.
    s.emit(taken('s-3', 3));
    expect(s.panes[1]?.open).toBe(true);
  });

  test('a keyboard given up with nobody after it leaves the pane as it is', async () => {
    const s = await typing();
    s.send('a');
    s.emit(released(1));
    expect(s.panes[0]?.open).toBe(true);
    s.emit(taken('s-1', 2));
    s.send('b');
    expect(s.panes[0]?.got).toBe('ab');
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
