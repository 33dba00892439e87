/** Which events are occasions to tell somebody, and what a rule wants of them. Pure. */
import { reachesPeople, written } from '../model/address.ts';
import { concerned } from '../model/concern.ts';
import type { Event } from '../model/event.ts';
import type { NotifyRule, Occasion } from '../model/notifications.ts';
import type { AgentStatus } from '../model/status.ts';
import { summarise } from '../model/summary.ts';
import { oneLine } from '../model/text.ts';

/** One thing to tell. */
export interface Notice {
  readonly occasion: Occasion | 'other';
  /** The agent it is about; ''. */
  readonly agent: string;
  /** The request that waits; '' when it is about none. */
  readonly request: string;
  readonly seq: number;
  readonly at: number;
  /** In one line, neutralised. */
  readonly words: string;
}

/** The occasions an event is, most telling first. `before` is what its agent was doing until now. */
export function occasionsOf(event: Event, before: AgentStatus | undefined): readonly Occasion[] {
  switch (event.kind) {
    case 'gate.requested':
      if (event.data.verdict !== 'hold') return [];
      return event.data.facts.level === 'critical' ? ['critical', 'asking'] : ['asking'];
    case 'gate.settled':
      return event.data.outcome === 'expired' ? ['expired'] : [];
    case 'agent.failed':
      return ['failed'];
    case 'agent.exited':
      if (event.data.wanted) return [];
      return event.data.status === 0 ? ['finished'] : ['exited'];
    case 'status.changed':
      return event.data.status === 'idle' && before === 'working' ? ['finished'] : [];
    case 'message.sent':
      return reachesPeople(event.data.to) && !event.data.typed ? ['message'] : [];
    case 'incident.opened':
      return ['incident'];
    case 'freeze.ordered':
      return ['frozen'];
    default:
      return [];
  }
}

/** What the rule tells of the event, or undefined. */
export function noticeOf(
  rule: NotifyRule,
  event: Event,
  before: AgentStatus | undefined,
): Notice | undefined {
  const { events, kinds, agents } = rule.when;
  const occasion = occasionsOf(event, before).find(one => events.includes(one));
  if (!occasion && !kinds.includes(event.kind)) return undefined;
  const agent = agentOf(event);
  if (agents.length > 0 && !agents.some(id => id === agent)) return undefined;
  return {
    occasion: occasion ?? 'other',
    agent,
    request: event.kind === 'gate.requested' ? event.data.request : '',
    seq: event.seq,
    at: event.time,
    words: wordsOf(event),
  };
}

function agentOf(event: Event): string {
  const name = concerned(event);
  return event.actor.type === 'operator' && name === event.actor.id ? '' : name;
}

function wordsOf(event: Event): string {
  switch (event.kind) {
    case 'gate.requested':
      return `${event.data.agent || 'the fleet'} asks: ${oneLine(event.data.facts.title, 120)}`;
    case 'message.sent':
      return `${oneLine(written(event.data.from), 64)}: ${oneLine(event.data.text, 120)}`;
    default:
      return oneLine(`${concerned(event)}: ${summarise(event)}`, 160);
  }
}

/** Is it quiet now? Hours may go over midnight. */
export function isQuiet({ when }: NotifyRule, minuteOfDay: number): boolean {
  if (!when.quiet) return false;
  const { from, to } = when.quiet;
  return from <= to ? minuteOfDay >= from && minuteOfDay < to : minuteOfDay >= from || minuteOfDay < to;
}

const MANY: Readonly<Record<Notice['occasion'], readonly [one: string, many: string]>> = {
  asking: ['request waits', 'requests wait'],
  critical: ['CRITICAL request waits', 'CRITICAL requests wait'],
  expired: ['request expired', 'requests expired'],
  failed: ['agent failed', 'agents failed'],
  exited: ['agent ended', 'agents ended'],
  finished: ['agent is done', 'agents are done'],
  message: ['message', 'messages'],
  incident: ['incident', 'incidents'],
  frozen: ['freeze', 'freezes'],
  other: ['event', 'events'],
};

/** Everything gathered in one line: one thing as it is, many as how many of each. */
export function together(notices: readonly Notice[]): string {
  const [only] = notices;
  if (notices.length <= 1) return only?.words ?? '';
  const counts = new Map<Notice['occasion'], number>();
  for (const { occasion } of notices) counts.set(occasion, (counts.get(occasion) ?? 0) + 1);
  return [...counts].map(([occasion, n]) => `${n} ${MANY[occasion][n === 1 ? 0 : 1]}`).join(' · ');
}
