import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEvent, parsePosition } from '../../src/recording/cast.ts';
import { appendNote, SEGMENT } from '../../src/recording/spool.ts';
import { withFolder } from '../support/scratch.ts';
import { BEGUN, feedIn, markersOf, outputOf } from './fixture.ts';

const NAME = 'builder.1.cast';

/** Whole text cut into pieces anywhere, also inside characters. */
const pieces = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 60 }), fc.array(fc.nat(240), { maxLength: 8 }))
  .map(([text, cuts]) => {
    const bytes = Buffer.from(text.toWellFormed());
    const ends = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
    return {
      text: text.toWellFormed(),
      pieces: [...ends, bytes.length].map((end, n) => bytes.subarray(ends[n - 1] ?? 0, end)),
    };
  });

describe('a stream on its way into a cast file', () => {
  test('is the same text however its bytes are cut, and valid lines only', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, ({ text, pieces: parts }) =>
        withFolder(async folder => {
          const feed = feedIn(folder);
          const stream = feed.open();
          for (const part of parts) {
            feed.print(part);
            feed.settle(stream);
          }
          const cast = feed.text(NAME);
          expect(outputOf(cast)).toBe(text);
          for (const line of cast.trimEnd().split('\n').slice(1)) {
            expect(parseEvent(line) ?? parsePosition(line)).toBeDefined();
          }
          stream.close();
        }),
      ),
      { numRuns: 60 },
    );
  });

  test('goes on without a byte too many or too few, wherever its recorder was killed while writing', async () => {
    const arbitrary = fc.tuple(
      fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.nat(5),
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, ([texts, cut, killedAt]) =>
        withFolder(async folder => {
          const feed = feedIn(folder);
          let stream = feed.open();
          for (const [n, text] of texts.entries()) {
            feed.print(text.toWellFormed());
            feed.settle(stream);
            if (n !== killedAt % texts.length) continue;
            stream.close();
            // What a kill leaves: the file ends anywhere behind its first batch.
            const bytes = Buffer.from(feed.text(NAME));
            const least = bytes.indexOf('\n', bytes.indexOf('# hms')) + 1;
            truncateSync(join(folder, NAME), least + (cut % (bytes.length - least + 1)));
            stream = feed.open();
            feed.settle(stream);
          }
          feed.settle(stream);
          stream.close();
          expect(outputOf(feed.text(NAME))).toBe(texts.map(text => text.toWellFormed()).join(''));
          expect(feed.casts()).toEqual([NAME]);
        }),
      ),
      { numRuns: 60 },
    );
  });

  test('writes U+FFFD for what is not UTF-8, and never waits for it', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder);
      const stream = feed.open();
      feed.print(Buffer.from([0x61, 0xff, 0xc0, 0x80, 0xe2, 0x28, 0x62]));
      feed.settle(stream);
      expect(outputOf(feed.text(NAME))).toBe('a\ufffd\ufffd\ufffd\ufffd(b');
      stream.close();
    });
  });

  test('ends with the exit status, the last bytes whatever they are, and nothing left in the spool', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder);
      const stream = feed.open();
      feed.print(Buffer.from([0x62, 0xe2, 0x82]));
      feed.settle(stream);
      stream.over('exit 3', '3', feed.now);
      writeFileSync(join(feed.dir, 'end'), '');
      for (let n = 0; n < 5; n += 1) feed.settle(stream);
      expect(readdirSync(feed.dir)).not.toContain('out.aaaaaa');
      stream.heard(NAME);
      expect(stream.done).toBe(true);
      const cast = feed.text(NAME);
      expect(outputOf(cast)).toBe('b\ufffd');
      expect(cast).toMatch(/,"x","3"\]\n# hms /);
      expect(existsSync(feed.dir)).toBe(false);
      expect(feed.told.at(-1)).toMatchObject({
        kind: 'recording.ended',
        data: { file: NAME, reason: 'exit 3', chunks: 1 },
      });
    });
  });

  test('does not end while something is on its way, however long that takes', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder);
      const stream = feed.open();
      feed.print('first ');
      feed.settle(stream);
      feed.rests = false;
      stream.over('exit 0', '0', feed.now);
      for (let n = 0; n < 100; n += 1) feed.settle(stream);
      feed.print('last');
      feed.rests = true;
      for (let n = 0; n < 5; n += 1) feed.settle(stream);
      expect(outputOf(feed.text(NAME))).toBe('first last');
      expect(feed.told.at(-1)?.kind).toBe('recording.ended');
    });
  });

  test('waits for a tap that has not begun when its run is over', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder);
      for (const file of ['tap', 'size']) rmSync(join(feed.dir, file));
      const stream = feed.open();
      stream.over('exit 0', '0', feed.now);
      for (let n = 0; n < 100; n += 1) feed.settle(stream);
      writeFileSync(join(feed.dir, 'size'), '80 24 tmux-256color\n');
      feed.print('all of it');
      writeFileSync(join(feed.dir, 'end'), '');
      for (let n = 0; n < 5; n += 1) feed.settle(stream);
      expect(outputOf(feed.text(NAME))).toBe('all of it');
    });
  });

  test('says its end again when its recorder was killed before the journal knew it', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder);
      const first = feed.open();
      feed.print('all');
      first.over('exit 0', '0', feed.now);
      for (let n = 0; n < 5; n += 1) feed.settle(first);
      expect(feed.told.at(-1)?.kind).toBe('recording.ended');
      feed.told.length = 0;
      const second = feed.open();
      second.over('exit 0', '0', feed.now);
      for (let n = 0; n < 5; n += 1) feed.settle(second);
      expect(feed.told.at(-1)?.kind).toBe('recording.ended');
      second.heard(NAME);
      expect(second.done).toBe(true);
      expect(outputOf(feed.text(NAME))).toBe('all');
    });
  });

  test('marks sizes and labels where they belong in the output', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder);
      const stream = feed.open();
      feed.print('before');
      appendNote(feed.dir, { at: 6, size: [100, 30] });
      feed.print('after');
      appendNote(feed.dir, { at: 11, marker: 'here' });
      feed.settle(stream);
      stream.close();
      const events = feed
        .text(NAME)
        .split('\n')
        .flatMap(line => parseEvent(line) ?? []);
      expect(events.map(event => [event.code, event.data])).toEqual([
        ['o', 'before'],
        ['r', '100x30'],
        ['o', 'after'],
        ['m', 'here'],
      ]);
    });
  });

  test('marks each event of the journal once, also after a kill', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder);
      const first = feed.open();
      feed.settle(first);
      first.mark('one', BEGUN + 5, 7);
      first.mark('one again', BEGUN + 5, 7);
      first.close();
      const second = feed.open();
      expect(second.seq).toBe(7);
      second.mark('one once more', BEGUN + 5, 7);
      second.mark('two', BEGUN + 6, 8);
      second.close();
      expect(markersOf(feed.text(NAME))).toEqual(['one', 'recording.resumed · by a new recorder', 'two']);
    });
  });

  test('goes on in a new part when one is full, and drops from the spool what is written', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder, { partBytes: 1 << 20 });
      const stream = feed.open();
      const text = 'a line of output that is forty characters\r\n'.repeat(130_000);
      feed.print(text);
      feed.settle(stream);
      const [first = '', ...more] = feed.casts();
      expect([first, ...more]).toEqual(
        expect.arrayContaining([NAME, 'builder.1.p2.cast', 'builder.1.p3.cast']),
      );
      const parts = [NAME, ...Array.from({ length: more.length }, (_, n) => `builder.1.p${n + 2}.cast`)];
      expect(parts.map(part => outputOf(feed.text(part))).join('') === text).toBe(true);
      expect(text.length).toBeGreaterThan(SEGMENT);
      expect(readdirSync(feed.dir)).not.toContain('out.aaaaaa');
      const ends = feed.told.filter(told => told.kind === 'recording.ended');
      expect(ends).toHaveLength(parts.length - 1);
      stream.close();
    });
  });

  test('begins a new part when its file has less than was settled', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder);
      const first = feed.open();
      feed.print('one ');
      feed.settle(first);
      first.close();
      const settled = feed.told.findLast(told => told.kind === 'recording.chunked');
      truncateSync(join(folder, NAME), 100);
      feed.print('two');
      const state = {
        file: NAME,
        recording: 'builder.1',
        part: 1,
        agent: 'builder',
        since: BEGUN,
        chunk: 1,
        bytes: settled?.data.bytes ?? 0,
        digest: settled?.data.digest ?? '',
      };
      const second = feed.open(() => state);
      feed.settle(second);
      second.close();
      expect(feed.told).toContainEqual(
        expect.objectContaining({
          kind: 'recording.ended',
          data: expect.objectContaining({ file: NAME, chunks: 1 }),
        }),
      );
      // What the spool still has is recorded again: rather twice than not at all.
      expect(outputOf(feed.text('builder.1.p2.cast'))).toBe('one two');
    });
  });

  test('says that something is missing when the pipe of the run had broken', async () => {
    await withFolder(async folder => {
      const feed = feedIn(folder, { gap: true });
      const stream = feed.open();
      feed.settle(stream);
      stream.close();
      expect(markersOf(feed.text(NAME))).toEqual(['recording.resumed · what was printed before is missing']);
    });
  });
});
