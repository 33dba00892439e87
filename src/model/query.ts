/**
 * The query language of the timeline: `agent:builder kind:message,approval -kind:mode "two words"`. Terms must all
 * hold; values after a comma are alternatives; `-` turns a term round. Read on both sides of the socket, so that the
 * engine's pages and the console's rows are told apart by the same function. Pure, and never throws.
 */
import { agentsOf, concerned, referencesOf } from './concern.ts';
import { type Event, KINDS, type Kind } from './event.ts';
import { summarise } from './summary.ts';

/** Key → what it looks at. */
export const KEYS = {
  agent: 'an agent it concerns',
  kind: 'a group of kinds, or a kind',
  by: 'who did it',
  from: 'who wrote the message',
  to: 'who the message is for',
  ref: 'the id of a request, incident, grant or message',
} as const;
export type Key = keyof typeof KEYS;

/** Groups of kinds as people think of them; each is the beginnings of its kinds' names. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  message: ['message.'],
  approval: ['gate.', 'approval.', 'grant.'],
  incident: ['incident.', 'recovery.', 'agent.failed', 'agent.exited', 'restart.', 'tmux.lost'],
  life: ['agent.', 'restart.', 'restarts.', 'conversation.'],
  healing: ['incident.', 'recovery.', 'lesson.', 'healing.', 'dependency.', 'probe.', 'breaker.'],
  mode: ['mode.', 'operator.', 'stage.'],
  keyboard: ['keyboard.', 'lease.'],
  chaos: ['experiment.', 'fault.', 'steady-state.', 'chaos.'],
  engine: ['engine.', 'fleet.', 'config.', 'policy.', 'tmux.', 'journal.'],
};

/** Everything `kind:` takes: groups, first words of kinds, and kinds. */
export const KIND_WORDS: readonly string[] = [
  ...new Set([...Object.keys(GROUPS), ...KINDS.map(kind => kind.split('.')[0] ?? ''), ...KINDS]),
];

interface Term {
  readonly key: Key | 'text';
  /** In lower case; one of them must fit. */
  readonly values: readonly string[];
  readonly not: boolean;
}

export interface Query {
  readonly terms: readonly Term[];
  /** What is not understood, in words; those terms are left out. */
  readonly problems: readonly string[];
}

export const EVERYTHING: Query = { terms: [], problems: [] };

/** `-`, then `key:` (kept apart), then words in quotes or up to the next space. */
const TERM = /(-?)(?:([a-z]+):)?((?:"[^"]*"?|[^\s"])*)/gy;

export function parseQuery(text: string): Query {
  const terms: Term[] = [];
  const problems: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    TERM.lastIndex = at;
    const [whole = '', minus = '', word = '', rest = ''] = TERM.exec(text) ?? [];
    at += Math.max(1, whole.length);
    const term = readTerm(minus !== '', word, rest);
    if (typeof term === 'string') problems.push(term);
    else if (term) terms.push(term);
  }
  return { terms, problems };
}

function isKey(word: string): word is Key {
  return Object.hasOwn(KEYS, word);
}

function readTerm(not: boolean, word: string, rest: string): Term | string | undefined {
  // `https://…` and `12:30` are words like others.
  if (word !== '' && !isKey(word) && !rest.startsWith('/')) {
    return `there is no key ${word}: (there are ${Object.keys(KEYS).join(', ')}; quote it to find the words)`;
  }
  if (!isKey(word)) {
    const text = `${word === '' ? '' : `${word}:`}${rest}`.replaceAll('"', '').toLowerCase();
    return text === '' ? undefined : { key: 'text', values: [text], not };
  }
  const values = rest
    .toLowerCase()
    .replaceAll('"', '')
    .split(',')
    .filter(v => v !== '');
  if (values.length === 0) return `${word}: needs a value`;
  const strange = word === 'kind' ? values.find(value => !KIND_WORDS.includes(value)) : undefined;
  if (strange !== undefined) {
    const near = KIND_WORDS.find(known => known.startsWith(strange));
    return `there is no kind ${strange}${near ? `; ${near}?` : ` (${Object.keys(GROUPS).join(', ')})`}`;
  }
  return { key: word, values, not };
}

/** Does the event satisfy every term? */
export function fits({ terms }: Query, event: Event): boolean {
  return terms.every(term => holds(term, event) !== term.not);
}

function holds({ key, values }: Term, event: Event): boolean {
  switch (key) {
    case 'agent': {
      const agents = agentsOf(event);
      return values.some(value => agents.has(value));
    }
    case 'kind':
      return values.some(value => ofKind(value, event.kind));
    case 'by':
      return values.some(value => named(value, `${event.actor.type}:${event.actor.id}`));
    case 'from':
      return event.kind === 'message.sent' && values.some(value => named(value, event.data.from));
    case 'to':
      return event.kind === 'message.sent' && values.some(value => named(value, event.data.to));
    case 'ref': {
      const ids = referencesOf(event);
      return values.some(value => ids.includes(value));
    }
    case 'text': {
      const text = textOf(event);
      return values.every(value => text.includes(value));
    }
  }
}

/** `alice`, `@alice` or `operator:alice` for `operator:alice`; `people` and `@people` for the group. */
function named(value: string, address: string): boolean {
  const name = address.toLowerCase();
  const bare = name.slice(name.indexOf(':') + 1);
  return value === name || value.replace(/^@/, '') === bare;
}

function ofKind(word: string, kind: string): boolean {
  if (kind === word || kind.startsWith(`${word}.`)) return true;
  return Object.hasOwn(GROUPS, word) && (GROUPS[word] ?? []).some(beginning => kind.startsWith(beginning));
}

/** What is looked through for words, made once an event. */
const texts = new WeakMap<Event, string>();

function textOf(event: Event): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const whole = event.kind === 'message.sent' ? event.data.text : '';
  const text = [event.kind, concerned(event), event.actor.id, summarise(event), whole]
    .join(' ')
    .toLowerCase();
  texts.set(event, text);
  return text;
}

/** What an index can look for: never less than what fits, often not much more. */
export interface Narrowed {
  readonly kinds?: readonly Kind[];
  readonly agent?: string;
  /** Words of the journal's own search. */
  readonly text?: string;
}

export function narrowed({ terms }: Query): Narrowed {
  const of = (key: Term['key']) => terms.find(term => term.key === key && !term.not)?.values;
  const kinds = of('kind');
  const agent = of('agent');
  const ref = of('ref');
  const message = (of('from') ?? of('to')) ? (['message.sent'] as const) : undefined;
  const wanted = kinds ? KINDS.filter(kind => kinds.some(word => ofKind(word, kind))) : message;
  return {
    ...(wanted ? { kinds: wanted } : {}),
    ...(agent?.length === 1 && agent[0] ? { agent: agent[0] } : {}),
    ...(ref?.length === 1 && ref[0] ? { text: ref[0] } : {}),
  };
}

export interface Completion {
  /** Where in the text the word that is completed begins. */
  readonly from: number;
  readonly options: readonly string[];
}

/** What the word at the end of `text` could become. `names`: agents and people, as they are written. */
export function completions(
  text: string,
  names: { readonly agents: readonly string[]; readonly people: readonly string[] },
): Completion {
  const [, start = '', typed = ''] = /^(.*?)([^\s]*)$/s.exec(text) ?? [];
  const minus = typed.startsWith('-') ? 1 : 0;
  const colon = typed.indexOf(':');
  const key = typed.slice(minus, colon);
  if (colon < 0) {
    const options = Object.keys(KEYS).map(k => `${k}:`);
    return { from: start.length + minus, options: begun(options, typed.slice(minus)) };
  }
  const comma = Math.max(colon, typed.lastIndexOf(',')) + 1;
  const of: Readonly<Record<string, readonly string[]>> = {
    agent: names.agents,
    kind: KIND_WORDS,
    by: [...names.agents, ...names.people.map(name => name.replace(/^@/, ''))],
    from: [...names.agents, ...names.people],
    to: [...names.agents, ...names.people, '@people', '@agents', '@all'],
  };
  const values = Object.hasOwn(of, key) ? (of[key] ?? []) : [];
  return { from: start.length + comma, options: begun(values, typed.slice(comma)) };
}

function begun(options: readonly string[], typed: string): readonly string[] {
  const small = typed.toLowerCase();
  return options.filter(option => option.toLowerCase().startsWith(small) && option !== typed);
}
