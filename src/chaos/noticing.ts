/** What the journal says of an experiment from the outside: when the fleet noticed, and what people did meanwhile. */
import type { Event, Kind } from '../model/event.ts';
import type { AgentStatus } from '../model/status.ts';
import { summarise } from '../model/summary.ts';
import type { FaultRun } from './runner.ts';

export interface OperatorDeed {
  readonly at: number;
  readonly by: string;
  readonly kind: Kind;
  readonly words: string;
}

/** By these the fleet says that something is not as it was. */
const NOTICED: readonly Kind[] = [
  'agent.exited',
  'agent.failed',
  'agent.adopted',
  'restart.scheduled',
  'incident.opened',
  'cell.failed',
  'tmux.lost',
  'tmux.started',
  'engine.started',
];

/** What an agent does by itself is no notice that something was done to it. */
const UNWELL: readonly AgentStatus[] = [
  'starting',
  'healing',
  'blocked',
  'failed',
  'exited',
  'stopped',
  'unknown',
];

/** These say nothing of what a person did about it. */
const NO_DEEDS =
  /^(?:operator|mode|lease|stage)\.|^message\.read$|^chaos\.|^experiment\.|^fault\.|^steady-state\./;

/** The first event that noticed a fault, after its effect; null when none did. */
export function detection(
  events: readonly Event[],
  { injectedAt }: Pick<FaultRun, 'injectedAt'>,
  faults: readonly FaultRun[],
): { readonly ms: number; readonly by: string } | null {
  const targets = new Set(faults.flatMap(({ step }) => step.fault.targets));
  const noticed = events.find(
    event => event.time >= injectedAt && isNotice(event) && isAbout(event, targets),
  );
  return noticed
    ? { ms: Math.max(0, noticed.time - injectedAt), by: `${noticed.kind} · ${summarise(noticed)}` }
    : null;
}

function isNotice(event: Event): boolean {
  if (event.kind === 'status.changed') return UNWELL.includes(event.data.status);
  return NOTICED.includes(event.kind);
}

/** Where something else than agents was hit, anything that is noticed may be about it. */
function isAbout({ data }: Event, targets: ReadonlySet<string>): boolean {
  if ('cell' in data) return targets.has(`cell:${data.cell}`);
  const agent = 'agent' in data && typeof data.agent === 'string' ? data.agent : '';
  const wide =
    targets.size === 0 ||
    [...targets].some(one => one === 'engine' || one === 'tmux' || one.startsWith('cell:'));
  return agent === '' || wide || targets.has(agent);
}

/** What people did while it ran; the yes to the experiment itself is none of it. */
export function deedsOf(events: readonly Event[], request: string): readonly OperatorDeed[] {
  return events
    .filter(({ actor, kind, data }) => {
      const own = actor.via.startsWith('chaos:') || ('request' in data && data.request === request);
      return actor.type === 'operator' && !own && !NO_DEEDS.test(kind);
    })
    .map(event => ({ at: event.time, by: event.actor.id, kind: event.kind, words: summarise(event) }));
}
