/**
 * A genetic algorithm for orders: which of some things, and in which order, such as the rungs of a playbook's ladder.
 * Tournaments, order crossover (Davis 1985, OX1, for parts of unequal length), swap, insert, delete and replace;
 * memetic: each generation also looks at neighbours of its best. Equal orders are evaluated once.
 */
import type { Random } from '../random.ts';
import { type Search, worthOf } from './ask.ts';

/** Numbers of things, each at most once, the first first. */
export type Order = readonly number[];

export interface OrdersOptions {
  /** How many things there are; they are 0 to `things` − 1. */
  readonly things: number;
  readonly minLength: number;
  readonly maxLength: number;
  /** Orders to begin with, such as the one in force. */
  readonly known: readonly Order[];
  readonly maxEvaluations: number;
  readonly populationSize: number;
  /** How many compete for being a parent (DEAP `tournsize` 3). */
  readonly tournamentSize: number;
  /** Share of children of two parents; the others are changed copies of one. */
  readonly crossover: number;
  /** Share of children that are changed. */
  readonly mutation: number;
  /** The best so many live on. */
  readonly elites: number;
  /** Ends after so many generations without a better one. */
  readonly patience: number;
}

export const ORDERS: Omit<OrdersOptions, 'things' | 'maxEvaluations'> = {
  minLength: 0,
  maxLength: 12,
  known: [],
  populationSize: 40,
  tournamentSize: 3,
  crossover: 0.9,
  mutation: 0.3,
  elites: 2,
  patience: 15,
};

interface Judged {
  readonly order: Order;
  readonly value: number;
}

export interface OrdersEnd {
  readonly best: { readonly order: Order; readonly value: number };
  readonly evaluations: number;
  readonly generations: number;
  /** Best value after each generation. */
  readonly history: readonly number[];
}

export function* evolveOrders(
  given: Partial<OrdersOptions> & Pick<OrdersOptions, 'things' | 'maxEvaluations'>,
  random: Random,
): Search<OrdersEnd> {
  const options: OrdersOptions = { ...ORDERS, ...given };
  const known = new Map<string, number>();
  const judge = function* (orders: readonly Order[]): Search<Judged[]> {
    const left = Math.max(0, options.maxEvaluations - known.size);
    const fresh = [...new Map(orders.map(order => [order.join(), order]))]
      .filter(([key]) => !known.has(key))
      .slice(0, left);
    if (fresh.length > 0) {
      const values = yield fresh.map(([, order]) => order);
      fresh.forEach(([key], index) => {
        known.set(key, worthOf(values[index]));
      });
    }
    return orders.map(order => ({ order, value: known.get(order.join()) ?? Number.POSITIVE_INFINITY }));
  };
  const sorted = (all: readonly Judged[]): Judged[] => [...all].sort((a, b) => a.value - b.value);

  const beginners = Array.from({ length: options.populationSize }, () => anyOrder(options, random));
  const first = [...options.known.filter(order => fits(order, options)), ...beginners];
  let population = sorted(yield* judge(first)).slice(0, options.populationSize);
  const history: number[] = [population[0]?.value ?? Number.POSITIVE_INFINITY];
  let stale = 0;
  while (stale < options.patience && known.size < options.maxEvaluations) {
    const children = Array.from({ length: options.populationSize - options.elites }, () =>
      child(population, options, random),
    );
    const near = population[0] ? neighbours(population[0].order, options, random) : [];
    const judged = yield* judge([...children, ...near]);
    population = sorted([...population.slice(0, options.elites), ...judged]).slice(0, options.populationSize);
    const best = population[0]?.value ?? Number.POSITIVE_INFINITY;
    stale = best < (history.at(-1) ?? Number.POSITIVE_INFINITY) ? 0 : stale + 1;
    history.push(best);
  }
  const best = population[0] ?? { order: [], value: Number.POSITIVE_INFINITY };
  return { best, evaluations: known.size, generations: history.length - 1, history };
}

type Shape = Pick<OrdersOptions, 'things' | 'minLength' | 'maxLength'>;

const longest = ({ things, maxLength }: Shape): number => Math.min(things, maxLength);

function fits(order: Order, options: Shape): boolean {
  const inside = order.every(one => Number.isInteger(one) && one >= 0 && one < options.things);
  const once = new Set(order).size === order.length;
  return inside && once && order.length >= options.minLength && order.length <= longest(options);
}

const below = (count: number, random: Random): number => Math.floor(random() * count);

function anyOrder(options: Shape, random: Random): Order {
  const all = Array.from({ length: options.things }, (_, thing) => thing);
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = below(at + 1, random);
    [all[at], all[other]] = [all[other] ?? 0, all[at] ?? 0];
  }
  const least = Math.min(options.minLength, longest(options));
  return all.slice(0, least + below(longest(options) - least + 1, random));
}

function child(population: readonly Judged[], options: OrdersOptions, random: Random): Order {
  const parent = (): Order => {
    const rivals = Array.from({ length: options.tournamentSize }, () => below(population.length, random));
    // The population is sorted, so the smallest place wins.
    return population[Math.min(...rivals)]?.order ?? [];
  };
  const mixed = random() < options.crossover ? cross(parent(), parent(), options, random) : undefined;
  const begin = mixed ?? parent();
  return mixed && random() >= options.mutation ? begin : changed(begin, options, random);
}

/** A stretch of the first parent stays where it is, the rest comes from the second in its order. */
export function cross(first: Order, second: Order, options: Shape, random: Random): Order {
  const from = below(first.length + 1, random);
  const stretch = first.slice(from, from + below(first.length - from + 1, random));
  const others = second.filter(one => !stretch.includes(one));
  const made = [...others.slice(0, from), ...stretch, ...others.slice(from)].slice(0, longest(options));
  return fits(made, options) ? made : first;
}

/** One change: swap two, insert, delete or replace one. The same order when none fits. */
export function changed(order: Order, options: Shape, random: Random): Order {
  const missing = Array.from({ length: options.things }, (_, thing) => thing).filter(
    one => !order.includes(one),
  );
  const place = below(order.length, random);
  const other = below(order.length, random);
  const fresh = missing[below(missing.length, random)];
  const ways: Order[] = [
    order.map((one, at) => (at === place ? order[other] : at === other ? order[place] : one) ?? one),
    order.filter((_, at) => at !== place),
    ...(fresh === undefined
      ? []
      : [order.toSpliced(below(order.length + 1, random), 0, fresh), order.toSpliced(place, 1, fresh)]),
  ].filter(made => fits(made, options) && made.join() !== order.join());
  return ways[below(ways.length, random)] ?? order;
}

/** As many changed copies as the order has places, at least two. */
function neighbours(order: Order, options: Shape, random: Random): Order[] {
  return Array.from({ length: Math.max(2, order.length) }, () => changed(order, options, random));
}
