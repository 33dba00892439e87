/** Holds cast files against what the journal says of them. Every byte that was settled is read. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../model/errors.ts';
import { NO_DIGEST } from '../model/state.ts';
import type { CatalogEntry } from './catalog.ts';
import { Chain } from './chain.ts';
import { storedFiles } from './retention.ts';

/**
 * complete: ended, and every byte as it was · open: every settled byte as it was, no end yet · removed: by retention ·
 * missing, torn, altered: not as it was · unknown: a file the journal knows nothing of.
 */
export type Verdict = 'complete' | 'open' | 'removed' | 'missing' | 'torn' | 'altered' | 'unknown';

export interface Verified {
  readonly file: string;
  readonly recording: string;
  readonly verdict: Verdict;
  readonly chunks: number;
  /** Bytes of the file, and how many of them are settled. */
  readonly bytes: number;
  readonly settled: number;
  /** What is wrong, in words: `torn at byte 120, in chunk 2`. */
  readonly faults: readonly string[];
}

export const GOOD: readonly Verdict[] = ['complete', 'open', 'removed'];

/** Every file of the catalogue, then files in the folder that are in no catalogue. */
export function verifyRecordings(folder: string, catalog: Iterable<CatalogEntry>): readonly Verified[] {
  const entries = [...catalog];
  const known = new Set(entries.map(entry => entry.file));
  const strangers = storedFiles(folder).filter(({ file }) => !known.has(file));
  return [
    ...entries.map(entry => verifyFile(folder, entry)),
    ...strangers.map(({ file, bytes }) => ({
      ...{ file, recording: file.replace(/(?:\.p\d+)?\.cast$/, ''), verdict: 'unknown' as const },
      ...{ chunks: 0, bytes, settled: 0, faults: ['the journal knows nothing of it'] },
    })),
  ];
}

function verifyFile(folder: string, entry: CatalogEntry): Verified {
  const { file, recording, chunks } = entry;
  const settled = chunks.at(-1)?.bytes ?? 0;
  const base = { file, recording, chunks: chunks.length, settled, bytes: 0 };
  let fd: number;
  try {
    fd = openSync(join(folder, file), 'r');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    if (entry.removed !== undefined) return { ...base, verdict: 'removed', faults: [] };
    return { ...base, verdict: 'missing', faults: ['the file is gone'] };
  }
  try {
    const bytes = fstatSync(fd).size;
    const { altered, torn } = compare(fd, bytes, entry);
    const grown = entry.ended && bytes > entry.ended.bytes ? bytes - entry.ended.bytes : 0;
    const faults = [
      ...altered.map(n => `chunk ${n} is altered`),
      ...(torn === undefined ? [] : [`torn at byte ${bytes}, in chunk ${torn}`]),
      ...(grown > 0 ? [`${grown} bytes stand behind its end`] : []),
    ];
    const verdict =
      altered.length > 0 || grown > 0
        ? 'altered'
        : torn !== undefined
          ? 'torn'
          : entry.ended
            ? 'complete'
            : 'open';
    return { ...base, bytes, verdict, faults };
  } finally {
    closeSync(fd);
  }
}

/** Each chunk by itself: it stands on the digest the journal has of the one before, not on the file's. */
function compare(
  fd: number,
  size: number,
  { chunks }: CatalogEntry,
): { readonly altered: readonly number[]; readonly torn: number | undefined } {
  const altered: number[] = [];
  let from = 0;
  let previous = NO_DIGEST;
  for (const [at, { bytes, digest }] of chunks.entries()) {
    if (size < bytes) return { altered, torn: at + 1 };
    const chain = new Chain(previous);
    readBetween(fd, from, bytes, piece => chain.update(piece));
    if (chain.settle() !== digest) altered.push(at + 1);
    from = bytes;
    previous = digest;
  }
  return { altered, torn: undefined };
}

function readBetween(fd: number, from: number, to: number, each: (bytes: Uint8Array) => void): void {
  const piece = Buffer.alloc(Math.min(1 << 20, Math.max(1, to - from)));
  for (let at = from; at < to; ) {
    const got = readSync(fd, piece, 0, Math.min(piece.length, to - at), at);
    if (got === 0) return;
    each(piece.subarray(0, got));
    at += got;
  }
}
