import { expect, test } from 'vitest';
import type { Effect } from '../../src/console/effects.ts';
import { decidableView } from '../../src/console/layout.ts';
import { canWait, consoleStore, showsDifference } from '../../src/console/store.ts';
import { CastFile } from '../../src/model/ids.ts';
import { Desk } from './desk.ts';
import { asks, digest, fleet, started, status } from './events.ts';

const DRAFTS = [
  ...fleet({ builder: 'claude' }),
  started('builder', 1),
  asks({ id: 'r-aaaa', agent: 'builder' }),
];

test('effects are performed after the state has changed, in order', () => {
  const d = new Desk(DRAFTS).wait(1000);
  const seen: string[] = [];
  const store = consoleStore(d.state, (effect: Effect) => {
    seen.push(`${effect.do} ${store.api.getState().ui.sent.join(' ')}`);
  });
  store.act({ type: 'input', input: { type: 'key', key: 'a', text: 'a', burst: false }, at: d.at });
  expect(seen).toEqual(['send r-aaaa']);
});

test('a frame that was written is no reason to draw another one', () => {
  const d = new Desk(DRAFTS);
  const before = d.state;
  d.at += 5000;
  d.act({ type: 'painted', view: decidableView(before), at: d.at });
  expect(showsDifference(before, d.state)).toBe(false);
  d.act({ type: 'painted', view: '', at: d.at });
  expect(showsDifference(before, d.state)).toBe(false);
  d.wait(1000);
  expect(showsDifference(before, d.state)).toBe(true);
});

test('what recorders write down as they go on is drawn with the next tick, everything else at once', () => {
  const chunk = {
    kind: 'recording.chunked',
    actor: { type: 'cell', id: 'recorder', via: 'engine' },
    subject: 'agent:builder',
    data: { file: CastFile.parse('builder.1.cast'), chunk: 1, bytes: 10, digest: digest(1) },
  } as const;
  const d = new Desk(DRAFTS);
  const before = d.state;
  d.emit(chunk, { ...chunk, data: { ...chunk.data, chunk: 2 } });
  expect(showsDifference(before, d.state)).toBe(true);
  expect(canWait(before, d.state)).toBe(true);
  const then = d.state;
  d.emit(status('builder', 'working', 'prints'), chunk);
  expect(canWait(then, d.state)).toBe(false);
  expect(canWait(before, d.state)).toBe(false);
  const last = d.state;
  d.press('?');
  expect(canWait(last, d.state)).toBe(false);
  expect(canWait(last, last)).toBe(false);
});
