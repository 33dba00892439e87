/** What is asked of the past that the state does not tell, and how the last engine ended. */
import { subject } from '../cells/cell.ts';
import type { JournalReader } from '../journal/types.ts';
import type { Data } from '../model/event.ts';
import type { RequestId } from '../model/ids.ts';
import { fold } from '../model/reduce.ts';
import { EMPTY, type FleetState, type RequestState } from '../model/state.ts';

/** What the last engine said before it ended. */
export function howItEnded({ engine }: Pick<FleetState, 'engine'>): Data<'engine.started'>['after'] {
  if (engine.pid === 0) return 'first';
  return !engine.running && engine.ended === 'down' ? 'stop' : 'crash';
}

/** A request that ended longer ago than the state remembers, folded from its own events alone. */
export function findEnded(journal: JournalReader, request: RequestId): RequestState | undefined {
  return fold(EMPTY, journal.read({ subject: subject.request(request) })).settled[0];
}

/** Of the configuration that was last in force; undefined before the first, and from before there were revisions. */
export function lastRevision(journal: JournalReader): string | undefined {
  for (const event of journal.read({ kinds: ['fleet.configured'], reverse: true, limit: 1 })) {
    if (event.kind === 'fleet.configured') return event.data.revision;
  }
  return undefined;
}
