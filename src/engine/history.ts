/** What an engine that starts needs to know of the journal before it folds it. */
import { subject } from '../cells/cell.ts';
import type { JournalReader } from '../journal/types.ts';
import type { Data } from '../model/event.ts';
import type { RequestId } from '../model/ids.ts';
import { fold } from '../model/reduce.ts';
import { EMPTY, type RequestState } from '../model/state.ts';

/** What the last engine said before it ended. */
export function howItEnded(journal: JournalReader): Data<'engine.started'>['after'] {
  for (const event of journal.read({
    kinds: ['engine.started', 'engine.stopped'],
    reverse: true,
    limit: 1,
  })) {
    return event.kind === 'engine.stopped' && event.data.reason === 'down' ? 'stop' : 'crash';
  }
  return 'first';
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
