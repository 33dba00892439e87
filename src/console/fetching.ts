/** What a state asks of the engine by itself: pages of the timeline, what belongs to an event, receipts for messages. */
import { referencesOf } from '../model/concern.ts';
import type { JournalPage, OperatorInput } from '../protocol/messages.ts';
import type { Effect, Step } from './effects.ts';
import { still } from './effects.ts';
import { receipt } from './mail.ts';
import type { ConsoleState } from './state.ts';
import { asked, eventAt, pageRead, pageWanted } from './timeline.ts';

/** Events that are shown as belonging together, at most. */
const RELATED = 200;

export function fetching(state: ConsoleState): Step {
  let next = state.link.is === 'up' || !state.reading ? state : { ...state, reading: null };
  const effects: Effect[] = [];
  const wanted = pageWanted(next);
  if (wanted) {
    const step = asked(next, wanted);
    next = step.state;
    effects.push(...step.effects);
  }
  const got = receipt(next);
  if (got) {
    next = got.state;
    effects.push({ do: 'send', send: got.send });
  }
  const related = relatedWanted(next);
  if (related) {
    const [ref, given] = related;
    next = { ...next, related: { ref, events: [], asked: given } };
    effects.push({ do: 'send', send: { request: 'journal.read', with: given } });
  }
  return { state: next, effects };
}

function relatedWanted(state: ConsoleState): [string, OperatorInput<'journal.read'>] | undefined {
  const { overlay } = state.ui;
  if (overlay?.kind !== 'event' || state.link.is !== 'up') return undefined;
  const event = eventAt(state, overlay.seq);
  const [ref] = event ? referencesOf(event) : [];
  // What is whole in the tail needs nobody to be asked.
  if (ref === undefined || ref === state.related?.ref || (state.tail[0]?.seq ?? 1) <= 1) return undefined;
  return [ref, { query: `ref:${ref}`, limit: RELATED }];
}

/** A page has come. */
export function read(state: ConsoleState, given: OperatorInput<'journal.read'>, page: JournalPage): Step {
  const { related } = state;
  if (related?.asked === given) return still({ ...state, related: { ...related, events: page.events } });
  return pageRead(state, given, page);
}
