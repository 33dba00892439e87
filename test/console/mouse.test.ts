/** Clicks and the wheel on what is drawn: they select, open, scroll and press hints. They never decide. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/console/layout.ts';
import { wantsMouse } from '../../src/console/mouse.ts';
import type { ConsoleState } from '../../src/console/state.ts';
import { update } from '../../src/console/update.ts';
import { desk, EDIT, HIGH } from '../panes/desk.ts';
import { rowsOf, targetAt } from '../panes/look.tsx';
import type { Desk } from './desk.ts';
import { asks } from './events.ts';

const LOW = asks({ id: 'r-slow', agent: 'docs', risk: 5, input: { command: 'touch made' } });

/** Column and row of a text on the screen, as a person would look for it. */
function find(state: ConsoleState, text: string): { x: number; y: number } {
  const rows = rowsOf(state);
  const y = rows.findIndex(row => row.includes(text));
  if (y < 0) throw new Error(`no ${text} in\n${rows.join('\n')}`);
  return { x: rows[y]?.indexOf(text) ?? 0, y };
}

type Gesture = 'click' | 'wheel-up' | 'wheel-down';

/** Points at a place after looking at it for half a second. */
function at(d: Desk, x: number, y: number, gesture: Gesture = 'click'): Desk {
  d.paint().wait(500);
  rowsOf(d.state);
  return d.act({ type: 'pointed', gesture, x, y, target: targetAt(x, y), at: d.at }).paint();
}

function click(d: Desk, text: string): Desk {
  const { x, y } = find(d.state, text);
  return at(d, x, y);
}

function wheel(d: Desk, text: string, gesture: 'wheel-up' | 'wheel-down'): Desk {
  const { x, y } = find(d.state, text);
  return at(d, x, y, gesture);
}

describe('a click', () => {
  test('selects the row under it and its pane; a second one opens it', () => {
    const d = click(desk([HIGH]), 'reviewer');
    expect(d.state.ui).toMatchObject({ focus: 'agents', agent: 'reviewer', stage: '' });
    expect(click(d, '▸3 reviewer').state.ui.stage).toBe('reviewer');
  });

  test('on a request shows it, a second one all of it; on an event likewise', () => {
    const d = desk([HIGH, EDIT]);
    expect(click(d, 'Edit src/api.ts').state.ui).toMatchObject({ request: 'r-edit', overlay: null });
    expect(click(d, 'LOW builder').state.ui.overlay).toMatchObject({ kind: 'action', request: 'r-edit' });
    click(d, 'Esc');
    click(d, 'restart 2 in 400 ms');
    expect(d.state.ui).toMatchObject({ focus: 'timeline', overlay: null });
    expect(click(d, 'restart 2 in 400 ms').state.ui.overlay?.kind).toBe('event');
  });

  test('where nothing is moves the focus only', () => {
    const d = desk([HIGH]);
    const rect = layoutOf(d.state).panes.find(p => p.pane === 'screen')?.rect;
    at(d, (rect?.x ?? 0) + 5, (rect?.y ?? 0) + 5);
    expect(d.state.ui.focus).toBe('screen');
  });

  test('on a hint presses it, on the answers of a question and on a row of the palette too', () => {
    const d = click(desk([HIGH]), 'w why');
    expect(d.state.ui.overlay?.kind).toBe('why');
    expect(click(d, 'Esc closes').state.ui.overlay).toBeNull();
    click(d, ': command');
    d.type('restart');
    click(d, ' ▸ restart');
    expect(d.state.ui.overlay?.kind).toBe('confirm');
    click(d, 'y yes');
    expect(d.sends).toMatchObject([{ request: 'agent.restart' }]);
  });

  test('beside what is open does nothing', () => {
    const d = click(desk([HIGH]), 'd deny');
    const { overlay } = d.state.ui;
    expect(overlay?.kind).toBe('note');
    const list = find(d.state, 'crawler');
    expect(at(d, list.x, list.y).state.ui).toMatchObject({ overlay, focus: 'approvals' });
  });
});

describe('a click never decides', () => {
  test('approve opens the question for every risk, and its yes takes the key', () => {
    const d = click(desk([LOW]), 'a approve');
    expect(d.state.ui.overlay?.kind).toBe('confirm');
    expect(d.sends).toEqual([]);
    click(d, 'y yes');
    expect(d.said).toBe('a click never decides: press the key');
    expect(d.sends).toEqual([]);
    d.press('y');
    expect(d.sends).toMatchObject([{ with: { decision: 'approve', evidence: { keys: ['click', 'y'] } } }]);
  });

  test('deny asks for words, and Enter is the key’s', () => {
    const d = click(desk([HIGH]), 'd deny');
    click(d, '⏎ denies');
    expect(d.sends).toEqual([]);
    expect(d.state.ui.overlay?.kind).toBe('note');
  });

  test('what has just appeared is not even asked about', () => {
    const d = desk([LOW]);
    const { x, y } = find(d.state, 'a approve');
    d.emit(asks({ id: 'r-newer', agent: 'docs', risk: 90 }))
      .press('k')
      .paint();
    rowsOf(d.state);
    d.act({ type: 'pointed', gesture: 'click', x, y, target: targetAt(x, y), at: d.at });
    expect(d.state.ui.overlay).toBeNull();
    expect(d.said).toContain('it has just appeared');
  });

  test('staged work is not carried out by one', () => {
    const d = desk([LOW], { mode: 'prepare' });
    d.emit({
      kind: 'stage.added',
      actor: { type: 'operator', id: 'alice', via: 'console' },
      subject: 'operator:alice',
      data: {
        session: d.state.me?.session ?? '',
        item: 1,
        staged: { type: 'message', agent: 'docs', text: 'hello' },
      },
    } as never);
    click(d, 'commits');
    expect(d.state.ui.overlay?.kind).toBe('confirm');
    click(d, 'y yes');
    expect(d.sends).toEqual([]);
    d.press('y');
    expect(d.sends).toMatchObject([{ request: 'stage.commit' }]);
  });

  const DECIDES = ['approval.decide', 'grant.issue', 'stage.commit'];
  test('wherever it goes, in whatever state keys have led to', () => {
    const keys = fc.constantFrom(
      'tab',
      'a',
      'd',
      'e',
      'o',
      'G',
      'l',
      'w',
      'enter',
      'esc',
      ':',
      '?',
      'C',
      'm',
      'p',
      'j',
      'g',
    );
    const places = fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 29 }));
    const gestures = fc.constantFrom<Gesture>('click', 'click', 'wheel-up', 'wheel-down');
    const step = fc.oneof(keys, fc.tuple(places, gestures));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 14 }), steps => {
        const d = desk([LOW, HIGH, EDIT], { cols: 100, rows: 30 });
        for (const one of steps) {
          d.paint().wait(500);
          if (typeof one === 'string') {
            d.key(one).paint();
            continue;
          }
          const [[x, y], gesture] = one;
          rowsOf(d.state);
          const before = d.effects.length;
          d.act({ type: 'pointed', gesture, x, y, target: targetAt(x, y), at: d.at });
          const sent = d.effects.slice(before).flatMap(e => (e.do === 'send' ? [e.send.request] : []));
          expect(sent.filter(request => DECIDES.includes(request))).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('the wheel', () => {
  test('scrolls the list or the text under it, and leaves the focus where it is', () => {
    const d = desk([HIGH, EDIT, LOW]);
    wheel(d, '5 docs', 'wheel-down');
    expect(d.state.ui).toMatchObject({ focus: 'approvals', agent: 'deployer' });
    const first = d.state.ui.request;
    wheel(d, 'HIGH deployer', 'wheel-down');
    expect(d.state.ui.request).not.toBe(first);
    wheel(d, 'held by', 'wheel-down');
    expect(d.state.ui.scroll).toBe(3);
    wheel(d, 'held by', 'wheel-up');
    expect(d.state.ui.scroll).toBe(0);
  });

  test('up over a screen looks back in the agent that is shown, down comes forward again', () => {
    const d = desk([HIGH]);
    const rect = layoutOf(d.state).panes.find(p => p.pane === 'screen')?.rect;
    const [x, y] = [(rect?.x ?? 0) + 5, (rect?.y ?? 0) + 5];
    at(d, x, y, 'wheel-down');
    expect(d.state.ui.back).toBeNull();
    at(d, x, y, 'wheel-up');
    expect(d.state.ui).toMatchObject({ focus: 'screen', agent: 'deployer', back: { pane: '%2' } });
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i}`);
    d.act({ type: 'recalled', pane: '%2', lines, at: d.at });
    const top = d.state.ui.back?.top ?? 0;
    expect(at(d, x, y, 'wheel-up').state.ui.back?.top).toBe(top - 3);
    for (let n = 0; n < 3; n++) at(d, x, y, 'wheel-down');
    expect(d.state.ui.back).toBeNull();
  });

  test('scrolls the page that is open, not what lies below', () => {
    const d = desk([HIGH]).press('?');
    wheel(d, 'Works here', 'wheel-down');
    expect(d.state.ui.overlay).toMatchObject({ kind: 'help', scroll: 3 });
  });
});

describe('turned off', () => {
  test('by its command, which is kept; reports still on their way do nothing', () => {
    const d = desk([HIGH]);
    expect(wantsMouse(d.state)).toBe(true);
    const { x, y } = find(d.state, 'w why');
    d.press('ctrl-o');
    expect(wantsMouse(d.state)).toBe(false);
    expect(d.effects).toContainEqual({ do: 'remember', choice: { mouse: false } });
    expect(at(d, x, y).state.ui.overlay).toBeNull();
    d.press('ctrl-o');
    expect(d.effects.at(-1)).toEqual({ do: 'remember', choice: { mouse: true } });
    expect(click(d.wait(9000), 'w why').state.ui.overlay?.kind).toBe('why');
  });

  test('on the stage, where it is the agent’s', () => {
    const d = desk([HIGH]).press('tab', 'tab', 'enter');
    const staged = { ...d.state, ui: { ...d.state.ui, stage: 'builder' } };
    expect(wantsMouse(staged)).toBe(false);
    const pointed = {
      type: 'pointed',
      gesture: 'click',
      x: 1,
      y: 43,
      target: { on: 'command', id: 'look.why' },
      at: d.at,
    } as const;
    expect(update(staged, pointed).state.ui.overlay).toBeNull();
  });
});
