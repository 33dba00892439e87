import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BreakerName, breakerName, type BreakerState as Is } from '../../src/model/breaker.ts';
import { BREAKERS_KEPT } from '../../src/model/breaker-state.ts';
import type { Draft, Event } from '../../src/model/event.ts';
import { fold } from '../../src/model/reduce.ts';
import { EMPTY } from '../../src/model/state.ts';

const NAMES = ['start:one', 'provider:anthropic', 'tool:Bash'].map(name => {
  const [kind = '', what = ''] = name.split(':');
  return breakerName(kind as 'start', what);
});
const counts = { calls: 4, failed: 3, slow: 0 };

function draftOf(breaker: BreakerName, to: Is, n: number): Pick<Draft, 'kind' | 'data'> {
  const data = { breaker, why: `because ${n}` };
  switch (to) {
    case 'open':
      return { kind: 'breaker.opened', data: { ...data, ...counts, waitMs: 500, openings: 1 } };
    case 'half-open':
      return { kind: 'breaker.half-opened', data };
    case 'closed':
      return { kind: 'breaker.closed', data };
    case 'isolated':
      return { kind: 'breaker.isolated', data };
  }
}

const event = (draft: Pick<Draft, 'kind' | 'data'>, seq: number, person: boolean): Event =>
  ({
    ...draft,
    seq,
    time: 1000 * seq,
    actor: person
      ? { type: 'operator', id: 'ann', via: 'cli' }
      : { type: 'cell', id: 'breaker', via: 'engine' },
    subject: 'fleet',
    prev: '',
  }) as Event;

const happening = fc.record({
  name: fc.constantFrom(...NAMES),
  to: fc.constantFrom<Is>('open', 'half-open', 'closed', 'isolated'),
  person: fc.boolean(),
});

test('the state has of each breaker what was told of it last, whatever was told before', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), story => {
      const { breakers } = fold(
        EMPTY,
        story.map(({ name, to, person }, at) => event(draftOf(name, to, at), at + 1, person)),
      );
      for (const name of NAMES) {
        const at = story.findLastIndex(one => one.name === name);
        const last = story[at];
        if (!last) {
          expect(breakers[name]).toBeUndefined();
          continue;
        }
        const counted = story.slice(0, at + 1).filter(one => one.name === name);
        const opened = counted.findLastIndex(one => one.to === 'open');
        const forgotten = counted.findLastIndex(one => one.to === 'closed') > opened || opened < 0;
        expect(breakers[name]).toEqual({
          name,
          is: last.to,
          since: 1000 * (at + 1),
          why: `because ${at}`,
          by: last.person ? 'ann' : '',
          until: last.to === 'open' ? 1000 * (at + 1) + 500 : 0,
          ...(forgotten ? { openings: 0, calls: 0, failed: 0, slow: 0 } : { openings: 1, ...counts }),
        });
      }
    }),
  );
});

test('of more than are kept, those that were closed longest ago go, and no other', () => {
  const open = breakerName('tool', 'first');
  const names = Array.from({ length: BREAKERS_KEPT + 5 }, (_, n) => breakerName('tool', `t${n}`));
  const drafts = [draftOf(open, 'open', 0), ...names.map((name, n) => draftOf(name, 'closed', n))];
  const { breakers } = fold(
    EMPTY,
    drafts.map((draft, at) => event(draft, at + 1, false)),
  );
  expect(Object.keys(breakers)).toHaveLength(BREAKERS_KEPT);
  expect(breakers).toHaveProperty([open]);
  expect(breakers).not.toHaveProperty(['tool:t0']);
  expect(breakers).toHaveProperty([`tool:t${BREAKERS_KEPT + 4}`]);
});
