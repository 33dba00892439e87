/**
 * Healing policies in one simulated world: our three levels, what nine others do by default, people alone and an oracle,
 * on faults F01 to F16 and healthy agents that look odd, with a shift of the faults and of what cures them at half time.
 * Every policy meets the same faults with the same luck. The evolutionary level runs on what was bred on seeds 1 to 30
 * (bench/healbench/breed.ts); all are measured on seeds from 101 on: 10 of them and 16 agents, in full 50 and 4 to 256
 * agents. Everything stands at its defaults; `basic, silence 30s` is basic as somebody sets it up who knows this world.
 */
import { cpuUsage } from 'node:process';
import { changePct, type Interval } from '../src/healing/evolve/paired.ts';
import { CATALOGUE, isHealthy } from '../src/healing/simulate/catalogue.ts';
import { GROUP } from '../src/healing/simulate/faults.ts';
import type { MakePolicy } from '../src/healing/simulate/policy.ts';
import { adaptedAfter } from './healbench/adaptation.ts';
import { foresight } from './healbench/foresight.ts';
import { type Judged, measure, type Setting } from './healbench/measure.ts';
import { OTHERS, OURS, rules } from './healbench/policies.ts';
import { pareto, type Row, table } from './healbench/report.ts';
import type { Measured } from './stats.ts';

const FIRST_SEED = 101;
const HOUR = 3_600_000;

interface Size {
  readonly agents: number;
  readonly seeds: number;
  readonly hours: number;
}

const DEFAULT: readonly [Size] = [{ agents: 16, seeds: 10, hours: 4 }];
/** Large fleets have many faults an hour: fewer seeds say as much. */
const FULL: readonly [Size, ...Size[]] = [
  { agents: 16, seeds: 50, hours: 4 },
  { agents: 4, seeds: 50, hours: 4 },
  { agents: 64, seeds: 12, hours: 4 },
  { agents: 256, seeds: 4, hours: 2 },
];

const settingOf = ({ agents, hours }: Size): Setting => ({
  agents,
  durationMs: hours * HOUR,
  shiftAt: (hours * HOUR) / 2,
  faultEveryMs: 600_000,
});

const heldOut = ({ seeds }: Size): number[] => Array.from({ length: seeds }, (_, at) => FIRST_SEED + at);

function compare(size: Size): ReadonlyMap<string, Judged> {
  const [setting, held] = [settingOf(size), heldOut(size)];
  const policies = [...Object.entries(OURS), ...Object.entries(OTHERS), ['oracle', undefined] as const];
  return new Map(policies.map(([name, make]) => [name, measure(make, setting, held)]));
}

export async function run(): Promise<Measured> {
  const full = process.argv.includes('--full');
  const sizes: readonly [Size, ...Size[]] = full ? FULL : DEFAULT;
  const results = sizes.map(size => ({ size, judged: compare(size) }));
  const first = results[0]?.judged ?? new Map<string, Judged>();
  const of = (name: string): Judged => {
    const judged = first.get(name);
    if (!judged) throw new RangeError(name);
    return judged;
  };
  const [basic, careful, hybrid, evolved] = [
    of('basic'),
    of('basic, silence 30s'),
    of('hybrid'),
    of('evolutionary'),
  ];
  const hybridGain = changePct(basic.costs, hybrid.costs);
  const afterShift = changePct(hybrid.after, evolved.after);
  const ahead = foresight(settingOf(sizes[0]), heldOut(sizes[0]));
  const [worst, worstClass] = worstRegression(full ? { seeds: 20, hours: 4 } : { seeds: 4, hours: 4 });
  const peers = Object.keys(OTHERS).map(name => ({ name, cost: of(name).costPerHour }));
  const best = peers.reduce((one, two) => (one.cost <= two.cost ? one : two));
  const ours = [basic, careful, hybrid, evolved];
  const regret = (name: string): number => of(name).costPerHour - of('oracle').costPerHour;
  const oracleAfter = of('oracle').after;
  const excess = (judged: Judged): readonly number[] =>
    judged.after.map((cost, at) => cost - (oracleAfter[at] ?? 0));
  return {
    figures: {
      hybrid_vs_basic_cost_pct: hybridGain.mean,
      evolutionary_vs_hybrid_after_shift_pct: afterShift.mean,
      worst_class_regression_pct: worst,
      best_peer_vs_evolutionary_cost_ratio: best.cost / evolved.costPerHour,
      give_ups: hybrid.giveUps + evolved.giveUps,
      restarts_while_waiting_for_person: ours.reduce((sum, one) => sum + one.startsWhileWaiting, 0),
    },
    env: {
      cpu_s: cpuSeconds(),
      intervals_95: {
        hybrid_vs_basic: hybridGain,
        hybrid_vs_careful_basic: changePct(careful.costs, hybrid.costs),
        evolutionary_vs_careful_basic: changePct(careful.costs, evolved.costs),
        evolutionary_vs_hybrid: changePct(hybrid.costs, evolved.costs),
        evolutionary_vs_hybrid_after_shift: afterShift,
        evolutionary_vs_hybrid_regret_after_shift: changePct(excess(hybrid), excess(evolved)),
      },
      worst_class: worstClass,
      foresight: ahead,
      adapted_after_min: Object.fromEntries(
        [...first].map(([name, one]) => [name, adaptedAfter(one, of('oracle'), settingOf(sizes[0]))]),
      ),
      best_peer: best.name,
      sizes: results.map(({ size, judged }) => ({ ...size, policies: Object.fromEntries(judged) })),
    },
    lines: [
      ...results.flatMap(({ size, judged }) => {
        const rows: Row[] = [...judged].map(([name, one]) => ({ name, judged: one }));
        return [
          '',
          `### ${size.agents} agents, ${size.seeds} seeds, ${size.hours} h`,
          '',
          ...table(rows, oracleOf(judged), settingOf(size)),
          '',
          ...pareto(rows),
        ];
      }),
      '',
      `hybrid against basic at its defaults ${words(hybridGain)}, set up with care ${words(changePct(careful.costs, hybrid.costs))}`,
      `evolutionary against hybrid after the shift ${words(afterShift)}; of what an oracle would have saved ${words(changePct(excess(hybrid), excess(evolved)))}`,
      `regret, s an agent and hour: basic ${regret('basic').toFixed(0)}, hybrid ${regret('hybrid').toFixed(0)}, evolutionary ${regret('evolutionary').toFixed(0)}`,
      `foreseen 10 s before at least: precision ${ahead.precision.toFixed(0)} % of ${ahead.said}, recall ${ahead.recallOfAnnounced.toFixed(0)} % of what announces itself, ${ahead.recall.toFixed(0)} % of all; lead p50 ${ahead.leadS.toFixed(0)} s`,
      `worst class: ${worstClass}; ${cpuSeconds().toFixed(0)} s of CPU`,
    ],
  };
}

/**
 * The class of faults that our learning levels made dearest, percent against rules set up with care: each class in a
 * world of its own, where all meet the same faults. In a mixed world, whoever heals well has other agents to be hit.
 */
function worstRegression({ seeds, hours }: Omit<Size, 'agents'>): readonly [number, string] {
  let worst: readonly [number, string] = [Number.NEGATIVE_INFINITY, ''];
  const held = Array.from({ length: seeds }, (_, at) => FIRST_SEED + at);
  for (const model of CATALOGUE) {
    const catalogue = [{ ...model, share: [1, 1] as const }];
    // What hits many at once comes the more seldom.
    const hit = model.hits === 'fleet' ? 16 : model.hits === 'group' ? GROUP : 1;
    const setting = {
      agents: 16,
      durationMs: hours * HOUR,
      shiftAt: (hours * HOUR) / 2,
      faultEveryMs: hit * 600_000,
      catalogue,
    };
    if (isHealthy(model)) continue;
    // Whoever heals well has more faults in the same time: what one of them costs is compared.
    const costOf = (make: MakePolicy): number => {
      const { costPerHour, faults } = measure(make, setting, held);
      return costPerHour / faults;
    };
    const before = costOf(rules);
    if (before === 0) continue;
    for (const level of ['hybrid', 'evolutionary'] as const) {
      const pct = (100 * (costOf(OURS[level]) - before)) / before;
      if (pct > worst[0]) worst = [pct, `${model.id} at ${level}`];
    }
  }
  return worst;
}

function oracleOf(judged: ReadonlyMap<string, Judged>): Judged {
  const oracle = judged.get('oracle');
  if (!oracle) throw new RangeError('oracle');
  return oracle;
}

const words = ({ mean, low, high }: Interval): string =>
  `${mean.toFixed(1)} % [${low.toFixed(1)}, ${high.toFixed(1)}]`;

function cpuSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}
