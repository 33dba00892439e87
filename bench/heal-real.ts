/**
 * Healing of real agents in real panes, by a real engine, of faults done by real means. The fleet has some fifty agents
 * with healing on (`hybrid` unless it says otherwise): programs that ask a provider on loopback for one thing after the
 * other and print a line about every half second, and a set with which nothing is wrong. Each fault is done to agents of
 * its own, all in the same minute; a killed tmux server to a second fleet. With --full as many fleets, one after the
 * other, as it takes for twenty trials a fault.
 *
 * - crash_to_ready: from `kill -9` to the first line of the next run, as the program itself tells it.
 * - hang_detected: from the last line to the incident, at `hybrid`, of agents that were watched for half a minute;
 *   `silence` is not set.
 * - dependency_outage_excess: from the service answering again to the first line of an agent that cannot start without.
 * - recovered: it was well again for as long as `verify` says, and no person was asked.
 * - under_5s: of the faults that keep an agent from working, those that were over within 5 s from when something could
 *   be done: the fault was noticed, and what caused it from outside is gone. They end with the first line of the time in
 *   which the agent then was well for as long as `verify` says; what was tried in vain before is in it.
 * - false_positives: incidents of agents to which nothing was done: the healthy set, and all others until their turn.
 * - sim_error: how far the simulated world's median time to recover is from the real one, fault by fault, on the average.
 */
import { findNative } from '../src/processes/native-program.ts';
import { FAULTS, type Fault, LOST_DEATH, SLOW, TMUX } from './heal-real/faults.ts';
import { type Judged, playRound, type Round } from './heal-real/round.ts';
import { simulatedMs } from './heal-real/simulated.ts';
import { type Measured, median, percentile } from './stats.ts';

const UNDER_MS = 5000;
/** Trials a fault, in full. */
const ENOUGH = 20;

export async function run(): Promise<Measured> {
  const full = process.argv.includes('--full');
  const helper = findNative() !== undefined;
  const faults = [...FAULTS, TMUX, ...(helper ? [LOST_DEATH] : []), ...(full ? [SLOW] : [])];
  const rounds: Round[] = [];
  for (let seed = 1; seed === 1 || full; seed += 1) {
    const had = (fault: Fault): number =>
      rounds.flatMap(round => round.judged).filter(one => one.fault === fault).length;
    const some = faults.filter(fault => had(fault) < ENOUGH);
    if (some.length === 0) break;
    const fleets = [
      playRound(
        seed,
        some.filter(fault => fault !== TMUX),
        true,
      ),
    ];
    if (some.includes(TMUX)) fleets.push(playRound(seed, [TMUX], false));
    rounds.push(...(await Promise.all(fleets)));
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
  const share = (some: readonly Judged[], all: readonly Judged[] = judged): number =>
    (100 * some.length) / all.length;
  const downs = of(({ fault }) => fault.works !== true);
  const rows = faults.map(({ name }) =>
    rowOf(
      name,
      of(({ fault }) => fault.name === name),
    ),
  );
  return {
    figures: {
      crash_to_ready_p99_ms: percentile(of(({ fault }) => fault.name === 'crash').map(readyMs), 99),
      hang_detected_p50_s: percentile(hangs('hybrid'), 50),
      dependency_outage_excess_p50_ms: percentile(outages.map(excessMs), 50),
      recovered_pct: share(of(isRecovered)),
      under_5s_pct: share(
        downs.filter(one => isRecovered(one) && healedMs(one) <= UNDER_MS),
        downs,
      ),
      false_positives: falseAlarms.length,
      sim_error_pct: mean(compared.map(({ error_pct }) => error_pct)),
    },
    env: {
      helper,
      false_alarms: falseAlarms,
      recover_p50_ms: compared,
      basic_silence_8s_hang_detected_p50_s: percentile(hangs('basic'), 50),
      faults: rows,
    },
    lines: [
      'fault: recovered of trials, noticed after, well again after (at worst), ms',
      ...rows.map(
        row =>
          `  ${row.fault}: ${row.recovered} of ${row.trials}, ${row.detected_p50_ms}, ${row.healed_p50_ms} (${row.healed_worst_ms})`,
      ),
      ...downs.filter(one => !isRecovered(one) || healedMs(one) > UNDER_MS).map(lateWords),
      ...falseAlarms.map(words => `false alarm: ${words}`),
      helper ? '' : 'without the native helper: no death was kept from tmux',
    ].filter(Boolean),
  };
}

function rowOf(fault: string, mine: readonly Judged[]) {
  const healed = mine.filter(isRecovered).map(healedMs);
  return {
    fault,
    trials: mine.length,
    recovered: healed.length,
    detected_p50_ms: percentile(
      mine.map(one => 1000 * detectedS(one)),
      50,
    ),
    healed_p50_ms: percentile(healed, 50),
    healed_worst_ms: percentile(healed, 100),
  };
}

const lateWords = (one: Judged): string =>
  `late: ${one.trial.fault}, ${isRecovered(one) ? `${healedMs(one)} ms` : 'not recovered'}: ${one.tried.join(', ')}`;

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
