/** What the charts show, as plain data from the console's state. Everything agents made is harmless here. */
import { freezeWords } from '../../model/freeze.ts';
import { ALERT_MARK, bytesWords, SERIES_KEPT } from '../../model/resources.ts';
import { STATUS_GLYPH } from '../../model/status.ts';
import { summarise } from '../../model/summary.ts';
import { oneLine } from '../../model/text.ts';
import { countWords } from '../../model/usage.ts';
import { cut, pad } from '../cells.ts';
import { type UsageRow, usageRows } from '../resources.ts';
import type { ConsoleState } from '../state.ts';
import { timeline } from '../timeline.ts';
import { age, clock } from '../words.ts';

/** Lines a chart can hold and still be read. */
const LINES = 6;
/** Points of a line. */
const POINTS = 60;

export interface Lines {
  readonly x: readonly string[];
  readonly lines: readonly { readonly title: string; readonly y: readonly number[] }[];
}

/** The agents that used most lately, over the minutes that are kept. `per` turns a value into what the axis says. */
export function linesOf(state: ConsoleState, of: 'cpu' | 'rss', per: number): Lines {
  const step = SERIES_KEPT / POINTS;
  const x = Array.from({ length: POINTS }, (_, i) => {
    const seconds = Math.round((POINTS - 1 - i) * step);
    return seconds % 30 === 0 ? (seconds === 0 ? 'now' : `-${seconds}s`) : ' ';
  });
  const peak = ({ series }: UsageRow): number => Math.max(0, ...series[of]);
  const rows = usageRows(state, 'agent').toSorted((a, b) => peak(b) - peak(a));
  const lines = rows.slice(0, LINES).map(({ agent, series }) => {
    const values = [
      ...Array.from({ length: Math.max(0, SERIES_KEPT - series[of].length) }, () => 0),
      ...series[of],
    ];
    const y = Array.from({ length: POINTS }, (_, i) =>
      Math.round(Math.max(...values.slice(i * step, (i + 1) * step)) / per),
    );
    return { title: agent.id, y };
  });
  return { x, lines };
}

/** Printed kilobytes a second of those who print most. */
export function outputOf(
  state: ConsoleState,
  most: number,
): readonly { readonly title: string; readonly kb: number }[] {
  return usageRows(state, 'output')
    .slice(0, Math.max(1, most))
    .map(({ agent, sample }) => ({
      title: agent.id.slice(0, 8),
      kb: Math.round((sample?.output ?? 0) / 1024),
    }));
}

/** One line an agent, exactly `width` columns. */
export function tableOf(state: ConsoleState, width: number): readonly string[] {
  const head = `${pad('agent', 16)} ${pad('status', 22)} ${'CPU'.padStart(7)} ${'memory'.padStart(7)} ${'procs'.padStart(5)} ${'output'.padStart(9)} ${'tokens'.padStart(8)}  `;
  const alerts = state.resources.reading?.alerts ?? [];
  const rows = usageRows(state, 'cpu').map(({ agent, sample }) => {
    const { status, freeze, usage } = agent;
    const is = freeze
      ? `❄ ${freezeWords(freeze)}`
      : `${STATUS_GLYPH[status]} ${status} ${age(state.now - agent.since)}`;
    const marks = alerts.filter(alert => alert.agent === agent.id).map(({ kind }) => ALERT_MARK[kind]);
    const cells = [
      pad(agent.id, 16),
      pad(is, 22),
      (sample ? `${sample.cpu.toFixed(1)} %` : '–').padStart(7),
      (sample ? bytesWords(sample.rss) : '–').padStart(7),
      String(sample?.processes ?? '–').padStart(5),
      (sample?.output == null ? 'unknown' : `${bytesWords(sample.output)}/s`).padStart(9),
      (usage ? countWords(usage.input + usage.output) : 'unknown').padStart(8),
    ];
    return `${cells.join(' ')}  ${marks.join(' ')}`;
  });
  return [head, ...rows].map(row => pad(cut(row, width), width));
}

/** The newest events, oldest first, each in one line. */
export function eventsOf(state: ConsoleState, rows: number, width: number): readonly string[] {
  return timeline(state)
    .slice(0, Math.max(0, rows))
    .toReversed()
    .map(event => cut(`${clock(event.time)}  ${oneLine(event.subject, 40)}  ${summarise(event)}`, width));
}

/** The top line: which fleet, whether the engine is there, and what needs somebody. */
export function headOf(state: ConsoleState, width: number): string {
  const { fleet, link } = state;
  const is =
    link.is === 'up' ? '' : link.is === 'connecting' ? '  connecting…' : '  engine away, trying again…';
  const frozen = fleet.frozen ? '  ❄ FROZEN' : '';
  const waiting = Object.values(fleet.pending).filter(r => r.verdict === 'hold').length;
  const asks = waiting > 0 ? `  ▲ ${waiting} waiting` : '';
  return pad(
    cut(` hms ▸ ${fleet.fleet || '…'}${is}${frozen}${asks}   q quits, Ctrl-\\ leaves`, width),
    width,
  );
}
