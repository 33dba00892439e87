/**
 * Ends this process when it stands still: a cell that computes without end stops every other, and nothing in the same
 * thread can notice. Whoever keeps the process starts another one, which goes on from the journal.
 */
import { Worker } from 'node:worker_threads';

/** Between two beats, and two looks of the watcher, ms. */
const BEAT_MS = 1000;

/**
 * The watcher counts its own looks, not the time: a process that was stopped and let go on stood still with all its
 * threads. It knows nothing of the program and loads nothing.
 */
const WATCHER = `
const { parentPort, workerData: { beats, looks, everyMs, pid } } = require('node:worker_threads');
let last = -1;
let missed = 0;
setInterval(() => {
  const now = Atomics.load(beats, 0);
  missed = now === last ? missed + 1 : 0;
  last = now;
  if (missed >= looks) process.kill(pid, 'SIGKILL');
}, everyMs);
parentPort.postMessage('watching');
`;

/**
 * Resolves when it is watched, or cannot be.
 *
 * @param afterMs of standing still; a disk that takes that long to write holds the process up, too
 */
export async function watchOver(afterMs: number, everyMs = BEAT_MS): Promise<void> {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData = { beats, looks: Math.ceil(afterMs / everyMs), everyMs, pid: process.pid };
  const worker = new Worker(WATCHER, {
    eval: true,
    // However this process reads its programs, the watcher is a plain script.
    execArgv: [],
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 8 },
  });
  setInterval(() => Atomics.add(beats, 0, 1), everyMs).unref();
  await new Promise<void>(resolve => {
    worker.once('message', () => resolve());
    // Without a watcher the process is as it was before there was one.
    worker.once('error', () => resolve());
  });
  worker.unref();
}
