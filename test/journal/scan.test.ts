import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../src/journal/canonical.ts';
import { scan } from '../../src/journal/scan.ts';
import { arbitraryDraft, json, text } from '../support/arbitrary-events.ts';

const place = fc.record({ seq: fc.nat(), time: fc.nat(), prev: fc.stringMatching(/^[0-9a-f]{64}$/) });
const event = fc.tuple(arbitraryDraft, place).map(([draft, at]) => ({ ...draft, ...at }));
const KEYS = ['actor', 'data', 'kind', 'prev', 'seq', 'subject', 'time'];

/** The slow way to ask the same. */
function isCanonicalEvent(candidate: string): boolean {
  try {
    const value: unknown = JSON.parse(candidate);
    if (canonicalize(value) !== candidate) return false;
    const isObject = (x: unknown) => typeof x === 'object' && x !== null && !Array.isArray(x);
    if (!isObject(value)) return false;
    const { actor, data, kind, prev, seq, subject, time } = value as Record<string, unknown>;
    return (
      Object.keys(value as object).join() === KEYS.join() &&
      isObject(actor) &&
      isObject(data) &&
      [kind, prev, subject].every(x => typeof x === 'string') &&
      Number.isSafeInteger(seq) &&
      Number.isSafeInteger(time)
    );
  } catch {
    return false;
  }
}

describe('scan', () => {
  it('reads seq, time, kind and prev of every canonical event', () => {
    fc.assert(
      fc.property(event, e => {
        expect(scan(canonical(e))).toEqual({ seq: e.seq, time: e.time, kind: e.kind, prev: e.prev });
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with parsing and writing again on every change of a few characters', () => {
    const inserted = fc.constantFrom(
      '',
      ' ',
      '\n',
      '"',
      '\\',
      '\\u0041',
      '\\n',
      '\\/',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '0',
      '-',
      '.',
      'e',
      '1',
      'null',
      'true',
      'é',
      '\u0000',
      '\u007f',
      '{"a":1,"a":2}',
      '-0',
      '1.0',
      '1e5',
      '"\\u001F"',
      '"\\u001f"',
    );
    fc.assert(
      fc.property(event, fc.nat(), fc.nat({ max: 3 }), inserted, (e, at, gone, put) => {
        const whole = canonical(e);
        const from = at % whole.length;
        // As it would be read from UTF-8 bytes, which have no half surrogate pairs.
        const candidate = (whole.slice(0, from) + put + whole.slice(from + gone)).toWellFormed();
        expect(typeof scan(candidate) !== 'string').toBe(isCanonicalEvent(candidate));
      }),
      { numRuns: 5000 },
    );
  });

  it('agrees on data written in any order with any white space', () => {
    const around = { actor: {}, kind: 'k', prev: 'p', seq: 1, subject: 's', time: 2 };
    fc.assert(
      fc.property(fc.dictionary(text, json), fc.constantFrom(undefined, 1, '\t'), (data, space) => {
        const candidate = canonical({ ...around, data: 0 }).replace(
          '"data":0',
          `"data":${JSON.stringify(data, null, space)}`,
        );
        expect(typeof scan(candidate) !== 'string').toBe(isCanonicalEvent(candidate));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['', '{}', 'null', '[', '{"actor":', '{"actor":{},"data":{},"kind":"', '\ufeff{}'])(
    'says what is wrong with %j',
    candidate => {
      expect(scan(candidate)).toEqual(expect.any(String));
    },
  );

  it('refuses deep nesting instead of running out of stack', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const candidate = `{"actor":{},"data":{"a":${deep}},"kind":"k","prev":"p","seq":1,"subject":"s","time":2}`;
    expect(scan(candidate)).toMatch(/nesting/);
  });
});
