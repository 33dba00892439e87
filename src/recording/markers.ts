/** Which events of the journal are marked in recordings, where, and in what words. */
import type { Event, Kind } from '../model/event.ts';
import type { FleetState } from '../model/state.ts';
import { summarise } from '../model/summary.ts';
import { oneLine } from '../model/text.ts';

export interface Marker {
  readonly label: string;
  /** The agent whose recordings get it; '' for all. */
  readonly agent: string;
  /** Stages of this operator get it too; ''. */
  readonly operator: string;
}

/** Characters of a label: players show them in a list. */
const LONGEST = 160;

const MARKED: readonly Kind[] = [
  'agent.started',
  'agent.adopted',
  'agent.exited',
  'agent.failed',
  'agent.stopped',
  'restart.scheduled',
  'gate.requested',
  'approval.decided',
  'approval.deferred',
  'gate.settled',
  'operator.attached',
  'operator.detached',
  'mode.changed',
  'lease.taken',
  'lease.released',
  'message.sent',
  'incident.opened',
  'incident.closed',
  'experiment.started',
  'experiment.finished',
  'fault.injected',
  'fault.reverted',
  'fault.failed',
  'steady-state.broken',
  'chaos.halted',
  'freeze.ordered',
  'freeze.lifted',
  'agent.frozen',
  'agent.thawed',
  'recording.paused',
  'recording.resumed',
];

/** undefined for what is not marked. `state` has the event folded in already. */
export function markerOf(event: Event, state: FleetState): Marker | undefined {
  if (!MARKED.includes(event.kind)) return undefined;
  const who = event.actor.type === 'operator' ? `${event.actor.id}: ` : '';
  return {
    label: oneLine(`${event.kind} · ${who}${summarise(event)}`, LONGEST),
    agent: agentOf(event, state),
    operator: event.actor.type === 'operator' ? event.actor.id : '',
  };
}

function agentOf(event: Event, state: FleetState): string {
  const data: Readonly<Record<string, unknown>> = event.data;
  if (typeof data.agent === 'string') return data.agent;
  if (typeof data.request === 'string') {
    const request = state.pending[data.request] ?? state.settled.find(r => r.id === data.request);
    return request?.agent ?? '';
  }
  const [type, id = ''] = event.subject.split(':');
  if (type === 'agent') return id;
  const name = typeof data.name === 'string' ? /^keyboard:(.+)$/.exec(data.name)?.[1] : undefined;
  return name ?? '';
}
