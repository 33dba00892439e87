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
  engines: { came: 3, expected: 3 },
};

/** An engine that holds so much more each minute, for so many minutes. */
const growing = (minutes: number, mb: number): EngineSample[] =>
  Array.from({ length: minutes * 12 }, (_, at) => ({
    at: at * 5000,
    pid: 7,
    rssMb: 100 + (mb * at) / 12,
    fds: 40,
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

  it('calls an engine leaking that grows on and on, not one that is young', () => {
    expect(verdictOf({ ...WELL, engine: growing(15, 4) }).leaked).toEqual([
      'the engine grows by 4.0 MB a minute',
    ]);
    expect(verdictOf({ ...WELL, engine: growing(15, 0.5) }).leaked).toEqual([]);
    expect(verdictOf({ ...WELL, engine: growing(3, 40) }).leaked).toEqual([]);
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
