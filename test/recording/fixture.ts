/** A stream of the spool in a folder of the test's own, fed by hand, by a clock of the test's own. */
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentId } from '../../src/model/ids.ts';
import { parseEvent } from '../../src/recording/cast.ts';
import type { Told } from '../../src/recording/part.ts';
import { Redactor } from '../../src/recording/redact.ts';
import { prepareStream, readMeta, SEGMENT, segmentName } from '../../src/recording/spool.ts';
import { type Known, Stream } from '../../src/recording/stream.ts';

export const BEGUN = 1_800_000_000_000;
export const NO_SECRETS = { known: false, patterns: [], values: [] };

/** No process has such an id. */
const TAP = 2 ** 31;

export interface Feed {
  readonly folder: string;
  readonly dir: string;
  readonly told: Told[];
  readonly log: string[];
  now: number;
  /** The split has nothing to do; false: it has read what is not in the spool yet. */
  rests: boolean;
  /** As split(1) would write it. */
  print(bytes: Uint8Array | string): void;
  /** Another recorder on the same stream, as after a kill. */
  open(known?: (file: string) => Known): Stream;
  /** Reads whatever there is, and lets `ms` pass, so that nothing is held back any more. */
  settle(stream: Stream, ms?: number): void;
  /** Names of the cast files. */
  casts(): readonly string[];
  text(file: string): string;
}

export interface FeedOptions {
  readonly secrets?: ConstructorParameters<typeof Redactor>[0];
  readonly partBytes?: number;
  readonly gap?: boolean;
}

export function feedIn(
  folder: string,
  { secrets = NO_SECRETS, partBytes = 1 << 30, gap = false }: FeedOptions = {},
): Feed {
  const agent = AgentId.parse('builder');
  const meta = {
    recording: 'builder.1',
    agent,
    incarnation: 1,
    operator: '',
    title: 'builder',
    since: BEGUN,
    pid: 0,
    gap,
  } as const;
  const dir = prepareStream(folder, 'builder.1', meta);
  writeFileSync(join(dir, 'size'), '80 24 tmux-256color\n');
  writeFileSync(join(dir, 'tap'), `${TAP}\n`);
  let raw = 0;
  const feed: Feed = {
    folder,
    dir,
    told: [],
    log: [],
    now: BEGUN,
    rests: true,
    print: given => {
      const bytes = Buffer.from(given);
      for (let at = 0; at < bytes.length; ) {
        const room = SEGMENT - (raw % SEGMENT);
        const piece = bytes.subarray(at, at + room);
        appendFileSync(join(dir, segmentName(Math.floor(raw / SEGMENT))), piece);
        at += piece.length;
        raw += piece.length;
      }
    },
    open: known => {
      const stream = new Stream(
        {
          folder,
          dir,
          meta: readMeta(dir) ?? meta,
          redactor: new Redactor(secrets),
          partBytes,
          tell: told => feed.told.push(told),
          rests: pid => pid === TAP && feed.rests,
          log: line => feed.log.push(line),
        },
        0,
        feed.now,
      );
      stream.resume(known ?? (() => 'unknown'), feed.now);
      return stream;
    },
    settle: (stream, ms = 200) => {
      while (stream.pump(feed.now));
      feed.now += ms;
      stream.sweep(feed.now);
      while (stream.pump(feed.now));
    },
    casts: () =>
      readdirSync(folder)
        .filter(name => name.endsWith('.cast'))
        .sort(),
    text: file => readFileSync(join(folder, file), 'utf8'),
  };
  return feed;
}

/** What a player would write to a terminal. */
export function outputOf(cast: string): string {
  return cast
    .split('\n')
    .flatMap(line => parseEvent(line) ?? [])
    .flatMap(event => (event.code === 'o' ? [event.data] : []))
    .join('');
}

export function markersOf(cast: string): readonly string[] {
  return cast
    .split('\n')
    .flatMap(line => parseEvent(line) ?? [])
    .flatMap(e => (e.code === 'm' ? [e.data] : []));
}
