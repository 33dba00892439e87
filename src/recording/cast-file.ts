/** A cast file being written: whole batches or nothing, each with the position it brings the recording to. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { HmsError } from '../model/errors.ts';
import { type Position, parsePosition, positionLine } from './cast.ts';

/** A batch is at most this long, so the newest position lies in the last part of the file, bytes. */
const TAIL = 4 << 20;
/** Where batches are put together, one after the other; grows to the largest. */
let scratch = Buffer.allocUnsafeSlow(64 << 10);
/** Bytes of UTF-8 that a unit of a JavaScript string takes at most. */
const UNIT_BYTES = 3;

export class CastFile {
  readonly #fd: number;
  #bytes: number;

  private constructor(fd: number, bytes: number) {
    this.#fd = fd;
    this.#bytes = bytes;
  }

  /** A new file; throws EEXIST when there is one of that name. */
  static create(path: string): CastFile {
    return new CastFile(openSync(path, 'wx', 0o600), 0);
  }

  /**
   * Goes on with a file whose writer was killed: cuts off what came behind the last whole batch. Throws HmsError
   * `bad-cast` when it has no whole batch, or ends before byte `settled`, which others know already.
   */
  static resume(path: string, settled: number): { readonly file: CastFile; readonly position: Position } {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      const size = fstatSync(fd).size;
      const found = lastPosition(fd, size, TAIL) ?? lastPosition(fd, size, size);
      if (!found) throw new HmsError('bad-cast', 'no whole batch is in it');
      if (found.end < settled)
        throw new HmsError('bad-cast', `it ends at byte ${found.end}, and ${settled} were settled`);
      ftruncateSync(fd, found.end);
      return { file: new CastFile(fd, found.end), position: found.position };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends pieces of lines and where they lead. Returns the bytes, which are there until the next call; throws what the
   * disk says, and then nothing was written.
   */
  append(pieces: readonly string[], position: Position): Uint8Array {
    const batch = inScratch([...pieces, positionLine(position)]);
    try {
      for (let at = 0; at < batch.length; )
        at += writeSync(this.#fd, batch, at, batch.length - at, this.#bytes + at);
    } catch (error) {
      ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
    this.#bytes += batch.length;
    return batch;
  }

  /** Calls back with the bytes from `from` to the end, piece by piece. */
  read(from: number, each: (bytes: Uint8Array) => void): void {
    const piece = Buffer.alloc(1 << 20);
    for (let at = from; at < this.#bytes; ) {
      const got = readSync(this.#fd, piece, 0, Math.min(piece.length, this.#bytes - at), at);
      if (got === 0) break;
      each(piece.subarray(0, got));
      at += got;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function inScratch(pieces: readonly string[]): Buffer {
  const room = UNIT_BYTES * pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (scratch.length < room) scratch = Buffer.allocUnsafeSlow(room);
  let end = 0;
  for (const piece of pieces) end += scratch.write(piece, end);
  return scratch.subarray(0, end);
}

function lastPosition(
  fd: number,
  size: number,
  reach: number,
): { readonly position: Position; readonly end: number } | undefined {
  const bytes = Buffer.alloc(Math.min(size, reach));
  const start = size - bytes.length;
  readSync(fd, bytes, 0, bytes.length, start);
  for (let end = bytes.lastIndexOf(10); end >= 0; ) {
    const before = end === 0 ? -1 : bytes.lastIndexOf(10, end - 1);
    const position =
      before < 0 && start > 0
        ? undefined
        : parsePosition(bytes.toString('latin1', before + 1, Math.min(end, before + 200)));
    if (position) return { position, end: start + end + 1 };
    end = before;
  }
  return undefined;
}
