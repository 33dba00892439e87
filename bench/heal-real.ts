/**
 * Healing of real agents in real panes, by a real engine, of faults done by real means. Each fleet has some fifty agents
 * with healing on (`hybrid` unless it says otherwise): programs that ask a provider on loopback for one thing after the
 * other and print a line about once a second, and a set with which nothing is wrong. Each fault is done to agents of its
 * own, all in the same minute; with --full as many fleets, one after the other, as it takes for twenty trials a fault.
 *
 * crash_to_ready: from `kill -9` to the first line of the next run, as the program itself tells it. hang_detected: from
 * the last line to the incident, of agents that have been watched for a quarter of a minute (`silence` is not set).
 * dependency_outage_excess: from the service answering again to the first line. recovered: well again for as long as
 * `verify` says, nobody was asked. under_5s: counted from the moment from which something can be done (it was noticed,
 * and what caused it is gone) to the sign of life that the verification then found to last. False alarms are counted over
 * all agents, of those that are ill in the end until their fault. The simulator's error is that of its median time to
 * recover, fault by fault, on the average.
 */
import { findNative } from '../src/processes/native-program.ts';
import { FAULTS, LOST_DEATH, SLOW } from './heal-real/faults.ts';
import { type Judged, playRound, type Round } from './heal-real/round.ts';
import { simulatedMs } from './heal-real/simulated.ts';
import { type Measured, median, percentile } from './stats.ts';

const UNDER_MS = 5000;
/** Trials a fault, in full. */
const ENOUGH = 20;

export async function run(): Promise<Measured> {
  const full = process.argv.includes('--full');
  const helper = findNative() !== undefined;
  const faults = [...FAULTS, ...(helper ? [LOST_DEATH] : []), ...(full ? [SLOW] : [])];
  const fewest = Math.min(...faults.map(({ agents }) => agents));
  const rounds: Round[] = [];
  for (let seed = 1; seed <= (full ? Math.ceil(ENOUGH / fewest) : 1); seed += 1) {
    rounds.push(await playRound(seed, faults));
  }
  const judged = rounds.flatMap(round => round.judged);
  const falseAlarms = rounds.flatMap(round => round.falseAlarms);
  const of = (which: (one: Judged) => boolean): readonly Judged[] => judged.filter(which);
  const hangs = (level: string): number[] =>
    of(({ fault }) => fault.silent === true && (fault.level ?? 'hybrid') === level).map(detectedS);
  const outages = of(({ trial }) => trial.gone !== undefined);
  const compared = faults.flatMap(fault => {
    if (!fault.simulated) return [];
    const mine = of(one => one.fault === fault && isRecovered(one)).map(recoverMs);
    const [real, simulated] = [median(mine), simulatedMs(fault.simulated, fault.level ?? 'hybrid')];
    if (mine.length === 0) return [];
    return [{ fault: fault.name, real, simulated, error_pct: (100 * Math.abs(simulated - real)) / real }];
  });
  const share = (some: readonly Judged[]): number => (100 * some.length) / judged.length;
  return {
    figures: {
      crash_to_ready_p99_ms: percentile(of(({ fault }) => fault.name === 'crash').map(readyMs), 99),
      hang_detected_p50_s: percentile(hangs('hybrid'), 50),
      dependency_outage_excess_p50_ms: percentile(outages.map(excessMs), 50),
      recovered_pct: share(of(isRecovered)),
      under_5s_pct: share(of(one => isRecovered(one) && healedMs(one) <= UNDER_MS)),
      false_positives: falseAlarms.length,
      sim_error_pct: mean(compared.map(({ error_pct }) => error_pct)),
    },
    env: {
      helper,
      false_alarms: falseAlarms,
      recover_p50_ms: compared,
      basic_silence_8s_hang_detected_p50_s: percentile(hangs('basic'), 50),
      faults: faults.map(({ name }) => {
        const mine = of(({ fault }) => fault.name === name);
        return {
          fault: name,
          trials: mine.length,
          recovered: mine.filter(isRecovered).length,
          detected_p50_s: percentile(mine.map(detectedS), 50),
          healed_p50_ms: percentile(mine.filter(isRecovered).map(healedMs), 50),
          healed_worst_ms: percentile(mine.filter(isRecovered).map(healedMs), 100),
        };
      }),
    },
    lines: [
      ...judged.map(
        one =>
          `${one.trial.fault}: ${one.trial.agent} detected ${detectedS(one)} s, healed ${healedMs(one)} ms: ${one.tried.join(', ')}`,
      ),
      helper ? '' : 'without the native helper: no death was kept from tmux',
    ],
  };
}

const isRecovered = ({ sign, asked }: Judged): boolean => sign !== undefined && !asked;

/** What is silent was well until its last line. */
const beganAt = ({ fault, lastLine, trial: { at } }: Judged): number => (fault.silent ? lastLine : at);

const detectedS = (one: Judged): number =>
  one.detected === undefined ? Number.POSITIVE_INFINITY : (one.detected - beganAt(one)) / 1000;

/** From when something could be done. */
const healedMs = ({ sign, detected, trial: { gone = 0 } }: Judged): number =>
  sign === undefined || detected === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(0, sign - Math.max(detected, gone));

const recoverMs = (one: Judged): number => (one.sign ?? Number.POSITIVE_INFINITY) - beganAt(one);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const readyMs = ({ sign, trial }: Judged): number => (sign ?? Number.POSITIVE_INFINITY) - trial.at;

const excessMs = ({ sign, trial: { gone = 0 } }: Judged): number => (sign ?? Number.POSITIVE_INFINITY) - gone;
