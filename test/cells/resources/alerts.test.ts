import { describe, expect, test } from 'vitest';
import { alertsOf, bottleneckOf, type Holding, holdingNow } from '../../../src/cells/resources/alerts.ts';
import { AlertConfig } from '../../../src/model/fleet.ts';
import { extended, NO_SERIES, type Sample, SERIES_KEPT, sparkline } from '../../../src/model/resources.ts';

const QUIET: Sample = { cpu: 1, rss: 100 << 20, threads: 4, processes: 1, output: 0 };
const config = AlertConfig.parse({});

/** Plays one sample a second and returns the words of the alerts after each. */
function played(samples: readonly Sample[]): string[][] {
  let holding: Holding = {};
  let series = NO_SERIES;
  let threads: number[] = [];
  return samples.map((sample, i) => {
    const now = 1_000_000 + i * 1000;
    series = extended(series, sample);
    threads = [...threads, sample.threads ?? 0];
    holding = holdingNow(config, holding, sample, series, threads, now);
    return alertsOf(config, 'one', holding, sample, series, threads, now).map(a => a.kind);
  });
}
const seconds = (n: number, sample: Partial<Sample>) =>
  Array.from({ length: n }, () => ({ ...QUIET, ...sample }));

describe('alerts', () => {
  test('CPU must stay high for as long as is set; one quiet second starts it anew', () => {
    const all = played([...seconds(30, { cpu: 95 }), ...seconds(1, {}), ...seconds(31, { cpu: 95 })]);
    expect(all.slice(0, -1).flat()).toEqual([]);
    expect(all.at(-1)).toEqual(['cpu']);
  });

  test('growth is told at once and forgotten when the window has passed', () => {
    const all = played([...seconds(3, {}), ...seconds(125, { rss: 700 << 20, threads: 140 })]);
    expect(all[3]).toEqual(['memory', 'threads']);
    expect(all.at(-1)).toEqual([]);
    // What has just started has not grown.
    expect(played(seconds(5, { rss: 4 << 30 })).flat()).toEqual([]);
  });

  test('a flood of output is one; output that nobody counts is none', () => {
    expect(played(seconds(31, { output: 5 << 20 })).at(-1)).toEqual(['output']);
    expect(played(seconds(31, { output: null })).flat()).toEqual([]);
  });

  test('a bottleneck is who most of a busy machine works for', () => {
    const busy = { one: { ...QUIET, cpu: 150 }, two: { ...QUIET, cpu: 40 } };
    expect(bottleneckOf(busy, 2)).toBe('one');
    expect(bottleneckOf(busy, 8)).toBe('');
    expect(bottleneckOf({}, 2)).toBe('');
  });
});

describe('pictures', () => {
  test('the newest stands at the right, peaks are not averaged away, the width is kept', () => {
    const values = [...Array.from({ length: SERIES_KEPT - 1 }, () => 0), 100];
    const line = sparkline(values, 10, 100);
    expect([...line]).toHaveLength(10);
    expect(line.endsWith('█')).toBe(true);
    expect(sparkline([0, 100, 0], 10, 100)).toBe('█');
    expect(sparkline([], 10)).toBe('');
    expect(sparkline([5], 0)).toBe('');
  });
});
