/** `hms recorder FILE NAME`: the fleet's recorder, as the keeper window runs it beside the engine. Not for people. */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openLog } from '../engine/log.ts';
import { realPlace } from '../fleet/load.ts';
import { type FleetPaths, fleetPaths } from '../fleet/paths.ts';
import { prepareFolders } from '../fleet/registry.ts';
import { openReader } from '../journal/reader.ts';
import { lockFile } from '../journal/sqlite.ts';
import type { Event } from '../model/event.ts';
import { isAtRest } from '../processes/stat.ts';
import { readProcess } from '../processes/table.ts';
import type { RecordingSettings } from '../protocol/messages.ts';
import { Recorder } from '../recording/recorder.ts';
import { EXIT_DONE } from './keeper.ts';
import { RecorderLink } from './recorder-link.ts';

/** As nice(1) counts. */
const NICE = 5;
/** Between two tries to get the lock, ms. */
const LOCK_MS = 200;
/** How long the journal may take to hear the last words, ms. */
const LAST_WORDS_MS = 1000;

/** As a shell tells SIGTERM. Who sends it to the recorder alone gets another one. */
const EXIT_TERMINATED = 143;

/** Resolves with the exit code. Runs until SIGTERM, or not at all when the fleet records nothing. */
export async function runRecorder(file: string, name: string): Promise<number> {
  // As the engine: it outlives a tmux server that dies under it.
  process.on('SIGHUP', () => {});
  process.on('SIGINT', () => {});
  const ending = new AbortController();
  process.once('SIGTERM', () => ending.abort());
  const paths = fleetPaths(name, dirname(await realPlace(file)));
  await prepareFolders(paths);
  const unlock = await lock(paths, ending.signal);
  if (!unlock) return EXIT_TERMINATED;
  yieldToAll();
  const log = openLog(`${paths.state}/recorder.log`);
  log(`recorder ${process.pid} begins`);
  const link = new RecorderLink(paths.operatorSocket);
  let recorder: Recorder | undefined;
  const begin = (folder: string, settings: RecordingSettings): Recorder =>
    new Recorder({
      folder,
      settings,
      tell: told => link.tell(told),
      hasEnded: cast => hasEnded(paths.journal, cast),
      events: (from, to) => eventsOf(paths.journal, from, to),
      rests: pid => isAtRest(readProcess(pid)?.state),
      now: Date.now,
      log,
    });
  await link.follow(
    {
      onWelcome: (welcome, settings) => {
        recorder ??= begin(welcome.recordings, settings);
        recorder.configure(settings);
        recorder.welcome(welcome.state);
      },
      onSettings: settings => recorder?.configure(settings),
      onEvent: event => recorder?.event(event),
      log,
    },
    ending.signal,
  );
  recorder?.stop();
  await link.flush(LAST_WORDS_MS);
  log(`recorder ${process.pid} ends`);
  unlock();
  return ending.signal.aborted ? EXIT_TERMINATED : EXIT_DONE;
}

/**
 * Agents and people come first: what waits for us waits on disk. Linux shares cores out by session before it looks at
 * processes (sched(7), autogroup), so ours gets the same rank, if it is ours alone.
 */
function yieldToAll(): void {
  setPriority(NICE);
  if (readProcess(process.pid)?.session !== process.pid) return;
  try {
    writeFileSync('/proc/self/autogroup', String(NICE));
  } catch {
    // Not Linux, or a kernel without it.
  }
}

/** Two recorders would read the same spool. Undefined when told to end while waiting for the other to go. */
async function lock(paths: FleetPaths, signal: AbortSignal): Promise<(() => void) | undefined> {
  while (!signal.aborted) {
    const unlock = lockFile(`${paths.state}/recorder.lock`, 0);
    if (unlock) return unlock;
    await setTimeout(LOCK_MS);
  }
  return undefined;
}

function hasEnded(journal: string, cast: string): boolean {
  const reader = openReader(journal);
  try {
    for (const event of reader.read({ kinds: ['recording.ended'], reverse: true })) {
      if (event.kind === 'recording.ended' && event.data.file === cast) return true;
    }
    return false;
  } finally {
    reader.close();
  }
}

function* eventsOf(journal: string, from: number, to: number): Generator<Event> {
  const reader = openReader(journal);
  try {
    yield* reader.read({ from: from + 1, to });
  } finally {
    reader.close();
  }
}
