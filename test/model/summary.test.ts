import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_DATA, type Event, KINDS } from '../../src/model/event.ts';
import { summarise } from '../../src/model/summary.ts';
import { arbitraryDraftOf, json } from '../support/arbitrary-events.ts';

const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe('summarise', () => {
  it.each(KINDS)('puts every %s on one short line without control characters', kind => {
    fc.assert(
      fc.property(arbitraryDraftOf(kind), draft => {
        EVENT_DATA[kind].parse(draft.data);
        const line = summarise({ ...draft, time: 0 });
        expect(line).not.toMatch(UNSHOWABLE);
        expect(line.isWellFormed()).toBe(true);
        expect(Array.from(line).length).toBeLessThanOrEqual(400);
        expect(line).not.toMatch(/undefined|\[object|NaN/);
      }),
      { numRuns: 50 },
    );
  });

  it('shows what it does not know as JSON, neutralised', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('thing.happened', 'toString', '__proto__', ...KINDS),
        json,
        (kind, data) => {
          // What a later version, or a forger, may have written.
          const foreign = JSON.parse(JSON.stringify({ kind, data, time: 0 })) as Event;
          expect(summarise(foreign)).not.toMatch(UNSHOWABLE);
        },
      ),
    );
    const later = JSON.parse('{"kind":"thing.happened","time":0,"data":{"a":"\\u001b[2J"}}') as Event;
    expect(summarise(later)).toBe('{"a":"\\u001b[2J"}');
  });

  it('says what a person wants to know', () => {
    const draft = fc.sample(arbitraryDraftOf('agent.exited'), { numRuns: 1, seed: 1 })[0] as Event;
    const exited = {
      ...draft,
      data: { ...draft.data, status: null, signal: 'SIGKILL', wanted: false, incarnation: 3, detail: '' },
    } as Event;
    expect(summarise(exited)).toBe('killed by SIGKILL · incarnation 3');
    const restart = JSON.parse(
      '{"kind":"restart.scheduled","time":0,"data":{"agent":"a","attempt":2,"delayMs":400,"reason":"exit 137"}}',
    ) as Event;
    expect(summarise(restart)).toBe('restart 2 in 400 ms · exit 137');
  });
});
