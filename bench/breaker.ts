/**
 * What a breaker costs a call: a promise-returning call through our breaker, closed and open, beside cockatiel, opossum
 * and no breaker at all, all in this process in turn: a round of each before the next round of any. The figures are
 * those of the quickest round, since what else runs on the machine can only add (as Python's timeit does); the medians
 * stand beside them.
 */
import { ConsecutiveBreaker, CountBreaker, circuitBreaker, handleAll } from 'cockatiel';
import CircuitBreaker from 'opossum';
import { Breaker } from '../src/healing/breaker/breaker.ts';
import { through } from '../src/healing/breaker/execute.ts';
import { BreakerOptions } from '../src/model/breaker-options.ts';
import { type Measured, median, percentile } from './stats.ts';

const ROUNDS = 40;
/** A round is shorter than a slice of the scheduler. */
const CALLS = 20_000;
/** Refusals of the others take a stack each, so fewer of them. */
const REFUSALS = 2_000;
const WARM_UP_ROUNDS = 8;

type Call = () => Promise<unknown>;

/** ns a call. */
interface Times {
  readonly best: number;
  readonly median: number;
}

/** ns a call; a refusal is caught, as a caller would. */
async function timeOf(call: Call, calls: number): Promise<number> {
  const begun = performance.now();
  for (let n = 0; n < calls; n += 1) {
    try {
      await call();
    } catch {
      // Refusing is what is measured.
    }
  }
  return ((performance.now() - begun) / calls) * 1e6;
}

/** In turn, so that what else the machine does falls on all alike. */
async function measure(subjects: Readonly<Record<string, Call>>, calls: number): Promise<Map<string, Times>> {
  const times = new Map<string, number[]>();
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (const [name, call] of Object.entries(subjects)) {
      const time = await timeOf(call, calls);
      if (round >= 0) times.set(name, [...(times.get(name) ?? []), time]);
    }
  }
  return new Map(
    [...times].map(([name, sample]) => [name, { best: percentile(sample, 0), median: median(sample) }]),
  );
}

const work = async (): Promise<number> => 1;
const clock = () => performance.now();

function ours(options: object, open = false): Call {
  const breaker = new Breaker(BreakerOptions.parse(options));
  if (open) breaker.open(clock());
  const call = through(breaker, 'bench', clock);
  return () => call(work);
}

function cockatiel(kind: 'count' | 'consecutive', open = false): Call {
  const breaker =
    kind === 'count' ? new CountBreaker({ threshold: 0.5, size: 100 }) : new ConsecutiveBreaker(5);
  const policy = circuitBreaker(handleAll, { halfOpenAfter: 3_600_000, breaker });
  if (open) policy.isolate();
  return () => policy.execute(work);
}

const LONG = { waitDurationInOpenState: '1h', exponentialMaxWaitDurationInOpenState: '2h' };

export async function run(): Promise<Measured> {
  const fire = new CircuitBreaker(work);
  const fireUntimed = new CircuitBreaker(work, { timeout: false });
  const fireOpen = new CircuitBreaker(work);
  fireOpen.open();
  const closed = await measure(
    {
      'no breaker': () => work(),
      'ours, count': ours({ kind: 'count' }),
      'ours, consecutive': ours({ kind: 'consecutive' }),
      'ours, time': ours({ kind: 'time' }),
      'ours, count with slow calls': ours({ kind: 'count', slowCallDurationThreshold: '1s' }),
      'cockatiel, count': cockatiel('count'),
      'cockatiel, consecutive': cockatiel('consecutive'),
      'opossum, no timeout': () => fireUntimed.fire(),
      opossum: () => fire.fire(),
    },
    CALLS,
  );
  const open = await measure(
    {
      'ours, count': ours({ kind: 'count', ...LONG }, true),
      'ours, consecutive': ours({ kind: 'consecutive', ...LONG }, true),
      'ours, time': ours({ kind: 'time', ...LONG }, true),
      'cockatiel, isolated': cockatiel('count', true),
      opossum: () => fireOpen.fire(),
    },
    REFUSALS,
  );
  for (const breaker of [fire, fireUntimed, fireOpen]) breaker.shutdown();
  const clockNs = clockCost();
  const table = (title: string, times: Map<string, Times>) => [
    `${title}, ns a call: quickest round, median`,
    ...[...times].map(
      ([name, { best, median }]) => `  ${name.padEnd(30)}${Math.round(best)}  ${Math.round(median)}`,
    ),
  ];
  return {
    figures: {
      closed_ns: closed.get('ours, count')?.best ?? Number.NaN,
      open_ns: open.get('ours, count')?.best ?? Number.NaN,
    },
    env: {
      compared: {
        closed_ns: Object.fromEntries(closed),
        open_ns: Object.fromEntries(open),
        clock_ns: clockNs,
      },
      rounds: ROUNDS,
    },
    lines: [
      ...table('closed', closed),
      ...table('open', open),
      `one look at the clock: ${Math.round(clockNs)} ns; slow calls and the time window need two a call`,
    ],
  };
}

function clockCost(): number {
  const sample: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    for (let n = 0; n < CALLS; n += 1) clock();
    sample.push(((performance.now() - begun) / CALLS) * 1e6);
  }
  return percentile(sample, 0);
}
