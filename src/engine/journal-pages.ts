/** Pages of the journal for consoles: what is older than they keep, and what fits a query. Bounded in every way. */
import type { JournalReader } from '../journal/types.ts';
import { isStory } from '../model/concern.ts';
import type { Event } from '../model/event.ts';
import { fits, narrowed, parseQuery } from '../model/query.ts';
import type { JournalPage, OperatorWith } from '../protocol/messages.ts';

/** Events looked through for one page: some ten milliseconds of the engine's time. */
const LOOKED_THROUGH = 2000;
/** Characters of JSON a page holds, give or take its last event. */
const MOST_CHARS = 1 << 20;

/** The page that is asked for. Every event from `from` to `to` that fits is in it. */
export function journalPage(journal: JournalReader, asked: OperatorWith<'journal.read'>): JournalPage {
  const { after, limit, story } = asked;
  const head = journal.head().seq;
  const query = parseQuery(asked.query);
  const reverse = after === undefined;
  const first = reverse ? 1 : after + 1;
  const last = reverse ? newest(journal, asked, head) : head;
  if (first > last) return { events: [], from: first, to: last };

  const events: Event[] = [];
  let looked = 0;
  let chars = 0;
  for (const event of journal.read({ ...narrowed(query), from: first, to: last, reverse })) {
    looked += 1;
    if (fits(query, event) && (!story || isStory(event))) {
      events.push(event);
      chars += JSON.stringify(event).length;
    }
    if (events.length >= limit || looked >= LOOKED_THROUGH || chars >= MOST_CHARS) {
      return reverse
        ? { events: events.reverse(), from: event.seq, to: last }
        : { events, from: first, to: event.seq };
    }
  }
  return { events: reverse ? events.reverse() : events, from: first, to: last };
}

/** The newest place a page that goes back may have. */
function newest(
  journal: JournalReader,
  { before, until }: OperatorWith<'journal.read'>,
  head: number,
): number {
  const [at] = until === undefined ? [] : journal.read({ until, reverse: true, limit: 1 });
  const byTime = until === undefined ? head : (at?.seq ?? 0);
  return Math.min(byTime, before === undefined ? head : before - 1);
}
