/** Breakers on the page of healing: as people see them, and as they act on them. */
import { expect, test } from 'vitest';
import { breakerName } from '../../src/model/breaker.ts';
import type { BreakerReading } from '../../src/model/breaker-view.ts';
import type { Data, Draft } from '../../src/model/event.ts';
import { Desk, type DeskOptions } from '../console/desk.ts';
import { FLEET } from '../console/events.ts';
import { rowsOf } from './look.tsx';

const anthropic = breakerName('provider', 'anthropic');
const git = breakerName('call', 'git');
const draft = <K extends Draft['kind']>(kind: K, data: Data<K>): Draft =>
  ({ kind, data, actor: { type: 'cell', id: 'breaker', via: 'engine' }, subject: 'fleet' }) as Draft;
const opened = draft('breaker.opened', {
  breaker: anthropic,
  why: '2 of 3 calls failed \u001b[31m',
  waitMs: 60_000,
  openings: 1,
  calls: 3,
  failed: 2,
  slow: 0,
});

const quiet: BreakerReading = {
  name: git,
  is: 'closed',
  kind: 'consecutive',
  adaptive: false,
  waitMs: 0,
  openings: 0,
  calls: 1,
  failed: 1,
  slow: 0,
};

function desk(options: DeskOptions = {}): Desk {
  const d = new Desk([...FLEET, opened], options).press('I');
  d.act({ type: 'counted', breakers: [quiet], at: d.at });
  return d;
}

test('each stands with its state, its failures and why; those that refuse something first', () => {
  const rows = rowsOf(desk().state);
  const screen = rows.join('\n');
  expect(screen).toMatch(/▸ ✖ provider:anthropic +open, \d+ s +67 % of 3 .*2 of 3 calls failed/);
  expect(screen).toMatch(/✔ call:git +closed +100 % of 1/);
  expect(screen.indexOf('provider:anthropic ')).toBeLessThan(screen.indexOf('call:git'));
  expect(screen).not.toContain('\u001b[31m');
});

test('the header says what is not called, also when the page is closed', () => {
  expect(rowsOf(desk().press('esc').state)[0]).toContain('◇ provider:anthropic open');
});

test('the page asks for what was counted', () => {
  expect(desk().sends).toEqual([{ request: 'breaker.list', with: {} }]);
});

test('Tab chooses one, a key asks, and only a yes sends it; then the page is back', () => {
  const d = desk().press('tab', 'i');
  expect(d.state.ui.overlay).toMatchObject({ kind: 'confirm', ask: { title: 'Isolate call:git?' } });
  d.press('n');
  expect(d.state.ui.overlay).toMatchObject({ kind: 'healing', breaker: git });
  expect(d.sends).toHaveLength(1);
  d.press('i', 'y');
  expect(d.sends.at(-1)).toEqual({ request: 'breaker.isolate', with: { breaker: git } });
  expect(d.state.ui.overlay).toMatchObject({ kind: 'healing' });
  d.press('shift-tab', 'c', 'y');
  expect(d.sends.at(-1)).toEqual({ request: 'breaker.close', with: { breaker: anthropic } });
});

test('who may not steer is told so, and nothing is asked', () => {
  const d = desk({ mode: 'observe' }).press('o');
  expect(d.state.ui.overlay).toMatchObject({ kind: 'healing' });
  expect(d.state.ui.toasts.at(-1)?.tone).toBe('warn');
});

test('it fits the smallest terminal', () => {
  for (const row of rowsOf(desk({ cols: 80, rows: 24 }).state))
    expect([...row].length).toBeLessThanOrEqual(80);
});
