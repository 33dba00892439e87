/**
 * JSON lines over a stream socket: one JSON value a line, UTF-8, newline ends it. Safe at any chunk boundary;
 * what breaks the rules is reported once and nothing after it is read.
 */
import type { Socket } from 'node:net';
import { HmsError } from '../model/errors.ts';
import { MAX_DEPTH, MAX_LINE, MAX_QUEUED, MAX_VALUES } from './limits.ts';

interface LinesOptions {
  /** One complete line, parsed. */
  readonly onValue: (value: unknown) => void;
  /**
   * The peer broke the protocol; called at most once, after which nothing more is read. The socket is still open,
   * so that a last word can be sent. Codes: `too-large`, `malformed`, and `too-slow` when it did not read what was
   * sent to it (that one's socket is already destroyed).
   */
  readonly onBroken: (error: HmsError) => void;
  /** Bytes a line may have, newline included. Default MAX_LINE. */
  readonly maxLine?: number;
  /** Bytes that may wait to be read by the peer when one more is sent. Default MAX_QUEUED. */
  readonly maxQueued?: number;
  /** The peer is the engine: depth and number of values are not bounded. */
  readonly trusted?: boolean;
}

export interface Lines {
  /**
   * Queues one value as a line; never waits. False when the connection is gone, or was dropped just now because the
   * peer had left more than `maxQueued` bytes unread.
   */
  send(value: unknown): boolean;
  /** As `send`, of JSON already made. */
  sendText(json: string): boolean;
}

const NEWLINE = 0x0a;
const MERGE = 1024;

/** Frames `socket`. The caller listens to `close` and `error` of the socket itself. */
export function lines(socket: Socket, options: LinesOptions): Lines {
  const { onValue, onBroken, maxLine = MAX_LINE, maxQueued = MAX_QUEUED, trusted = false } = options;
  let broken = false;

  function breakOff(error: HmsError): void {
    if (broken) return;
    broken = true;
    socket.off('data', onData);
    // Keep draining, so that the peer's writes do not block before it has read our last word.
    socket.resume();
    onBroken(error);
  }

  const split = splitter(maxLine);
  function onData(chunk: Buffer): void {
    for (const line of split(chunk)) {
      if (broken || socket.destroyed) return;
      const value = line instanceof HmsError ? line : parse(line, trusted);
      if (value instanceof HmsError) breakOff(value);
      else if (value !== undefined) onValue(value);
    }
  }
  socket.on('data', onData);

  function sendText(json: string): boolean {
    if (!socket.writable) return false;
    if (socket.writableLength > maxQueued) {
      const unread = Math.round(socket.writableLength / 1024);
      socket.destroy();
      breakOff(new HmsError('too-slow', `The peer left ${unread} KiB unread.`, 'It may connect again.'));
      return false;
    }
    socket.write(`${json}\n`);
    return true;
  }
  return { send: value => sendText(JSON.stringify(value)), sendText };
}

/**
 * Cuts a stream of chunks into lines, without their newline. A line of more than `maxLine` bytes (newline included)
 * comes out as an error and ends the cutting. Linear in the bytes read, however small the chunks are.
 */
export function splitter(maxLine: number): (chunk: Buffer) => Generator<Buffer | HmsError, void> {
  let parts: Buffer[] = [];
  let length = 0;
  return function* (chunk) {
    let from = 0;
    while (from < chunk.length) {
      const at = chunk.indexOf(NEWLINE, from);
      const part = chunk.subarray(from, at < 0 ? chunk.length : at);
      length += part.length;
      if (length >= maxLine) {
        yield new HmsError(
          'too-large',
          `A line has more than ${maxLine} bytes.`,
          'Send less in one message.',
        );
        return;
      }
      parts.push(part);
      if (at < 0) {
        // A peer that dribbles single bytes must not cost an object for each.
        if (parts.length >= MERGE) parts = [Buffer.concat(parts, length)];
        return;
      }
      const line = parts.length === 1 ? part : Buffer.concat(parts, length);
      parts = [];
      length = 0;
      from = at + 1;
      yield line;
    }
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The value of a line; undefined for an empty one. `malformed` when it is not UTF-8 or not JSON; unless `trusted`, also
 * when it is nested too deep or has too many values for what walks it later (schemas, digests, views).
 */
export function parse(line: Buffer, trusted: boolean): unknown {
  if (line.length === 0) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(line));
  } catch {
    return new HmsError('malformed', 'A line is not UTF-8 JSON.', 'One JSON object a line.');
  }
  if (trusted || walk(value, MAX_DEPTH, MAX_VALUES) >= 0) return value;
  return new HmsError('malformed', `A message has more than ${MAX_DEPTH} levels or ${MAX_VALUES} values.`);
}

/** What is left of `values` after visiting `value`; negative when a bound was met. Recursion ends at `levels`. */
function walk(value: unknown, levels: number, values: number): number {
  let left = values - 1;
  if (typeof value !== 'object' || value === null) return left;
  if (levels === 0) return -1;
  for (const key in value) {
    if (left < 0) return left;
    left = walk(value[key as keyof typeof value], levels - 1, left);
  }
  return left;
}
