import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, MAX_DEPTH, wellFormed } from '../../src/journal/canonical.ts';
import { HmsError } from '../../src/model/errors.ts';
import { arbitraryDraft, json, text } from '../support/arbitrary-events.ts';

/** Keys that JavaScript objects and sorting treat in ways of their own. */
const awkwardKey = fc.oneof(
  text,
  fc.constantFrom(
    '10',
    '9',
    '0',
    '01',
    '-1',
    '1e3',
    '__proto__',
    'constructor',
    'toString',
    '',
    '\ud83d\ude00',
    '\uffee',
    'é',
  ),
);
const awkward = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'small' }, json, fc.double(), fc.array(tie('value')), tie('object')),
  object: fc
    .array(fc.tuple(awkwardKey, tie('value')), { maxLength: 8 })
    .map(entries => Object.fromEntries(entries)),
})).object;

describe('canonical', { timeout: 60_000 }, () => {
  it('writes byte for byte what canonicalize writes', () => {
    fc.assert(
      fc.property(awkward, value => {
        let theirs: string | undefined;
        try {
          theirs = canonicalize(value);
        } catch {
          expect(() => canonical(value)).toThrow(HmsError);
          return;
        }
        expect(canonical(value)).toBe(theirs);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes every kind of event as canonicalize does', () => {
    fc.assert(
      fc.property(arbitraryDraft, draft => {
        expect(canonical(draft)).toBe(canonicalize(draft));
      }),
      { numRuns: 500 },
    );
  });

  it('writes the examples of RFC 8785', () => {
    // Section 3.2.2 and 3.2.3, and numbers of appendix B.
    const sample = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonical(sample)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const keys = {
      '€': 'Euro Sign',
      '\r': 'CR',
      '\ufb33': 'Dalet',
      '1': 'One',
      '😀': 'Emoji',
      '\u0080': 'Control',
      ö: 'o',
    };
    expect(canonical(keys)).toBe(
      '{"\\r":"CR","1":"One","\u0080":"Control","ö":"o","€":"Euro Sign","😀":"Emoji","\ufb33":"Dalet"}',
    );
    expect(canonical([-0, 9007199254740992, 295147905179352830000, 5e-324])).toBe(
      '[0,9007199254740992,295147905179352830000,5e-324]',
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, () => 1, Symbol('x'), 10n, '\ud800', { '\udfff': 1 }])(
    'refuses what is not JSON: %s',
    value => {
      expect(() => canonical({ a: [value] })).toThrow(expect.objectContaining({ code: 'not-json' }));
    },
  );

  it('refuses nesting beyond its limit instead of running out of stack', () => {
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
    expect(canonical(nested(MAX_DEPTH + 1))).toHaveLength(2 * (MAX_DEPTH + 1));
    for (const levels of [MAX_DEPTH + 2, 100_000]) {
      expect(() => canonical(nested(levels))).toThrow(expect.objectContaining({ code: 'not-json' }));
    }
  });
});

describe('wellFormed', () => {
  it('makes canonical what half surrogate pairs keep from being it, and changes nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' })),
        fc.constantFrom('\ud800', 'x\udc00y', ''),
        (texts, half) => {
          const value = { a: texts, [`k${half}`]: { b: half } };
          expect(wellFormed(value)).toEqual({
            a: texts,
            [`k${half.toWellFormed()}`]: { b: half.toWellFormed() },
          });
          expect(() => canonical(wellFormed(value))).not.toThrow();
        },
      ),
    );
  });
});
