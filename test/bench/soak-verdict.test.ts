/** What a soak calls lost, leaked and stuck. */
import { describe, expect, it } from 'vitest';
import { type EngineSample, slopeAMinute } from '../../bench/soak/gauge.ts';
import { type Seen, verdictOf } from '../../bench/soak/verdict.ts';
import { EMPTY } from '../../src/model/state.ts';

const HELD = { processes: ['1 engine', '2 tmux'], 'tmux panes': ['%1'], 'undo journals': [] };
const WELL: Seen = {
  state: EMPTY,
  silent: [],
  forgotten: [],
  verified: { ok: true, words: '' },
  before: HELD,
  after: HELD,
  left: [],
  engine: [],
  heap: { from: 20, to: 22, minutes: 14 },
  engines: { came: 3, expected: 3 },
};

/** An engine that opens so many more files each minute, for so many minutes. */
const opening = (minutes: number, files: number): EngineSample[] =>
  Array.from({ length: minutes * 12 }, (_, at) => ({
    at: at * 5000,
    pid: 7,
    rssMb: 100 + at,
    fds: 40 + (files * at) / 12,
  }));

describe('the verdict of a soak', () => {
  it('finds nothing where nothing is', () => {
    expect(verdictOf(WELL)).toMatchObject({ lost: [], leaked: [], stuck: [] });
  });

  it('calls lost what does not verify, and engines that ended by themselves', () => {
    const { lost } = verdictOf({
      ...WELL,
      verified: { ok: false, words: 'entry 7 was changed' },
      engines: { came: 4, expected: 3 },
    });
    expect(lost).toEqual([
      expect.stringContaining('entry 7 was changed'),
      expect.stringContaining('4 engines'),
    ]);
  });

  it('calls leaked what there is more of than at the start, and names it', () => {
    const after = { ...HELD, 'tmux panes': ['%1', '%9'], 'undo journals': ['undo-1'] };
    const { leaked } = verdictOf({ ...WELL, after, left: [' 77 sleep'] });
    expect(leaked).toEqual([
      'tmux panes: 2, 1 at the start; new: %9',
      'undo journals: 1, 0 at the start; new: undo-1',
      'still runs after hms down: 77 sleep',
    ]);
  });

  it('calls an engine leaking whose heap grows without garbage or that opens file after file, not one that is young', () => {
    const { leaked } = verdictOf({
      ...WELL,
      heap: { from: 20, to: 76, minutes: 14 },
      engine: opening(15, 2),
    });
    expect(leaked).toEqual([
      "the engine's heap grows by 4.0 MB a minute",
      'the engine opens 2.0 files more a minute',
    ]);
    const young = { ...WELL, heap: { from: 20, to: 40, minutes: 2 }, engine: opening(3, 40) };
    expect(verdictOf(young).leaked).toEqual([]);
  });

  it('passes on what was forgotten on the way', () => {
    expect(verdictOf({ ...WELL, forgotten: ['i-1 stood still'] }).stuck).toEqual(['i-1 stood still']);
  });
});

it('takes the slope of a line for what it is, and that of two points for none', () => {
  const line = [0, 1, 2, 3].map(at => ({ at: 60_000 * at, value: 5 + 2 * at }));
  expect(slopeAMinute(line)).toBeCloseTo(2);
  expect(slopeAMinute(line.slice(0, 2))).toBe(0);
});
