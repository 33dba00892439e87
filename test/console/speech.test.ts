import { expect, test } from 'vitest';
import { speech } from '../../src/console/speech.ts';
import type { ConsoleState } from '../../src/console/state.ts';
import { Desk } from './desk.ts';
import { asks, fleet, settled, started, status } from './events.ts';

const desk = (): Desk =>
  new Desk([
    ...fleet({ builder: 'claude', deployer: 'claude' }),
    started('builder', 1),
    started('deployer', 2),
  ]);

/** What is said because of what `body` does. */
function said(d: Desk, body: (d: Desk) => unknown): readonly string[] {
  const before: ConsoleState = d.state;
  body(d);
  return speech(before, d.state);
}

test('begins with who is there and how to go on', () => {
  const lines = speech(null, desk().state);
  expect(lines[0]).toBe('fleet payments, watch mode, 2 agents, 0 requests waiting');
  expect(lines).toContainEqual(expect.stringMatching(/^builder: starting/));
  expect(lines.at(-1)).toBe('approvals: nothing waits for you');
});

test('says statuses, requests and what became of them, each once', () => {
  const d = desk();
  expect(said(d, x => x.emit(status('builder', 'working', 'tests')))).toEqual(['builder: working, tests']);
  const lines = said(d, x =>
    x.emit(asks({ id: 'r-aaaa', agent: 'deployer', risk: 70, input: { command: 'rm x' } })),
  );
  expect(lines).toContainEqual(expect.stringMatching(/^deployer: .*rm x/));
  expect(lines.at(-1)).toBe('approvals, 1 of 1: high risk, deployer, rm x');
  expect(said(d, x => x.emit(settled('r-aaaa', 'denied', 'by bob'))).join('\n')).toMatch(/denied/);
});

test('says what has the focus when it moves, and nothing while only time passes', () => {
  const d = desk();
  expect(said(d, x => x.wait(5000))).toEqual([]);
  expect(said(d, x => x.press('2'))).toEqual([expect.stringMatching(/^agents, 2 of 2: deployer, starting/)]);
  expect(said(d, x => x.press('k'))).toEqual([expect.stringMatching(/^agents, 1 of 2: builder/)]);
  expect(said(d, x => x.press('g'))).toEqual([expect.stringMatching(/^grid, 1 of 2: builder/)]);
});

test('reads what has scrolled away line by line', () => {
  const d = desk()
    .press('1', 'v', 'pageup')
    .act({ type: 'recalled', pane: '%1', lines: ['one', 'two\x1b[31m', ''], at: 0 });
  d.press('end');
  expect(said(d, x => x.press('home'))).toEqual(['line 1: one']);
  expect(said(d, x => x.press('j'))).toEqual(['line 2: two']);
  expect(said(d, x => x.press('j'))).toEqual(['line 3: blank']);
});

test('whatever agents made is said on one line, without what could steer a terminal', () => {
  const d = desk();
  const lines = said(d, x => x.emit(status('builder', 'asking', 'one\r\n\x1b]0;x\x07two\u202e')));
  expect(lines).toHaveLength(1);
  expect(lines.join('')).not.toMatch(/[\x00-\x1f\u202e]/);
});
