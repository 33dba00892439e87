import { describe, expect, test } from 'vitest';
import { bellOf } from '../../src/console/bell.ts';
import { decode, NEW_DECODER } from '../../src/console/keys.ts';
import type { Ringing } from '../../src/protocol/messages.ts';
import { waitFor } from '../support/wait.ts';
import { Desk } from './desk.ts';
import { FLEET } from './events.ts';
import { running } from './running.ts';

const ringing: Ringing = {
  rule: 'asking',
  channels: ['bell', 'osc9'],
  text: 'builder asks: git push',
  test: false,
};
const rings = (d: Desk): number => d.effects.filter(e => e.do === 'ring').length;
const rang = (d: Desk, more: Partial<Ringing> = {}) =>
  d.act({ type: 'rang', ringing: { ...ringing, ...more }, at: d.at });
const focused = (d: Desk, is: boolean) => d.act({ type: 'focused', focused: is, at: d.at });

describe('a console rings', () => {
  test('while its window has not the focus, and not while it has', () => {
    const d = new Desk(FLEET);
    focused(d, true);
    expect(rings(rang(d))).toBe(0);
    focused(d.wait(120_000), false);
    expect(rings(rang(d))).toBe(1);
  });

  test('where the terminal does not tell of the focus, once no key has been pressed for a while', () => {
    const d = new Desk(FLEET).press('down');
    expect(rings(rang(d))).toBe(0);
    expect(rings(rang(d.wait(31_000)))).toBe(1);
    expect(rings(rang(d.press('down')))).toBe(1);
  });

  test('for a test always', () => {
    const d = new Desk(FLEET);
    focused(d, true);
    expect(rings(rang(d, { test: true }))).toBe(1);
  });
});

test('reports of the focus are no keys, make no burst and may come in parts', () => {
  const first = decode(NEW_DECODER, 'a\x1b[I');
  expect(first.inputs).toEqual([{ type: 'key', key: 'a', text: 'a', burst: false }]);
  expect(first.focused).toBe(true);
  const half = decode(NEW_DECODER, '\x1b[');
  expect(half.focused).toBeUndefined();
  const rest = decode(half.decoder, 'O');
  expect([rest.focused, rest.inputs]).toEqual([false, []]);
  expect(decode(NEW_DECODER, '\x1b[I\x1b[O').focused).toBe(false);
  // The arrow and function keys are theirs still.
  expect(decode(NEW_DECODER, '\x1bOP').inputs).toMatchObject([{ key: 'f1' }]);
});

test('how sequences reach the terminal is asked once, and a way that cannot be told is the bell alone', async () => {
  let asked = 0;
  const written: string[] = [];
  const ring = bellOf({
    write: text => written.push(text),
    passing: () => {
      asked += 1;
      return Promise.reject(new Error('no tmux'));
    },
  });
  ring(ringing, 'story');
  ring(ringing, 'story');
  await new Promise(resolve => setImmediate(resolve));
  expect(written).toEqual(['\x07', '\x07']);
  expect(asked).toBe(1);
});

test('the terminal is asked for the focus, rings while it is elsewhere, and is asked no more afterwards', async () => {
  await running(async ({ engine, screen, keys, ended, shows }) => {
    let bells = 0;
    screen.terminal.onBell(() => {
      bells += 1;
    });
    const told: string[] = [];
    screen.terminal.parser.registerOscHandler(9, text => {
      told.push(text);
      return true;
    });
    await shows('Nothing waits for you.');
    expect(screen.terminal.modes.sendFocusMode).toBe(true);
    keys.write('\x1b[O');
    await waitFor(
      () => {
        engine.push({ push: 'ring', ringing });
        return told.length > 0;
      },
      { what: 'the notification' },
    );
    expect(told[0]).toBe('hms payments: builder asks: git push');
    expect(bells).toBeGreaterThan(0);
    keys.write('q');
    await ended;
    await shows('payments goes on');
    expect(screen.terminal.modes.sendFocusMode).toBe(false);
  });
});
