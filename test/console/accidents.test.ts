/** Approving must be hard to do by accident: the rules of the guard, as a person would run into them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/console/commands/index.ts';
import { RequestId } from '../../src/model/ids.ts';
import { Desk, type DeskOptions } from './desk.ts';
import { type Asked, asks, digest, fleet, settled, started } from './events.ts';

const FLEET = [
  ...fleet({ builder: 'claude', deployer: 'claude' }),
  started('builder', 1),
  started('deployer', 2),
];

function desk(requests: readonly Asked[], options: DeskOptions = {}): Desk {
  return new Desk([...FLEET, ...requests.map(asks)], options);
}

const LOW: Asked = { id: 'r-low1', agent: 'builder', risk: 10, digest: digest(11) };
const HIGH: Asked = { id: 'r-high', agent: 'deployer', risk: 70, digest: digest(12) };
const CRITICAL: Asked = { id: 'r-crit', agent: 'deployer', risk: 95, digest: digest(13) };

const decisions = (d: Desk) =>
  d.sends.filter(s => ['approval.decide', 'grant.issue', 'stage.add'].includes(s.request));

describe('a decision key counts', () => {
  test('when the queue has the focus and the request has been on screen for 400 ms', () => {
    const d = desk([LOW]).wait(399).key('a');
    expect(decisions(d)).toEqual([]);
    expect(d.said).toContain('400 ms');
    d.wait(1).key('a');
    expect(decisions(d)).toEqual([
      {
        request: 'approval.decide',
        with: {
          request: 'r-low1',
          decision: 'approve',
          digest: digest(11),
          note: '',
          evidence: { shownMs: 400, keys: ['a'], shown: digest(11) },
        },
      },
    ]);
  });

  test('not before a frame with the request was written', () => {
    const d = desk([]);
    d.emit(asks(LOW)).wait(5000).key('a');
    expect(decisions(d)).toEqual([]);
    expect(d.said).toContain('not on your screen');
  });

  test('not while another pane has the focus', () => {
    const d = desk([LOW]).press('tab', 'a', 'd', 'o', 'G');
    expect(decisions(d)).toEqual([]);
    expect(d.state.ui.overlay).toBeNull();
  });

  test('not from a paste, with brackets or without', () => {
    const d = desk([LOW]).wait(1000).paste('a');
    d.key('a', true);
    expect(decisions(d)).toEqual([]);
    expect(d.said).toContain('paste');
  });

  test('not while a page covers the queue, nor right after it closed', () => {
    const d = desk([LOW]).press('?').wait(1000).key('a');
    expect(d.state.ui.overlay?.kind).toBe('help');
    d.key('esc').key('a');
    expect(decisions(d)).toEqual([]);
    d.paint().wait(400).key('a');
    expect(decisions(d)).toHaveLength(1);
  });

  test('not while the terminal is too small to show it', () => {
    const d = desk([LOW], { cols: 20, rows: 5 }).press('a');
    expect(decisions(d)).toEqual([]);
  });

  test('and there no key but the brake does anything to anybody: what it would ask is not seen', () => {
    const keys = COMMANDS.flatMap(c => c.keys).filter(key => key !== 'f12' && !key.includes(' '));
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...keys, 'y', 'enter', 'esc', 'down'), { maxLength: 8 }),
        pressed => {
          const d = desk([LOW, HIGH], { cols: 39, rows: 11, mode: 'collaborate' }).press(...pressed);
          expect(d.sends).toEqual([]);
          expect(d.state.ui.overlay).toBeNull();
          d.act({ type: 'resized', cols: 40, rows: 12, at: d.at }).press('1', 's', 'y');
          expect(d.sends.map(s => s.request)).toEqual(['agent.stop']);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('not twice: the first is on its way', () => {
    const d = desk([LOW]).press('a', 'a', 'd', 'a');
    expect(decisions(d)).toHaveLength(1);
  });

  test('not while the engine is away', () => {
    const d = desk([LOW]).wait(1000);
    d.act({ type: 'lost', reason: 'gone', at: d.at }).press('a', 'd');
    expect(decisions(d)).toEqual([]);
  });
});

describe('the queue changes under the finger', () => {
  test('the selection stays on its request when something riskier comes in above it', () => {
    const d = desk([LOW]).wait(1000);
    d.emit(asks(CRITICAL)).key('a');
    expect(decisions(d)).toMatchObject([{ with: { request: 'r-low1' } }]);
  });

  test('when the selected one ends, the one that takes its place needs its own 400 ms', () => {
    const d = desk([HIGH, LOW]).wait(1000);
    expect(d.state.ui.request).toBe('r-high');
    d.emit(settled('r-high', 'denied')).paint().key('a');
    expect(d.state.ui.request).toBe('r-low1');
    expect(decisions(d)).toEqual([]);
    d.wait(400).key('a');
    expect(decisions(d)).toMatchObject([{ with: { request: 'r-low1' } }]);
  });

  test('a question about a request that has ended closes, and says how it ended', () => {
    const d = desk([HIGH, LOW]).press('a');
    expect(d.state.ui.overlay?.kind).toBe('confirm');
    d.emit(settled('r-high', 'denied', 'by bob')).key('y');
    expect(d.state.ui.overlay).toBeNull();
    expect(d.said).toContain('denied, by bob');
    expect(decisions(d)).toEqual([]);
  });

  test('moving away and back starts the 400 ms again', () => {
    const d = desk([HIGH, LOW]).wait(1000).key('down').paint().key('up').paint().wait(100).key('a');
    expect(d.state.ui.overlay).toBeNull();
    expect(d.said).toContain('just appeared');
  });
});

describe('what the risk asks for', () => {
  test('HIGH needs a second, different key', () => {
    const d = desk([HIGH]).press('a', 'a', 'enter', 'space');
    expect(decisions(d)).toEqual([]);
    d.press('y');
    expect(decisions(d)).toMatchObject([{ with: { decision: 'approve', evidence: { keys: ['a', 'y'] } } }]);
  });

  test('CRITICAL needs the agent’s name, typed', () => {
    const d = desk([CRITICAL]).press('a', 'y', 'enter');
    expect(decisions(d)).toEqual([]);
    d.key('backspace').paste('deployer').key('enter');
    expect(decisions(d)).toEqual([]);
    d.type('deployer').key('enter');
    const [sent] = decisions(d);
    expect(sent).toMatchObject({
      with: { request: 'r-crit', decision: 'approve', evidence: { shown: digest(13) } },
    });
    expect(sent?.request === 'approval.decide' && sent.with.evidence?.keys?.slice(-9).join(' ')).toBe(
      'd e p l o y e r enter',
    );
  });

  test('a name whose letters come together, as on a slow line, still needs an Enter of its own', () => {
    const d = desk([CRITICAL]).press('a');
    for (const c of 'deployer') d.key(c, true);
    d.key('enter', true);
    expect(decisions(d)).toEqual([]);
    d.key('enter');
    expect(decisions(d)).toHaveLength(1);
  });

  test('a grant always asks, approves the one that waits too, and is never given for CRITICAL', () => {
    const d = desk([LOW]).press('G');
    expect(decisions(d)).toEqual([]);
    d.press('y');
    expect(decisions(d)).toMatchObject([
      {
        request: 'approval.decide',
        with: { request: 'r-low1', decision: 'approve', evidence: { keys: ['G', 'y'] } },
      },
      { request: 'grant.issue', with: { request: 'r-low1', minutes: 15, uses: 10 } },
    ]);
    const c = desk([CRITICAL]).press('G', 'y');
    expect(decisions(c)).toEqual([]);
    expect(c.said).toContain('one by one');
  });
});

describe('what decides nothing', () => {
  test.each(['esc', 'n', 'enter', 'space', 'q', 'a'])('%s at the second question', key => {
    const d = desk([HIGH]).press('a', key);
    expect(decisions(d)).toEqual([]);
  });

  test('losing the connection: the question closes, and the same key does nothing', () => {
    const d = desk([HIGH]).press('a');
    d.act({ type: 'lost', reason: 'gone', at: d.at });
    expect(d.state.ui.overlay).toBeNull();
    d.press('y');
    expect(decisions(d)).toEqual([]);
  });

  test('quitting, also when the key comes together with one that would decide', () => {
    const d = desk([HIGH]).wait(1000).key('a', true).key('q', true);
    expect(d.effects).toEqual([{ do: 'quit' }]);
  });

  test('Enter in the queue: it only shows the whole action', () => {
    const d = desk([LOW]).press('enter');
    expect(d.state.ui.overlay?.kind).toBe('action');
    d.press('enter');
    expect(decisions(d)).toEqual([]);
  });
});

test('later is not deny: the request goes on waiting, after the others', () => {
  const d = desk([HIGH, LOW]).press('l');
  expect(d.sends).toEqual([{ request: 'approval.defer', with: { request: 'r-high', minutes: 5 } }]);
  expect(decisions(d)).toEqual([]);
});

test('a deny carries words, and no words are fine', () => {
  const d = desk([LOW, { ...LOW, id: 'r-low2' }]).press('d');
  expect(decisions(d)).toEqual([]);
  d.paste('use the test cluster').press('enter');
  d.emit(settled('r-low1', 'denied')).press('d', 'enter');
  expect(decisions(d)).toMatchObject([
    { with: { request: 'r-low1', decision: 'deny', note: 'use the test cluster' } },
    { with: { request: 'r-low2', decision: 'deny', note: '' } },
  ]);
});

test('an override needs a reason, a lead, and what the risk needs', () => {
  const d = desk([HIGH]).press('o', 'enter');
  expect(d.said).toContain('reason');
  d.paste('the customer waits').press('enter');
  expect(decisions(d)).toEqual([]);
  d.press('y');
  expect(decisions(d)).toMatchObject([{ with: { decision: 'override', note: 'the customer waits' } }]);
  const other = desk([HIGH], { role: 'operator', operator: 'bob' }).press('o');
  expect(other.state.ui.overlay).toBeNull();
  expect(other.said).toContain('only a lead');
});

test('a forbidden request cannot be approved, but overridden by a lead', () => {
  const d = desk([{ ...LOW, verdict: 'forbid', needs: 0 }]);
  d.emit(settled('r-low1', 'forbidden', 'no')).press('down', 'a');
  expect(decisions(d)).toEqual([]);
  expect(d.said).toContain('forbids');
  d.press('o').paste('drill').press('enter');
  expect(decisions(d)).toMatchObject([{ with: { request: 'r-low1', decision: 'override', note: 'drill' } }]);
});

test('observing decides nothing, and says what would', () => {
  const d = desk([LOW], { mode: 'observe' }).press('tab', 'tab', 'a');
  expect(decisions(d)).toEqual([]);
  expect(d.said).toMatch(/watch or collaborate/);
});

test('somebody who has approved already is not asked twice', () => {
  const d = desk([
    { ...LOW, needs: 2 },
    { ...LOW, id: 'r-low2' },
  ]).press('a');
  const request = d.sends[0]?.request === 'approval.decide' ? d.sends[0].with.request : '';
  expect(request).toBe('r-low1');
  d.emit({
    kind: 'approval.decided',
    actor: { type: 'operator', id: 'alice', via: 'console' },
    subject: 'request:r-low1',
    data: {
      request: RequestId.parse('r-low1'),
      decision: 'approve',
      digest: digest(11),
      note: '',
      edited: null,
      evidence: { keys: [] },
    },
  });
  expect(d.state.ui.request).toBe('r-low2');
  d.press('up').press('down', 'a');
  expect(decisions(d)).toHaveLength(1);
  expect(d.said).toMatch(/on its way|waits for others/);
});

const KEYS = [...new Set(COMMANDS.flatMap(c => c.keys.flatMap(k => k.split(' '))))];

test('whatever is pressed within 400 ms, or all at once, nothing is decided', () => {
  const key = fc.constantFrom(...KEYS, 'y', 'enter', 'b', 'u');
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 30 }),
      fc.boolean(),
      fc.constantFrom(LOW, HIGH, CRITICAL),
      (keys, burst, request) => {
        const d = desk([request]);
        if (burst) d.wait(5000);
        for (const k of keys) d.key(k, burst).paint();
        expect(decisions(d)).toEqual([]);
      },
    ),
  );
});

test('whatever is pressed, only a request that was selected and shown long enough is decided, with its own digest', () => {
  const key = fc.constantFrom(
    'a',
    'd',
    'y',
    'enter',
    'down',
    'up',
    'tab',
    'esc',
    'l',
    'G',
    'e',
    'paint',
    'wait',
    'more',
    'less',
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 60 }), keys => {
      const d = desk([LOW, HIGH]);
      const digests: Record<string, string> = { 'r-low1': digest(11), 'r-high': digest(12) };
      let n = 0;
      for (const k of keys) {
        const before = d.sends.length;
        const { shown } = d.state;
        if (k === 'paint') d.paint();
        else if (k === 'wait') d.wait(250);
        else if (k === 'more') {
          n += 1;
          digests[`r-more${n}`] = digest(20 + n);
          d.emit(asks({ id: `r-more${n}`, agent: 'builder', risk: (n * 37) % 89, digest: digest(20 + n) }));
        } else if (k === 'less') {
          const [first] = Object.keys(d.state.fleet.pending);
          if (first) d.emit(settled(first, 'expired'));
        } else d.key(k);
        for (const send of d.sends.slice(before)) {
          if (send.request !== 'approval.decide') continue;
          expect(send.with.digest).toBe(digests[send.with.request]);
          expect(shown?.request).toBe(send.with.request);
          expect(d.at - (shown?.since ?? d.at)).toBeGreaterThanOrEqual(400);
        }
      }
    }),
  );
});
