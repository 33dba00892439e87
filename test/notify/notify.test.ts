import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/model/event.ts';
import { AgentId } from '../../src/model/ids.ts';
import { Notifications, NotifyRule } from '../../src/model/notifications.ts';
import { ringing } from '../../src/notify/escape.ts';
import { type Gathering, gathered, windowEnded } from '../../src/notify/gather.ts';
import { isQuiet, type Notice, noticeOf, together } from '../../src/notify/occasions.ts';
import { asks, placed, status } from '../console/events.ts';
import { text } from '../support/arbitrary-events.ts';

const rule = (when: object, more: object = {}) => NotifyRule.parse({ when, to: ['bell'], ...more });
const told = (when: object, draft: Draft, before: 'working' | 'idle' = 'working') =>
  placed([draft], 0, 1).map(e => noticeOf(rule(when), e, before))[0];

describe('rules', () => {
  const push = asks({ id: 'r-aaaa', agent: 'builder', input: { command: 'git push' } });
  const wipe = asks({ id: 'r-bbbb', agent: 'builder', risk: 95 });

  test('an occasion, a kind, an agent', () => {
    expect(told({ events: ['asking'] }, push)).toMatchObject({
      occasion: 'asking',
      words: 'builder asks: git push',
    });
    expect(told({ events: ['critical'] }, push)).toBeUndefined();
    expect(told({ events: ['critical'] }, wipe)).toMatchObject({ occasion: 'critical' });
    expect(told({ kinds: ['gate.requested'] }, push)).toMatchObject({ occasion: 'other' });
    expect(told({ events: ['asking'], agents: ['docs'] }, push)).toBeUndefined();
    expect(
      told({ events: ['asking'] }, asks({ id: 'r-cccc', agent: 'builder', verdict: 'permit' })),
    ).toBeUndefined();
  });

  test('finished is coming to rest after work, not being at rest', () => {
    const idle = status('builder', 'idle', 'Stop hook');
    expect(told({ events: ['finished'] }, idle, 'working')).toMatchObject({ agent: 'builder' });
    expect(told({ events: ['finished'] }, idle, 'idle')).toBeUndefined();
  });

  test('quiet hours may go over midnight', () => {
    const night = rule({ events: ['asking'], quiet: '22:00-07:00' });
    const noon = rule({ events: ['asking'], quiet: '12:00-13:00' });
    const at = (h: number, m = 0) => h * 60 + m;
    expect([at(22), at(23, 59), at(0), at(6, 59)].every(t => isQuiet(night, t))).toBe(true);
    expect([at(7), at(12), at(21, 59)].some(t => isQuiet(night, t))).toBe(false);
    expect([isQuiet(noon, at(12)), isQuiet(noon, at(13)), isQuiet(noon, at(3))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('many are one line', () => {
    const notice = (occasion: Notice['occasion']): Notice => ({
      occasion,
      agent: '',
      request: '',
      seq: 1,
      at: 1,
      words: 'w',
    });
    expect(together([notice('asking')])).toBe('w');
    expect(together(Array.from({ length: 5 }, () => notice('asking')))).toBe('5 requests wait');
    expect(together([notice('asking'), notice('asking'), notice('message')])).toBe(
      '2 requests wait · 1 message',
    );
  });
});

describe('the file', () => {
  test.each([
    ['http://example.org/hook', false],
    ['https://example.org/hook', true],
    ['http://127.0.0.1:8080/', true],
    ['http://[::1]:8080/', true],
    ['http://localhost/', true],
    ['http://127.0.0.1.example.org/', false],
    ['https://user:pass@example.org/', false],
    ['file:///etc/passwd', false],
    ['nonsense', false],
  ])('a webhook to %s is allowed: %s', (webhook, good) => {
    const given = { a: { when: { events: ['asking'] }, to: [{ webhook }] } };
    expect(Notifications.safeParse(given).success).toBe(good);
  });

  test('without any rule the consoles ring for requests; off is nothing at all', () => {
    expect(Object.keys(Notifications.parse(undefined))).toEqual(['asking']);
    expect(Notifications.parse('off')).toEqual({});
    expect(Notifications.safeParse({ a: { when: {}, to: ['bell'] } }).success).toBe(false);
    expect(Notifications.safeParse({ a: { when: { events: ['asking'] }, to: [] } }).success).toBe(false);
    expect(
      Notifications.safeParse({ a: { when: { events: ['asking'] }, to: [{ command: 'rm -rf /' }] } }).success,
    ).toBe(false);
  });
});

describe('gathering', () => {
  test('everything is told once, in order, and never more often than the windows allow', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 300 }), gaps => {
        let open: Gathering<number> | undefined;
        let now = 0;
        const tellings: { at: number; items: readonly number[] }[] = [];
        const tick = (to: number): void => {
          while (open && open.until <= to) {
            const at = open.until;
            const ended = windowEnded(open, at, () => true);
            open = ended.gathering;
            if (ended.now.length > 0) tellings.push({ at, items: ended.now });
          }
        };
        for (const [i, gap] of gaps.entries()) {
          now += gap;
          tick(now);
          const come = gathered(open, i, now, 1000);
          open = come.gathering;
          if (come.now.length > 0) tellings.push({ at: now, items: come.now });
        }
        tick(Infinity);
        expect(tellings.flatMap(t => t.items)).toEqual(gaps.map((_, i) => i));
        for (const [i, { at }] of tellings.entries())
          if (i > 0) expect(at - (tellings[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(1000);
      }),
    );
  });

  test('what is no longer worth telling is not told', () => {
    const first = gathered<string>(undefined, 'a', 0, 1000);
    if (!first.gathering) throw new Error('no window');
    const second = gathered(first.gathering, 'b', 10, 1000);
    expect(second.now).toEqual([]);
    expect(second.gathering && windowEnded(second.gathering, 1000, () => false)).toEqual({
      gathering: undefined,
      now: [],
    });
  });
});

describe('what a terminal is sent', () => {
  const esc =
    /^(?:\x07|\x1b\](?:9;hms[^\x00-\x1f\x7f-\x9f]*|777;notify;hms[^\x00-\x1f\x7f-\x9f;]*;[^\x00-\x1f\x7f-\x9f;]*)\x07)+$/;

  test('is exactly the sequences that were meant, whatever the text', () => {
    fc.assert(
      fc.property(text, words => {
        const bare = ringing(['bell', 'osc9', 'osc777'], 'hms story', words, 'bare');
        expect(bare).toMatch(esc);
        const wrapped = ringing(['bell', 'osc9', 'osc777'], 'hms story', words, 'wrap');
        const opened = wrapped.replace(/\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\/g, (_, inner: string) =>
          inner.replaceAll('\x1b\x1b', '\x1b'),
        );
        expect(opened).toBe(bare);
        expect(ringing(['bell', 'osc9'], 'hms story', words, 'none')).toBe('\x07');
      }),
    );
  });

  test('its text is of bounded length and is never a command to OSC 9', () => {
    expect(ringing(['osc9'], 'hms', '4;3;50'.repeat(1000), 'bare').length).toBeLessThan(260);
    expect(ringing(['osc9'], 'hms', '4;3;50', 'bare')).toBe('\x1b]9;hms: 4,3,50\x07');
  });
});

test('rules name agents as the fleet does', () => {
  expect(rule({ events: ['asking'], agents: ['builder'] }).when.agents).toEqual([AgentId.parse('builder')]);
});
