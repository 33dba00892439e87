import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HmsError } from '../../src/model/errors.ts';
import { eventLine, headerLine } from '../../src/recording/cast.ts';
import { exported, type FORMATS } from '../../src/recording/export.ts';
import { Playback } from '../../src/recording/playback.ts';
import { openRecording, type TimedEvent } from '../../src/recording/read.ts';
import { asciinema, plays } from '../support/asciinema.ts';
import { withFolder } from '../support/scratch.ts';

const run = promisify(execFile);

function header(part: number, since: number, cols = 80): string {
  const hms = { recording: 'builder.1', part, agent: 'builder', incarnation: 1, operator: '', since };
  return headerLine({
    version: 3,
    term: { cols, rows: 24, type: 'xterm' },
    timestamp: Math.floor(since / 1000),
    title: 'builder',
    hms,
  });
}

/** Two parts of one run, the second with another size and a torn end. */
function recorded(folder: string): void {
  const first = [
    header(1, 5_000_250),
    '# hms 0 0 0 0 80 24\n',
    eventLine(100, 'o', 'hé\u001b[31mllo'),
    eventLine(50, 'm', 'here'),
  ];
  const second = [
    header(2, 5_001_250, 100),
    eventLine(0, 'o', '\u001b[0m wor'),
    eventLine(10, 'o', 'ld\r\n'),
    eventLine(10, 'x', '3'),
    '[0.1,"o","tor',
  ];
  writeFileSync(join(folder, 'builder.1.cast'), first.join(''));
  writeFileSync(join(folder, 'builder.1.p2.cast'), second.join(''));
}

const all = (folder: string, format: (typeof FORMATS)[number], name = 'builder'): string =>
  [...exported(openRecording(folder, name), format)].join('');

describe('a recording', () => {
  test('is read as one, all its parts with the time between them, without a torn end', async () => {
    await withFolder(async folder => {
      recorded(folder);
      expect([...openRecording(folder, 'builder').events()]).toEqual([
        { at: 100, code: 'o', data: 'hé\u001b[31mllo' },
        { at: 150, code: 'm', data: 'here' },
        { at: 1000, code: 'm', data: 'recording.started · part 2' },
        { at: 1000, code: 'r', data: '100x24' },
        { at: 1000, code: 'o', data: '\u001b[0m wor' },
        { at: 1010, code: 'o', data: 'ld\r\n' },
        { at: 1020, code: 'x', data: '3' },
      ]);
    });
  });

  test('is found by its name, its agent or its path; else it is said what there is', async () => {
    await withFolder(async folder => {
      recorded(folder);
      writeFileSync(join(folder, 'builder.12.cast'), header(1, 0));
      expect(openRecording(folder, 'builder').name).toBe('builder.12');
      expect(openRecording(folder, 'builder.1').files).toHaveLength(2);
      expect(openRecording(folder, 'builder.1.p2.cast').name).toBe('builder.1');
      expect(openRecording('', join(folder, 'builder.1.p2.cast')).files).toHaveLength(1);
      expect(() => openRecording(folder, 'tester')).toThrow(
        expect.objectContaining({ code: 'no-recording', hint: 'there are builder.1, builder.12' }),
      );
      writeFileSync(join(folder, 'x.1.cast'), 'no cast\n');
      expect(() => openRecording(folder, 'x')).toThrow(HmsError);
    });
  });

  test('exports as asciicast v3 and v2 that are what the formats say, and as text', async () => {
    await withFolder(async folder => {
      recorded(folder);
      const [head = '', ...lines] = all(folder, 'v3')
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      expect(head).toMatchObject({ version: 3, term: { cols: 80, rows: 24 }, timestamp: 5000 });
      expect(lines.map(([interval, code]) => [interval, code])).toEqual([
        [0.1, 'o'],
        [0.05, 'm'],
        [0.85, 'm'],
        [0, 'r'],
        [0, 'o'],
        [0.01, 'o'],
        [0.01, 'x'],
      ]);
      const [old, ...events] = all(folder, 'v2')
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      expect(old).toEqual({
        version: 2,
        width: 80,
        height: 24,
        timestamp: 5000,
        title: 'builder',
        env: { TERM: 'xterm' },
      });
      expect(events.map(([at, code]) => [at, code])).toEqual([
        [0.1, 'o'],
        [0.15, 'm'],
        [1, 'm'],
        [1, 'r'],
        [1, 'o'],
        [1.01, 'o'],
      ]);
      expect(all(folder, 'txt')).toBe('héllo world\n');
    });
  });

  for (const { major, format } of [
    { major: 3, format: 'v3' as const },
    { major: 2, format: 'v2' as const },
  ]) {
    const player = asciinema(major);
    test.skipIf(!player)(`is played by asciinema ${major}, exported as ${format}`, async () => {
      await withFolder(async dir => {
        recorded(dir);
        const file = join(dir, 'out.cast');
        writeFileSync(file, all(dir, format));
        await plays(player ?? '', file, 'héllo world');
        // The writer's own file, positions and all, is as good.
        if (major !== 3) return;
        await run(player ?? '', ['convert', '-f', 'txt', join(dir, 'builder.1.cast'), join(dir, 'out.txt')]);
        expect(readFileSync(join(dir, 'out.txt'), 'utf8')).toContain('hé');
      });
    });
  }
});

const events: fc.Arbitrary<readonly TimedEvent[]> = fc
  .array(fc.tuple(fc.nat(5000), fc.constantFrom('o', 'm', 'r')), { maxLength: 30 })
  .map(steps => {
    let at = 0;
    return steps.map(([ms, code], n) => {
      at += ms;
      return { at, code, data: `${n}` };
    });
  });

describe('playing', () => {
  test('shows every event once and in order, at any speed and after any jump', () => {
    const moves = fc.array(
      fc.oneof(
        fc.nat(4000).map(ms => ({ do: 'advance', ms })),
        fc.nat(60_000).map(ms => ({ do: 'seek', ms })),
        fc.constantFrom(1, -1).map(ms => ({ do: 'marker', ms })),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(events, moves, fc.constantFrom(0.5, 1, 8), (list, steps, speed) => {
        const playback = new Playback(list, { speed, idle: Number.POSITIVE_INFINITY });
        let shown: readonly TimedEvent[] = [];
        for (const move of steps) {
          const step =
            move.do === 'advance'
              ? playback.advance(move.ms)
              : move.do === 'seek'
                ? playback.seek(move.ms)
                : playback.seekMarker(move.ms > 0 ? 1 : -1);
          shown = [...(step.fresh ? [] : shown), ...list.slice(step.from, step.to)];
          expect(shown).toEqual(list.filter(event => event.at <= playback.at));
        }
      }),
    );
  });

  test('cuts long silences, jumps to markers, stands still when paused', () => {
    const list = [
      { at: 0, code: 'o', data: 'a' },
      { at: 60_000, code: 'm', data: 'first' },
      { at: 61_000, code: 'm', data: 'second' },
      { at: 200_000, code: 'o', data: 'b' },
    ];
    const playback = new Playback(list, { speed: 2, idle: 2000 });
    expect(playback.length).toBe(5000);
    expect(playback.timeOf(61_000)).toBe(3000);
    expect(playback.advance(500)).toEqual({ fresh: false, from: 0, to: 1 });
    expect(playback.seekMarker(1)).toEqual({ fresh: false, from: 1, to: 2 });
    playback.paused = true;
    expect(playback.advance(10_000)).toEqual({ fresh: false, from: 2, to: 2 });
    expect(playback.seekMarker(1).to).toBe(3);
    expect(playback.seekMarker(-1)).toEqual({ fresh: true, from: 0, to: 2 });
    playback.faster(1);
    expect(playback.speed).toBe(4);
  });
});
