/** What came of an experiment, for people (Markdown) and for programs (JSON). */
import type { Verdict } from '../model/chaos.ts';
import { sparkline } from '../model/resources.ts';
import { oneLine, spanWords } from '../model/text.ts';
import type { Outcome } from './runner.ts';
import { valueWords } from './tolerance.ts';

/** Where in a recording a fault began. */
export interface Position {
  readonly agent: string;
  /** `builder.3`. */
  readonly recording: string;
  /** From its beginning, ms. */
  readonly at: number;
}

/** Which run it is of, and who agreed to what. */
interface ReportHead {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly day: string;
  readonly file: string;
  readonly fleet: string;
  readonly seed: number;
  readonly by: string;
  readonly request: string;
  readonly digest: string;
}

export interface ReportGiven extends ReportHead {
  readonly outcome: Outcome;
  /** By fault. */
  readonly positions: Readonly<Record<string, readonly Position[]>>;
}

export interface Report extends ReportHead {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly started: string;
  readonly ms: number;
  readonly detected_ms: number | null;
  readonly detected_by: string;
  readonly recovered_ms: number | null;
  /** Every fault was taken back, and that was looked at. */
  readonly verified: boolean;
  readonly faults: readonly {
    readonly id: string;
    readonly fault: string;
    readonly about: string;
    readonly targets: readonly string[];
    readonly mechanism: string;
    readonly effects: readonly string[];
    readonly rollbacks: readonly string[];
    readonly injected: string;
    readonly ms: number;
    readonly end: string;
    readonly because: string;
    readonly measured: string;
    readonly residues: readonly string[];
    readonly recordings: readonly { readonly recording: string; readonly at_ms: number }[];
  }[];
  readonly steady_state: readonly {
    readonly name: string;
    readonly wanted: string;
    readonly looks: number;
    readonly out: number;
    readonly last: string;
    /** ms since the experiment began, and what was seen then. */
    readonly samples: readonly (readonly [number, number | string, boolean])[];
  }[];
  readonly probes: readonly { readonly name: string; readonly at_ms: number; readonly value: string }[];
  readonly operators: readonly { readonly at_ms: number; readonly by: string; readonly what: string }[];
}

export function reportOf({ outcome, positions, ...given }: ReportGiven): Report {
  const { startedAt, endedAt, faults } = outcome;
  return {
    ...given,
    verdict: outcome.verdict,
    reason: outcome.reason,
    started: new Date(startedAt).toISOString(),
    ms: endedAt - startedAt,
    detected_ms: outcome.detected?.ms ?? null,
    detected_by: outcome.detected?.by ?? '',
    recovered_ms: outcome.recoveredMs,
    verified: faults.length > 0 && faults.every(({ end }) => end.phase === 'reverted'),
    faults: faults.map(({ step, mechanism, effects, reverts, injectedAt, endedAt: over, end }) => ({
      id: step.fault.id,
      fault: step.fault.what,
      about: step.fault.about,
      targets: step.fault.targets,
      mechanism,
      effects,
      rollbacks: reverts,
      injected: injectedAt > 0 ? new Date(injectedAt).toISOString() : '',
      ms: over - injectedAt,
      end: end.phase,
      because: end.because,
      measured: end.detail,
      residues: end.residues,
      recordings: (positions[step.fault.id] ?? []).map(({ recording, at }) => ({ recording, at_ms: at })),
    })),
    steady_state: outcome.probes.map(({ probe, wanted, samples }) => {
      const last = samples.at(-1);
      return {
        name: probe.name,
        wanted,
        looks: samples.length,
        out: samples.filter(({ ok }) => !ok).length,
        last: last ? oneLine(valueWords(last.value), 200) : '',
        samples: samples.map(({ at, value, ok }) => [
          at - startedAt,
          value.is === 'seen' && typeof value.value === 'number'
            ? value.value
            : oneLine(valueWords(value), 100),
          ok,
        ]),
      };
    }),
    probes: outcome.looks.map(({ name, at, value }) => ({
      name,
      at_ms: at - startedAt,
      value: oneLine(value, 400),
    })),
    operators: outcome.deeds.map(({ at, by, words }) => ({ at_ms: at - startedAt, by, what: words })),
  };
}

const SAID: Readonly<Record<Verdict, string>> = {
  held: '✔ held: the steady state was there before and came back',
  deviated: '✖ deviated: the steady state did not come back in time',
  aborted: '■ aborted: it was ended before its time',
  'not-begun': '○ not begun: nothing was broken',
  lost: '✖ lost: its runner died',
};

export function verdictWords(verdict: Verdict): string {
  return SAID[verdict];
}

/** One page of Markdown. */
export function markdownOf(report: Report): string {
  const lines = [
    `# ${text(report.title)}`,
    '',
    `**${SAID[report.verdict]}**${report.reason === '' ? '' : ` (${text(report.reason)})`}`,
    '',
    ...(report.description === '' ? [] : [text(report.description, 4000), '']),
    '| | |',
    '|---|---|',
    `| noticed | ${report.detected_ms === null ? 'by nothing of the fleet' : `in ${spanWords(report.detected_ms)}: ${cell(report.detected_by)}`} |`,
    `| recovered | ${recoveredWords(report)} |`,
    `| taken back, and looked at | ${report.faults.length === 0 ? '–' : report.verified ? 'yes, all of it' : '**no**'} |`,
    `| ran | ${report.started}, ${spanWords(report.ms)} |`,
    `| experiment | ${report.id}, seed ${report.seed}, ${cell(report.file || 'from the command line')}${report.day ? `, ${cell(report.day)}` : ''} |`,
    `| agreed to | ${report.request || '–'}, plan ${report.digest.slice(0, 12)}, run by ${cell(report.by)} |`,
    '',
    '## What was broken',
    '',
    ...report.faults.flatMap(fault => [
      `### ${text(fault.about)}`,
      '',
      `- ${fault.injected === '' ? 'never injected' : `from ${fault.injected} for ${spanWords(fault.ms)}`}, by ${fault.mechanism || 'nothing'}; ended: ${fault.end} (${text(fault.because)})${fault.measured ? ` · ${text(fault.measured)}` : ''}`,
      ...fault.effects.map(one => `- did: ${text(one)}`),
      ...fault.rollbacks.map(one => `- taken back ${text(one)}`),
      ...fault.residues.map(one => `- **left behind: ${text(one)}**`),
      ...fault.recordings.map(
        ({ recording, at_ms }) =>
          `- recorded: \`hms record play ${recording} --from ${Math.max(0, Math.floor(at_ms / 1000) - 2)}s\``,
      ),
      '',
    ]),
    '## Steady state',
    '',
    '| probe | wanted | looks | out of it | last | |',
    '|---|---|---|---|---|---|',
    ...report.steady_state.map(
      ({ name, wanted, looks, out, last, samples }) =>
        `| ${cell(name)} | ${cell(wanted)} | ${looks} | ${out} | ${cell(last)} | ${chart(samples)} |`,
    ),
    '',
    ...(report.probes.length === 0
      ? []
      : [
          '## Looked at in between',
          '',
          ...report.probes.map(one => `- ${spanWords(one.at_ms)}: ${text(one.name)} is ${text(one.value)}`),
          '',
        ]),
    '## What people did',
    '',
    ...(report.operators.length === 0
      ? ['Nothing: the fleet was on its own.']
      : report.operators.map(one => `- ${spanWords(one.at_ms)}: ${text(one.by)} · ${text(one.what)}`)),
    '',
  ];
  return lines.join('\n');
}

export function recoveredWords({
  faults,
  recovered_ms: ms,
}: Pick<Report, 'faults' | 'recovered_ms'>): string {
  if (!faults.some(({ injected }) => injected !== '')) return '–';
  if (ms === null) return 'no';
  return ms === 0 ? 'it never left its steady state' : `in ${spanWords(ms)}`;
}

function chart(samples: Report['steady_state'][number]['samples']): string {
  const values = samples.flatMap(([, value]) => (typeof value === 'number' ? [value] : []));
  // The picture of the console, whose bars are for three minutes: as many as there are looks, 30 at most.
  return values.length === 0 ? '' : sparkline(spread(values), 30);
}

/** As many values as the sparkline shows, each the least of its time: what went away is what matters. */
function spread(values: readonly number[]): readonly number[] {
  return Array.from({ length: 180 }, (_, at) => values[Math.floor((at / 180) * values.length)] ?? 0);
}

/** What others wrote must not become Markdown of ours. */
function text(words: string, most = 400): string {
  return oneLine(words, most).replace(/[\\`*_[\]<>#|]/g, '\\$&');
}

function cell(words: string): string {
  return text(words, 200);
}
