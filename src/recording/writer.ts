/**
 * Records what an operator sees on a stage, in the process that owns its pty. Only output, never what is typed. It
 * writes to the spool; the fleet's recorder makes the cast file of it, as it does for agents' panes.
 */
import { closeSync, existsSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { AgentId, OperatorId } from '../model/ids.ts';
import { appendNote, prepareStream, SEGMENT, segmentName } from './spool.ts';

/** So much of a stage may wait for the recorder, in files of SEGMENT bytes. */
const MOST_SEGMENTS = 16;

interface StageOptions {
  /** The fleet's recordings folder, as the engine's welcome names it. */
  readonly folder: string;
  readonly operator: OperatorId;
  readonly session: string;
  /** The agent on the stage. */
  readonly agent: AgentId;
  readonly cols: number;
  readonly rows: number;
  /** TERM of the pty. */
  readonly terminal: string;
  readonly now: number;
  /** Told once, in words, when nothing more can be recorded (disk full, …); the stage goes on. */
  onTrouble(words: string): void;
}

export interface StageWriter {
  /** Output as it came from the pty. Written within this turn of the loop. */
  output(data: Uint8Array | string): void;
  resize(cols: number, rows: number): void;
  marker(label: string): void;
  close(): void;
}

/** Never throws: a stage that cannot be recorded says so through `onTrouble` and works all the same. */
export function openStage(options: StageOptions): StageWriter {
  let raw = 0;
  let fd: number | undefined;
  let dir: string | undefined;
  const attempt = (work: (dir: string) => void): void => {
    if (dir === undefined) return;
    try {
      work(dir);
    } catch (error) {
      const where = dir;
      dir = undefined;
      options.onTrouble(`this stage is not recorded any more: ${wordsOf(error)}`);
      finish(where);
    }
  };
  const finish = (where: string): void => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
    try {
      writeFileSync(join(where, 'end'), '', { mode: 0o600 });
    } catch {
      // The recorder finds it without an end, and ends it when the console has gone.
    }
  };
  try {
    const { operator, session, agent, cols, rows, terminal, now } = options;
    const recording = `stage.${operator}.${agent}.${session}`;
    const title = `${operator}'s stage on ${agent}`;
    const meta = {
      recording,
      agent,
      incarnation: 0,
      operator,
      title,
      since: now,
      pid: process.pid,
      gap: false,
    };
    dir = prepareStream(options.folder, recording, meta);
    writeFileSync(join(dir, 'size'), `${cols} ${rows} ${terminal}\n`, { mode: 0o600 });
  } catch (error) {
    dir = undefined;
    options.onTrouble(`this stage is not recorded: ${wordsOf(error)}`);
  }
  return {
    output: data =>
      attempt(where => {
        const bytes = typeof data === 'string' ? Buffer.from(data) : data;
        for (let at = 0; at < bytes.length; ) {
          if (fd === undefined) {
            const n = Math.floor(raw / SEGMENT);
            // Nobody has read the one so far back yet: nobody reads.
            if (n >= MOST_SEGMENTS && existsSync(join(where, segmentName(n - MOST_SEGMENTS))))
              throw new HmsError('spool-full', 'too much waits for the recorder');
            fd = openSync(join(where, segmentName(n)), 'a', 0o600);
          }
          const written = writeSync(fd, bytes, at, Math.min(bytes.length - at, SEGMENT - (raw % SEGMENT)));
          at += written;
          raw += written;
          if (raw % SEGMENT === 0) {
            closeSync(fd);
            fd = undefined;
          }
        }
      }),
    resize: (cols, rows) => attempt(where => appendNote(where, { at: raw, size: [cols, rows] })),
    marker: label => attempt(where => appendNote(where, { at: raw, marker: label })),
    close: () =>
      attempt(where => {
        dir = undefined;
        finish(where);
      }),
  };
}
