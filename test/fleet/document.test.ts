import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readDocument } from '../../src/fleet/document.ts';

test('any text is read or refused, and every place is in it', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'[]{}:,-&*!|>"\'#%@` \n\tab<') })),
      text => {
        const { issues } = readDocument(text);
        const lines = text.split('\n').length;
        for (const { line, col } of issues) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines + 1);
          expect(col).toBeGreaterThanOrEqual(1);
        }
      },
    ),
  );
});

test('what was written is read back, and located where it stands', () => {
  const names = fc.stringMatching(/^[a-z]{1,8}$/);
  fc.assert(
    fc.property(
      fc.dictionary(names, fc.array(names, { minLength: 1, maxLength: 3 }), { minKeys: 1, maxKeys: 5 }),
      value => {
        const text = stringify(value);
        const document = readDocument(text);
        expect(document.value).toEqual(value);
        const lines = text.split('\n');
        for (const [key, items] of Object.entries(value)) {
          const place = document.locate([key], true);
          expect(lines[place.line - 1]?.slice(place.col - 1)).toBe(`${key}:`);
          for (const [at, item] of items.entries()) {
            const spot = document.locate([key, at]);
            expect(lines[spot.line - 1]?.slice(spot.col - 1).replace(/"/g, '')).toBe(item);
          }
        }
      },
    ),
  );
});

test('what is not there is located at the nearest thing that is', () => {
  const document = readDocument('agents:\n  builder:\n    cwd: x\n  other:\n');
  expect(document.locate(['agents', 'builder', 'command'])).toEqual({ line: 3, col: 5 });
  expect(document.locate(['agents', 'other'])).toEqual({ line: 4, col: 3 });
  expect(document.locate(['operators'])).toEqual({ line: 1, col: 1 });
});

test('a value behind an alias is located where it stands', () => {
  const document = readDocument('a: &a\n  x: [1]\nb: *a\n');
  expect(document.locate(['b', 'x', 0])).toEqual({ line: 2, col: 7 });
});
