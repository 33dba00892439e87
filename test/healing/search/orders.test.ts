import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seeded } from '../../../src/healing/random.ts';
import { answer, type Point } from '../../../src/healing/search/ask.ts';
import { changed, cross, evolveOrders, type Order } from '../../../src/healing/search/orders.ts';

const never = () => false;
const orderOf = (things: number, min: number, max: number) =>
  fc.shuffledSubarray(
    Array.from({ length: things }, (_, thing) => thing),
    { minLength: min, maxLength: max },
  );

test('parents that fit have children that fit: each thing once, as long as allowed', () => {
  const shape = { things: 7, minLength: 2, maxLength: 5 };
  const parent = orderOf(7, 2, 5);
  const results = new Set<string>();
  fc.assert(
    fc.property(parent, parent, fc.nat(), (first, second, seed) => {
      for (const made of [cross(first, second, shape, seeded(seed)), changed(first, shape, seeded(seed))]) {
        expect(new Set(made).size).toBe(made.length);
        expect(made.length).toBeGreaterThanOrEqual(2);
        expect(made.length).toBeLessThanOrEqual(5);
        for (const one of made) expect([0, 1, 2, 3, 4, 5, 6]).toContain(one);
      }
      expect(changed(first, shape, seeded(seed))).not.toEqual(first);
      for (const one of cross(first, second, shape, seeded(seed)))
        expect([...first, ...second]).toContain(one);
      results.add(String(changed(first, shape, seeded(seed)).length - first.length));
    }),
  );
  expect([...results].sort()).toEqual(['-1', '0', '1']);
});

/** Each rung cures some faults, at a price; what comes first is paid most often. */
function ladderCost(cures: readonly number[], prices: readonly number[]): (order: Order) => number {
  return order => {
    let [cost, sick] = [0, 1];
    for (const rung of order) {
      cost += sick * (prices[rung] ?? 0);
      sick *= 1 - (cures[rung] ?? 0);
    }
    return cost + sick * 100;
  };
}

function everyOrder(things: number): Order[] {
  const longer = (order: Order): Order[] => [
    order,
    ...Array.from({ length: things }, (_, one) => one)
      .filter(one => !order.includes(one))
      .flatMap(one => longer([...order, one])),
  ];
  return longer([]);
}

test('finds the best ladder that there is, in a fraction of the evaluations of trying all', () => {
  const share = fc.double({ min: 0.05, max: 0.9, noNaN: true });
  const price = fc.double({ min: 0.5, max: 40, noNaN: true });
  const six = { minLength: 6, maxLength: 6 };
  const all = everyOrder(6);
  fc.assert(
    fc.property(fc.array(share, six), fc.array(price, six), fc.nat(1000), (cures, prices, seed) => {
      const cost = ladderCost(cures, prices);
      const best = Math.min(...all.map(cost));
      const end = answer(evolveOrders({ things: 6, maxEvaluations: 700 }, seeded(seed)), cost, never);
      expect(end?.best.value).toBeLessThanOrEqual(best * 1.01);
      expect(end?.evaluations).toBeLessThanOrEqual(700);
    }),
    { numRuns: 40 },
  );
  expect(all).toHaveLength(1957);
});

test('never ends worse than what it was given, asks for no order twice, and keeps to its budget', () => {
  const cost = ladderCost([0.3, 0.5, 0.2, 0.8, 0.1, 0.4, 0.6, 0.7], [1, 3, 2, 20, 1, 4, 9, 15]);
  fc.assert(
    fc.property(
      orderOf(8, 0, 8),
      fc.integer({ min: 1, max: 200 }),
      fc.nat(1000),
      (inForce, maxEvaluations, seed) => {
        const asked = new Set<string>();
        const end = answer(
          evolveOrders({ things: 8, known: [inForce], maxEvaluations }, seeded(seed)),
          (order: Point) => {
            expect(asked).not.toContain(order.join());
            asked.add(order.join());
            return cost(order);
          },
          never,
        );
        expect(end?.best.value).toBeLessThanOrEqual(cost(inForce));
        expect(end?.evaluations).toBe(asked.size);
        expect(asked.size).toBeLessThanOrEqual(maxEvaluations);
        expect(end?.history).toEqual(end?.history.toSorted((a, b) => b - a));
        expect(end?.best.value).toBe(cost(end?.best.order ?? []));
      },
    ),
  );
});
