/** `hms record`: the recordings of a fleet, whether it runs or not. */
import { closeSync, existsSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { age } from '../console/words.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { findFleet } from '../fleet/registry.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import { bytesWords } from '../model/resources.ts';
import { oneLine, plural } from '../model/text.ts';
import { localTime } from '../model/when.ts';
import type { CatalogEntry } from '../recording/catalog.ts';
import type { Format } from '../recording/export.ts';
import type { Verified } from '../recording/verify.ts';
import { print, printJson, say, table } from './output.ts';

interface OfFleet {
  readonly fleet?: string;
}

export function recordCommand(): Command {
  const record = new Command('record').description("recordings of agents' panes and operators' stages");
  const add = (name: string, about: string): Command =>
    record
      .command(name)
      .description(about)
      .option('--fleet <fleet>', 'name or folder of a fleet (default: the one here)');

  add('list', 'what has been recorded, oldest first')
    .option('--json', 'as JSON')
    .action(async (options: OfFleet & { json?: boolean }) =>
      list(await paths(options), options.json ?? false),
    );
  add('play', 'play a recording in this terminal: space pauses, arrows seek, [ and ] go to markers, q quits')
    .argument('<name>', 'builder.3, builder for its newest run, or the path of a cast file')
    .option('--speed <n>', 'so many times as fast', positive, 1)
    .option('--from <time>', 'begin there: 90, 90s, 5m, 1:30', moment, 0)
    .option('--idle <seconds>', 'no silence longer than this', positive)
    .action(async (name: string, options: OfFleet & { speed: number; from: number; idle?: number }) => {
      const recording = await open(options, name);
      const { play } = await import('./record-play.ts');
      const idle = (options.idle ?? Number.POSITIVE_INFINITY) * 1000;
      await play(recording, { speed: options.speed, from: options.from, idle });
    });
  add(
    'export',
    'a recording for others, all its parts in one: asciicast for asciinema 3 (v3) or 2 (v2), or text',
  )
    .argument('<name>', 'builder.3, builder for its newest run, or the path of a cast file')
    .addOption(new Option('--format <format>', 'v3, v2 or txt').choices(['v3', 'v2', 'txt']).default('v3'))
    .option('-o, --out <file>', 'where to (default: standard output)')
    .action((name: string, options: OfFleet & { format: Format; out?: string }) => exportTo(name, options));
  add('verify', 'hold recordings against their digests in the journal; exits 1 when one is not as it was')
    .argument('[name]', 'only this recording')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, options: OfFleet & { json?: boolean }) =>
      verify(await paths(options), name, options.json ?? false),
    );
  return record;
}

async function paths({ fleet }: OfFleet): Promise<FleetPaths> {
  return findFleet(fleet, process.cwd());
}

function positive(text: string): number {
  const n = Number(text);
  if (!(n > 0) || !Number.isFinite(n)) throw new InvalidArgumentError('a number above 0, please.');
  return n;
}

const UNIT: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 };

/** `90`, `90s`, `5m`, `1:30`, `1:00:30`; ms. */
function moment(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * (UNIT[unit] ?? 0);
  if (!/^\d+(?::[0-5]?\d){1,2}$/.test(text)) throw new InvalidArgumentError('write 90, 90s, 5m or 1:30.');
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}

async function open(options: OfFleet, name: string): Promise<import('../recording/read.ts').Recording> {
  const { openRecording } = await import('../recording/read.ts');
  // A file by its path is nobody's fleet.
  const folder = name.includes('/') ? '' : folderOf(await paths(options));
  return openRecording(folder, name);
}

function folderOf({ recordings, fleet }: FleetPaths): string {
  if (existsSync(recordings)) return recordings;
  throw new HmsError('no-recording', `${fleet} has no recordings`, 'is recording enabled in its fleet file?');
}

/** What the journal says, by file; empty before the fleet's first start. */
async function catalogOf({ journal }: FleetPaths): Promise<readonly CatalogEntry[]> {
  if (!existsSync(journal)) return [];
  const [{ openReader }, { CATALOG_KINDS, readCatalog }] = await Promise.all([
    import('../journal/reader.ts'),
    import('../recording/catalog.ts'),
  ]);
  const reader = openReader(journal);
  try {
    return [...readCatalog(reader.read({ kinds: CATALOG_KINDS })).values()];
  } finally {
    reader.close();
  }
}

async function list(fleet: FleetPaths, json: boolean): Promise<void> {
  const byName = Map.groupBy(await catalogOf(fleet), entry => entry.recording);
  const listed = [...byName].map(([name, parts]) => summaryOf(fleet.recordings, name, parts));
  if (json) return printJson(listed);
  if (listed.length === 0) return say('Nothing has been recorded yet.');
  print(
    table(
      listed.map(r => [
        oneLine(r.recording, 80),
        localTime(r.started),
        r.state,
        age(r.seconds * 1000),
        bytesWords(r.bytes),
        r.parts > 1 ? plural(r.parts, 'part') : '',
      ]),
    ),
  );
}

/** Of one that has not ended: up to when it was last written, ms. */
function lengthOf(folder: string, { file, started, ended }: CatalogEntry): number {
  if (ended) return ended.ms;
  const written = statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? started;
  return Math.max(0, written - started);
}

function summaryOf(folder: string, recording: string, parts: readonly CatalogEntry[]): Listed {
  const [first] = parts;
  const last = parts.at(-1);
  const there = parts.filter(part => part.removed === undefined);
  return {
    recording,
    agent: first?.agent ?? '',
    incarnation: first?.incarnation ?? 0,
    operator: first?.operator ?? '',
    started: first?.started ?? 0,
    seconds: Math.round(parts.reduce((sum, part) => sum + lengthOf(folder, part), 0) / 1000),
    bytes: there.reduce((sum, part) => sum + (part.ended?.bytes ?? part.chunks.at(-1)?.bytes ?? 0), 0),
    parts: parts.length,
    files: there.map(part => part.file),
    redacted: parts.reduce((sum, part) => sum + (part.ended?.redacted ?? 0), 0),
    state: there.length === 0 ? 'removed' : last?.ended ? 'ended' : 'open',
    reason: last?.ended?.reason ?? '',
  };
}

/** What scripts read. Stable: fields are added, never changed. */
interface Listed {
  readonly recording: string;
  readonly agent: string;
  readonly incarnation: number;
  readonly operator: string;
  /** ms since the epoch. */
  readonly started: number;
  readonly seconds: number;
  /** As far as they are settled. */
  readonly bytes: number;
  readonly parts: number;
  readonly files: readonly string[];
  readonly redacted: number;
  readonly state: 'open' | 'ended' | 'removed';
  readonly reason: string;
}

async function exportTo(name: string, options: OfFleet & { format: Format; out?: string }): Promise<void> {
  const recording = await open(options, name);
  const { exported } = await import('../recording/export.ts');
  const { out } = options;
  if (out === undefined) {
    if (process.stdout.isTTY && options.format !== 'txt') {
      throw new HmsError(
        'bad-option',
        'a recording is not for a terminal to read',
        'name a file with -o, or hms record play',
      );
    }
    for (const piece of exported(recording, options.format)) {
      if (!process.stdout.write(piece)) await new Promise(resolve => process.stdout.once('drain', resolve));
    }
    return;
  }
  const fd = openOut(out);
  try {
    for (const piece of exported(recording, options.format)) writeAll(fd, piece);
  } finally {
    closeSync(fd);
  }
  say(`${recording.name} is in ${out}.`);
}

function openOut(path: string): number {
  try {
    return openSync(path, 'w', 0o600);
  } catch (error) {
    throw new HmsError(
      'no-file',
      `the recording cannot be written: ${wordsOf(error)}`,
      'name another file with -o',
    );
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

async function verify(fleet: FleetPaths, name: string | undefined, json: boolean): Promise<void> {
  const verified = await verifiedOf(fleet);
  const wanted = verified.filter(v => name === undefined || v.recording === name || v.file === name);
  if (name !== undefined && wanted.length === 0) {
    throw new HmsError('no-recording', `there is no recording ${name}`, 'hms record list');
  }
  const { GOOD } = await import('../recording/verify.ts');
  const ok = wanted.every(v => GOOD.includes(v.verdict));
  if (json) printJson({ ok, recordings: wanted });
  else print(verifiedText(wanted, ok));
  process.exitCode = ok ? 0 : 1;
}

/** Every cast file the journal knows or the folder has. */
export async function verifiedOf(fleet: FleetPaths): Promise<readonly Verified[]> {
  const { verifyRecordings } = await import('../recording/verify.ts');
  const catalog = await catalogOf(fleet);
  return existsSync(fleet.recordings) || catalog.length > 0
    ? verifyRecordings(fleet.recordings, catalog)
    : [];
}

function verifiedText(verified: readonly Verified[], ok: boolean): string {
  const rows = verified.map(v => [
    oneLine(v.file, 100),
    v.verdict,
    v.faults.length > 0
      ? oneLine(v.faults.join('; '), 200)
      : v.verdict === 'removed'
        ? ''
        : `${plural(v.chunks, 'chunk')}, ${v.settled} of ${v.bytes} bytes settled`,
  ]);
  const verdict = ok
    ? `good: ${plural(verified.length, 'file')} as the journal says; hms audit verify holds the journal itself`
    : 'NOT AS RECORDED: see above';
  return [...(rows.length > 0 ? [table(rows)] : []), verdict].join('\n');
}
