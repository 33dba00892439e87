import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AgentId, OperatorId } from '../../src/model/ids.ts';
import { Redactor } from '../../src/recording/redact.ts';
import { readMeta, SEGMENT, spoolFolder } from '../../src/recording/spool.ts';
import { Stream } from '../../src/recording/stream.ts';
import { openStage } from '../../src/recording/writer.ts';
import { withFolder } from '../support/scratch.ts';
import { BEGUN, markersOf, NO_SECRETS, outputOf } from './fixture.ts';

const stage = {
  operator: OperatorId.parse('alice@example.org'),
  agent: AgentId.parse('builder'),
  session: 's-1a2b3c4d',
  cols: 80,
  rows: 24,
  terminal: 'xterm-256color',
  now: BEGUN,
};

describe("an operator's stage", () => {
  test('is recorded through the spool: output, sizes and marks in their order, to the last byte', async () => {
    await withFolder(async folder => {
      const troubles: string[] = [];
      const writer = openStage({ ...stage, folder, onTrouble: words => troubles.push(words) });
      const text = 'x'.repeat(SEGMENT - 3);
      writer.output(text);
      writer.output('日本');
      writer.resize(100, 30);
      writer.marker('the keyboard is hers');
      writer.output('end');
      writer.close();
      writer.output('after the end');
      const [name = ''] = readdirSync(spoolFolder(folder));
      const dir = join(spoolFolder(folder), name);
      const meta = readMeta(dir);
      expect(meta).toMatchObject({ operator: 'alice@example.org', agent: 'builder', pid: process.pid });
      if (!meta) return;
      const redactor = new Redactor(NO_SECRETS);
      const stream = new Stream(
        { folder, dir, meta, redactor, partBytes: 1 << 30, tell: () => {}, rests: () => true, log: () => {} },
        0,
        BEGUN,
      );
      for (let n = 0; n < 3; n += 1) {
        while (stream.pump(BEGUN + n * 200));
        stream.sweep(BEGUN + n * 200);
      }
      stream.heard(stream.untold ?? '');
      expect(stream.done).toBe(true);
      const cast = readFileSync(join(folder, `${meta.recording}.cast`), 'utf8');
      expect(outputOf(cast) === `${text}日本end`).toBe(true);
      expect(markersOf(cast)).toEqual(['the keyboard is hers']);
      expect(cast.indexOf('"r","100x30"')).toBeLessThan(cast.indexOf('"end"'));
      expect(troubles).toEqual([]);
    });
  });

  test('that cannot be recorded says so once, and works all the same', async () => {
    await withFolder(async folder => {
      const troubles: string[] = [];
      const writer = openStage({
        ...stage,
        folder: join(folder, 'x\0y'),
        onTrouble: words => troubles.push(words),
      });
      writer.output('a');
      writer.close();
      expect(troubles).toHaveLength(1);
    });
  });
});
