import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newRequestId } from '../../src/cli/request-id.ts';
import { RequestId } from '../../src/model/ids.ts';

test('a new request id is one the engine takes, whatever chance says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 2, maxLength: 2 }),
      rolls => {
        const left = [...rolls];
        expect(RequestId.safeParse(newRequestId(() => left.shift() ?? 0)).success).toBe(true);
      },
    ),
    { examples: [[[0, 0]], [[1 - 2 ** -53, 1 - 2 ** -53]]] },
  );
});

test('ids do not repeat', () => {
  const ids = new Set(Array.from({ length: 10_000 }, () => newRequestId()));
  expect(ids.size).toBe(10_000);
});
