/** Run by a test, on a disk of 1 MB: fills it while it records, frees it, and says what became of it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY } from '../../src/model/state.ts';
import { parseEvent, parsePosition } from '../../src/recording/cast.ts';
import type { Told } from '../../src/recording/part.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { waitFor } from '../support/wait.ts';
import { feedIn, NO_SECRETS, outputOf } from './fixture.ts';

const disk = process.argv[2] ?? '';
const folder = join(disk, 'recordings');
// The spool lies elsewhere, so that only the recorder meets the full disk.
const elsewhere = mkdtempSync(join(tmpdir(), 'hms-t-'));
mkdirSync(folder);
symlinkSync(elsewhere, join(folder, '.spool'));
writeFileSync(join(disk, 'ballast'), Buffer.alloc(700_000));
const feed = feedIn(folder);
const told: Told[] = [];
const recorder = new Recorder({
  folder,
  settings: { keep: 1e12, maxSize: 1e12, secrets: NO_SECRETS },
  tell: word => told.push(word),
  hasEnded: () => false,
  events: () => [],
  rests: () => true,
  now: Date.now,
  log: () => {},
});
const agent = { ...EMPTY, seq: 1, agents: { builder: { alive: true, incarnation: 1 } } };
recorder.welcome(agent as unknown as typeof EMPTY);
const text = Array.from(
  { length: 12_000 },
  (_, n) => `line ${n} that fills the disk until it is full\r\n`,
).join('');
feed.print(text);
const kinds = (): readonly string[] =>
  told.map(word => word.kind).filter(kind => kind !== 'recording.chunked');
await waitFor(() => kinds().includes('recording.paused'), { what: 'the pause' });
rmSync(join(disk, 'ballast'));
const recorded = (): string => outputOf(feed.text('builder.1.cast'));
await waitFor(() => recorded().length === text.length, { what: 'the rest' });
await waitFor(() => kinds().includes('recording.resumed'), { what: 'the end of the pause' });
recorder.stop();
const lines = feed.text('builder.1.cast').trimEnd().split('\n').slice(1);
rmSync(elsewhere, { recursive: true });
console.log(
  JSON.stringify({
    kinds: kinds(),
    same: recorded() === text,
    lines: lines.every(line => (parseEvent(line) ?? parsePosition(line)) !== undefined),
  }),
);
