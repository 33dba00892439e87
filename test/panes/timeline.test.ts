import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/model/event.ts';
import { MessageId } from '../../src/model/ids.ts';
import { settled } from '../console/events.ts';
import { desk, EDIT, HIGH } from './desk.ts';
import { rowsOf, textOf } from './look.tsx';

const says = (from: string, to: string, text: string, id: string, reply?: string): Draft => ({
  kind: 'message.sent',
  actor: {
    type: from.startsWith('operator:') ? 'operator' : 'agent',
    id: from.split(':')[1] ?? '',
    via: 'test',
  },
  subject: to,
  data: {
    from,
    to,
    text,
    id: MessageId.parse(id),
    ...(reply ? { reply: MessageId.parse(reply), thread: MessageId.parse(reply) } : {}),
  },
});

const TALK: readonly Draft[] = [
  says('agent:builder', 'agent:docs', 'the lockfile is mine', 'm-aaaa'),
  says('agent:docs', 'agent:builder', 'then the manifest is yours too', 'm-bbbb', 'm-aaaa'),
  says('agent:crawler', 'people', 'which 漢字 \x1b[2J\u202e colour?\nred\tor blue 👩‍💻', 'm-cccc'),
  says('operator:alice', 'agent:crawler', 'blue', 'm-dddd', 'm-cccc'),
  says('agent:reviewer', 'all', 'for everybody', 'm-eeee'),
];

/** The timeline has the focus. */
const looking = (cols: number, rows: number) =>
  desk([...TALK, HIGH, EDIT, settled('r-edit', 'denied')], { cols, rows }).press('t', 't');

describe('the timeline at every size', () => {
  test.each([
    [200, 50],
    [160, 44],
    [120, 40],
    [80, 24],
    [40, 12],
    [400, 120],
  ])('%ix%i is filled exactly, in the list, in lanes, and with every question', (cols, rows) => {
    for (const keys of [
      [],
      ['W'],
      ['W', 'right', 'right', 'right', 'right'],
      ['W', 'down', 'enter'],
      ['end', 'enter', 'right', 'left'],
      ['f'],
      ['ctrl-t'],
      ['@'],
      ['end', 'R'],
      ['/'],
    ]) {
      const d = looking(cols, rows).press(...keys);
      if (keys.length === 1) d.type('kind:nix "漢');
      const drawn = rowsOf(d.state);
      expect(drawn).toHaveLength(rows);
      for (const row of drawn) expect(stringWidth(row), `${keys.join(' ')}: ${row}`).toBe(cols);
      expect(drawn.join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    }
  });
});

test('lanes show who talks to whom', () => {
  const rows = rowsOf(looking(120, 40).press('W').state).map(row =>
    row.replace(/\d\d:\d\d:\d\d/, '--:--:--'),
  );
  expect(`${rows.slice(1, 21).join('\n')}\n`).toMatchInlineSnapshot(`
    "┏━ Lanes ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
    ┃          builder      deployer     reviewer     crawler      docs         @people      @alice       the fleet        ┃
    ┃ --:--:--   │            │            │      engine 0.1.0 took charge of payments, pid 1 · first start ●              ┃
    ┃ --:--:--   │            │  fleet file in force: 5 agents (builder, deployer, reviewer, crawler, docs) ●              ┃
    ┃ --:--:--   ● started: agent builder · incarnation 1, pid 1001  │            │            │            │              ┃
    ┃ --:--:--   │            ● started: agent deployer · incarnation 1, pid 1002 │            │            │              ┃
    ┃ --:--:--   │            │            ● started: agent reviewer · incarnation 1, pid 1003 │            │              ┃
    ┃ --:--:--   │            │            │            ● started: agent crawler · incarnation 1, pid 1004  │              ┃
    ┃ --:--:--   │            │            │            │            ● started: agent docs · incarnation 1, pid 1005       ┃
    ┃ --:--:--   │            │            │            ● restart 2 in 400 ms · exit 137       │            │              ┃
    ┃ --:--:--   ●─ the lockfile is mine ────────────────────────────▶            │            │            │              ┃
    ┃ --:--:--   ◀─ then the manifest is yours too ──────────────────●            │            │            │              ┃
    ┃ --:--:--   │            │            │            ●─ which 漢字 ␛[2J⟨U+20… ─▶            │            │              ┃
    ┃ --:--:--   │            │            │            ◀─ blue ───────────────────────────────●            │              ┃
    ┃ --:--:--   │            │            ● to @all: for everybody  │            │            │            │              ┃
    ┃ --:--:--   │            ●─ asks kubectl delete ns staging ──────────────────▶            │            │              ┃
    ┃ --:--:--   ●─ asks Edit src/api.ts +1 −1 ───────────────────────────────────▶            │            │              ┃
    ┃ --:--:--   ● r-edit denied           │            │            │            │            │            │              ┃
    ┃ --:--:--   │            │            │            │  attached as lead in watch · console ●            │              ┃
    ┃                                                                                                                      ┃
    "
  `);
});

test('the details show what belongs together, and the arrows go along it', () => {
  const d = looking(160, 44).press('/').type('kind:message from:docs').press('enter').press('enter');
  const text = textOf(d.state);
  expect(text).toContain('then the manifest is yours too');
  expect(text).toMatch(/belongs together/);
  expect(text).toMatch(/▸ \d\d:\d\d:\d\d docs docs → builder \(answers\)/);
  expect(textOf(d.press('left').state)).toMatch(/▸ \d\d:\d\d:\d\d builder builder → docs/);
  expect(textOf(d.press('left').state)).toMatch(/▸ \d\d:\d\d:\d\d builder/);
});

test('what a query means is told as it is typed, and Tab completes it', () => {
  const d = looking(160, 44).press('/').type('kin').press('tab');
  expect(textOf(d.state)).toContain('/ kind:');
  d.type('mess').press('tab');
  expect(d.state.ui.filters.timeline).toBe('kind:message');
  d.type('x');
  expect(textOf(d.state)).toContain('! there is no kind messagex');
});

test('a reply goes to whoever wrote, into an inbox', () => {
  const d = looking(160, 44).press('/').type('colour').press('enter').press('R').type('green').press('enter');
  expect(d.sends.filter(s => s.request === 'message.send')).toEqual([
    { request: 'message.send', with: { to: 'crawler', text: 'green', reply: 'm-cccc' } },
  ]);
});

test('unread messages are counted until the timeline has had the focus', () => {
  const d = desk(TALK);
  expect(textOf(d.state)).toContain('✉ 2');
  d.press('t', 't');
  expect(d.sends.filter(s => s.request === 'message.read')).toHaveLength(1);
  const to = d.state.receipt;
  d.emit({
    kind: 'message.read',
    actor: { type: 'operator', id: 'alice', via: 'test' },
    subject: 'operator:alice',
    data: { by: 'operator:alice', to },
  });
  expect(textOf(d.state)).not.toContain('✉');
  d.emit(says('agent:docs', 'operator:alice', 'psst', 'm-ffff'));
  expect(d.said).toBe('✉ docs: psst');
});

test('Esc leaves the lanes, and what was selected in them stays selected', () => {
  const d = looking(120, 40).press('W', 'up', 'up');
  const { event } = d.state.ui;
  expect(event).toBeGreaterThan(0);
  d.press('esc');
  expect(d.state.ui).toMatchObject({ bottom: 'timeline', focus: 'timeline', event });
});
