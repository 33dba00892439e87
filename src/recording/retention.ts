/** Which cast files go: those too old, then the oldest while all together are too large. Never one being written. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../model/ids.ts';

export interface StoredFile {
  readonly file: string;
  readonly bytes: number;
  /** Last written, ms since the epoch. */
  readonly at: Millis;
}

export interface Limits {
  /** ms. */
  readonly keep: number;
  /** Bytes. */
  readonly maxSize: number;
}

/** None where there is no such folder. */
export function storedFiles(folder: string): readonly StoredFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.cast'))
    .flatMap(({ name }) => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      return found ? [{ file: name, bytes: found.size, at: found.mtimeMs }] : [];
    });
}

export function toRemove(
  files: readonly StoredFile[],
  isLive: (file: string) => boolean,
  { keep, maxSize }: Limits,
  now: Millis,
): readonly { readonly file: string; readonly reason: string }[] {
  const gone: { file: string; reason: string }[] = [];
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { file, bytes, at } of [...files].sort((a, b) => a.at - b.at)) {
    if (isLive(file)) continue;
    const reason = now - at > keep ? 'older than is kept' : total > maxSize ? 'more than is kept' : '';
    if (reason === '') continue;
    total -= bytes;
    gone.push({ file, reason });
  }
  return gone;
}
