import type { Token } from '../src/console/theme.ts';
import type { Event } from '../src/model/event.ts';

/** What an event means, as a colour; its words say the same. */
export function toneOf(event: Event): Token {
  switch (event.kind) {
    case 'agent.failed':
    case 'incident.opened':
    case 'incident.escalated':
    case 'recovery.failed':
    case 'dependency.lost':
    case 'probe.failed':
    case 'breaker.opened':
    case 'breaker.isolated':
    case 'tmux.lost':
      return 'bad';
    case 'agent.exited':
      return event.data.wanted || event.data.status === 0 ? 'muted' : 'bad';
    case 'recovery.verified':
    case 'dependency.restored':
    case 'breaker.closed':
      return 'good';
    case 'recovery.attempted':
    case 'restart.scheduled':
    case 'message.sent':
      return 'info';
    case 'gate.requested':
      return event.data.verdict === 'hold' ? 'warn' : event.data.verdict === 'forbid' ? 'bad' : 'muted';
    case 'gate.settled':
      return event.data.outcome === 'approved' || event.data.outcome === 'permitted' ? 'good' : 'bad';
    case 'engine.noted':
      return event.data.level === 'error' ? 'bad' : event.data.level === 'warning' ? 'warn' : 'muted';
    default:
      return 'text';
  }
}
