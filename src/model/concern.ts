/** Whom an event is about, and what it belongs to. */
import type { Data, Event, Kind } from './event.ts';

/** The agents an event concerns: its subject, who did it, or the `agent` in its data. */
export function agentsOf({ subject, actor, data }: Event): ReadonlySet<string> {
  const agents = new Set<string>();
  if (subject.startsWith('agent:')) agents.add(subject.slice('agent:'.length));
  if (actor.type === 'agent') agents.add(actor.id);
  if ('agent' in data && typeof data.agent === 'string' && data.agent !== '') agents.add(data.agent);
  if (isOfFault(data)) for (const target of data.targets) agents.add(target);
  return agents;
}

function isOfFault(data: Event['data']): data is Data<'fault.injected'> {
  return 'fault' in data && 'targets' in data;
}

/** Whom an event concerns, in one word. */
export function concerned(event: Event): string {
  // A message is its sender's, whoever gets it.
  if (event.kind === 'message.sent') return event.actor.id;
  const [type = '', id = ''] = event.subject.split(':', 2);
  if (type === 'agent' && id) return id;
  const { data } = event;
  if ('agent' in data && typeof data.agent === 'string' && data.agent) return data.agent;
  return event.actor.id;
}

/** Ids that tie events together: a request's, an incident's, a grant's, a conversation's. */
const REFERENCES = ['request', 'experiment', 'incident', 'grant', 'thread', 'reply', 'id'] as const;

/** Everything the event belongs to by id, the most telling first; [] when it stands alone. */
export function referencesOf({ data }: Event): readonly string[] {
  const ids = REFERENCES.flatMap(key => {
    const value = (data as Readonly<Record<string, unknown>>)[key];
    return typeof value === 'string' && /^[a-z]-[0-9a-z]+$/.test(value) ? [value] : [];
  });
  return [...new Set(ids)];
}

/** Kinds the timeline leaves to the audit view: true, and too chatty to tell a story. */
const CHATTER: ReadonlySet<Kind> = new Set<Kind>([
  'status.changed',
  'keyboard.typed',
  'lease.taken',
  'lease.asked',
  'lease.released',
  'stage.added',
  'stage.dropped',
  'conversation.started',
  'message.read',
  'evolution.stepped',
  'recording.chunked',
  'recording.ended',
  'recording.removed',
]);

/** Is it part of the story people are told? */
export function isStory({ kind, data }: Event): boolean {
  // An agent that prints without end fills a part every few seconds.
  if (kind === 'recording.started') return 'part' in data && data.part === 1;
  // Once a minute, of each agent that works.
  if (kind === 'usage.reported' && 'lasts' in data) return false;
  return !CHATTER.has(kind);
}
