/**
 * How programs inside an agent reach the engine: by the socket and token in their environment, again and again while
 * the engine restarts. Loads no schemas: this is on the path of every hook and gate call.
 */
import { HmsError } from '../model/errors.ts';
import { type AgentTable, type Client, connectAgent } from '../protocol/client.ts';
import { AGENT_PROTOCOL } from '../protocol/limits.ts';

export interface AgentPlace {
  readonly socket: string;
  readonly token: string;
}

type AgentLink = Client<AgentTable>;

/** Throws HmsError `not-inside` when this process does not run inside an agent. */
export function agentPlace(env: NodeJS.ProcessEnv = process.env): AgentPlace {
  const { HMS_SOCKET: socket, HMS_TOKEN: token } = env;
  if (socket && token) return { socket, token };
  throw new HmsError(
    'not-inside',
    'This works only inside an agent of a fleet: HMS_SOCKET and HMS_TOKEN are not set.',
    'Put the agent into hms.yaml and start it with hms-tui up.',
  );
}

/** Connects and says hello. Rejects as `connectAgent`, and with the engine's refusal (`bad-token`, …). */
export async function openLink(place: AgentPlace, deadlineMs = 5000): Promise<AgentLink> {
  const link = await connectAgent(place.socket, { deadlineMs });
  try {
    await link.request('hello', { protocol: AGENT_PROTOCOL, token: place.token });
    return link;
  } catch (error) {
    link.close();
    throw error;
  }
}

/** What passes when an engine restarts, which takes less than a second. */
const PASSING = new Set(['unreachable', 'gone', 'no-answer']);
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

interface Persistence {
  /** How long one outage may last before giving up, ms; counted anew after each hello. */
  readonly withinMs: number;
  /** No attempt begins later than this after the first, ms: an engine that says hello and never answers. Default: none. */
  readonly inAllMs?: number;
  /** For each connection and hello, ms. Default 5000. */
  readonly deadlineMs?: number;
  /** Called once for each outage. */
  readonly onOutage?: () => void;
  /** ms, monotonic. */
  readonly now?: () => number;
  readonly random?: () => number;
}

/**
 * Does `body` on a connection, and again on a new one as often as the engine goes away under it. `body` must be safe
 * to repeat. Closes the connection it was done on, unless `body` throws something that does not pass.
 */
export async function persist<T>(
  place: AgentPlace,
  body: (link: AgentLink) => Promise<T>,
  {
    withinMs,
    inAllMs = Number.POSITIVE_INFINITY,
    deadlineMs = 5000,
    onOutage,
    now = () => performance.now(),
    random = Math.random,
  }: Persistence,
): Promise<T> {
  const began = now();
  let since: number | undefined;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    let link: AgentLink | undefined;
    try {
      link = await openLink(place, deadlineMs);
      since = undefined;
      pause = FIRST_PAUSE_MS;
      return await body(link);
    } catch (error) {
      if (!(error instanceof HmsError) || !PASSING.has(error.code)) throw error;
      if (since === undefined) onOutage?.();
      since ??= now();
      if (now() - since >= withinMs || now() - began >= inAllMs) throw error;
      await new Promise(resolve => setTimeout(resolve, pause * (0.5 + random() / 2)));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    } finally {
      link?.close();
    }
  }
}
