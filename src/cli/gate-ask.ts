/** Asks the gate and waits for its answer, however long people take and however often the engine restarts. */
import type { Action } from '../model/action.ts';
import type { GateAnswer } from '../protocol/messages.ts';
import { type AgentPlace, persist } from './agent-link.ts';
import { newRequestId } from './request-id.ts';

/** An engine that is away for longer is not restarting, ms. */
const OUTAGE_MS = 120_000;
/** A policy answers faster than this; a wait beyond it is one for people, ms. */
const HELD_AFTER_MS = 300;

interface AskOptions {
  /** The asker can run something else than it asked for. */
  readonly edit: boolean;
  /** One line for the person at the asking terminal. */
  readonly say: (line: string) => void;
  readonly outageMs?: number;
}

/**
 * The gate's answer about `action`. Rejects with HmsError `unreachable`, `gone` or `no-answer` when the engine was
 * away for 2 minutes, and with the engine's own error when it refused to take the question.
 */
export async function askGate(
  place: AgentPlace,
  action: Action,
  { edit, say, outageMs = OUTAGE_MS }: AskOptions,
): Promise<GateAnswer> {
  const request = newRequestId();
  let told = false;
  const tellHeld = (why = ''): void => {
    if (told) return;
    told = true;
    say(`held: waiting for approval (${request})${why ? `: ${why}` : ''}`);
  };
  const ask = async (link: Parameters<Parameters<typeof persist>[1]>[0]): Promise<GateAnswer> => {
    link.onPush(push => {
      if (push.push === 'held' && push.request === request) tellHeld(push.why);
    });
    const timer = setTimeout(tellHeld, HELD_AFTER_MS);
    try {
      return await link.request('gate.ask', { request, action, edit, note: true });
    } finally {
      clearTimeout(timer);
    }
  };
  return persist(place, ask, {
    withinMs: outageMs,
    onOutage: () => say(`hms-tui does not answer; asking again for ${Math.round(outageMs / 1000)} s`),
  });
}
