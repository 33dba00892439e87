/** What the journal says of recordings: which cast files there are, how far they are settled, how they ended. */
import type { Event, EventOf, Kind } from '../model/event.ts';
import type { Millis } from '../model/ids.ts';

export interface Settled {
  /** The chunk ends before this byte. */
  readonly bytes: number;
  readonly digest: string;
}

export interface CatalogEntry {
  readonly file: string;
  readonly recording: string;
  readonly part: number;
  readonly agent: string;
  readonly incarnation: number;
  readonly operator: string;
  readonly started: Millis;
  readonly chunks: readonly Settled[];
  readonly ended: EventOf<'recording.ended'>['data'] | undefined;
  /** Why it was taken away; undefined while it should be there. */
  readonly removed: string | undefined;
}

/** The kinds of events it is made of. */
export const CATALOG_KINDS: readonly Kind[] = [
  'recording.started',
  'recording.chunked',
  'recording.ended',
  'recording.removed',
];

/** By file, in the order they were begun. */
export function readCatalog(events: Iterable<Event>): ReadonlyMap<string, CatalogEntry> {
  const entries = new Map<string, CatalogEntry & { chunks: Settled[] }>();
  for (const { kind, data, time } of events) {
    if (kind === 'recording.started') {
      entries.set(data.file, { ...data, started: time, chunks: [], ended: undefined, removed: undefined });
      continue;
    }
    const entry =
      kind.startsWith('recording.') && 'file' in data ? entries.get(String(data.file)) : undefined;
    if (!entry) continue;
    if (kind === 'recording.chunked') entry.chunks.push({ bytes: data.bytes, digest: data.digest });
    else if (kind === 'recording.ended') entries.set(entry.file, { ...entry, ended: data });
    else if (kind === 'recording.removed') entries.set(entry.file, { ...entry, removed: data.reason });
  }
  return entries;
}
