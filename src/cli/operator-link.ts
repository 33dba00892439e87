/** How a command of a person reaches a running fleet. */
import type { FleetPaths } from '../fleet/paths.ts';
import { findFleet } from '../fleet/registry.ts';
import { HmsError } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import type { Mode } from '../model/mode.ts';
import { type Client, connectOperator, type OperatorTable } from '../protocol/client.ts';
import { PROTOCOL } from '../protocol/limits.ts';
import type { OperatorInput, Welcome } from '../protocol/messages.ts';

export interface OperatorLink {
  readonly client: Client<OperatorTable>;
  readonly welcome: Welcome;
  readonly paths: FleetPaths;
  /** With `follow`: tells every event after the state of the welcome, also those that came in the same read as it. */
  onEvent(listener: (event: Event) => void): void;
}

export interface LinkOptions {
  readonly fleet?: string | undefined;
  readonly as?: string | undefined;
  readonly mode?: Mode | undefined;
  readonly follow?: boolean;
  /** For the connection and for the greeting, ms. */
  readonly deadlineMs?: number;
  readonly client?: 'cli' | 'demo';
}

/** Connects to the fleet named, or the one of this folder. Throws HmsError `not-running` with what to do. */
export async function openLink(options: LinkOptions = {}): Promise<OperatorLink> {
  refuseAgents();
  const paths = await findFleet(options.fleet, process.cwd());
  const patience = options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs };
  const client = await connectOperator(paths.operatorSocket, patience).catch((error: unknown) => {
    throw error instanceof HmsError && error.code === 'unreachable' ? notRunning(paths) : error;
  });
  const hello = {
    protocol: PROTOCOL,
    client: options.client ?? 'cli',
    follow: options.follow ?? false,
    ...(options.as === undefined ? {} : { as: options.as }),
    ...(options.mode === undefined ? {} : { mode: options.mode }),
  } as OperatorInput<'hello'>;
  const welcome = await client.request('hello', hello).catch((error: unknown) => {
    // An engine that hangs keeps a connection open, and an open connection keeps this process.
    client.close();
    throw error;
  });
  return {
    client,
    welcome,
    paths,
    onEvent: listener =>
      client.onPush(push => {
        if (push.push === 'event') listener(push.event);
      }),
  };
}

/** Runs `use` on a link and closes it, whatever happens. */
export async function withLink<T>(options: LinkOptions, use: (link: OperatorLink) => Promise<T>): Promise<T> {
  const link = await openLink(options);
  try {
    return await use(link);
  } finally {
    link.client.close();
  }
}

export function notRunning(paths: FleetPaths): HmsError {
  return new HmsError('not-running', `the fleet ${paths.fleet} is not running`, 'start it: hms-tui up');
}

/** Does an engine listen there? */
export async function answers(socket: string): Promise<boolean> {
  try {
    const client = await connectOperator(socket, { deadlineMs: 1000 });
    client.close();
    return true;
  } catch (error) {
    if (error instanceof HmsError) return false;
    throw error;
  }
}

/** An agent must not play the person: the commands of people refuse to run inside one, with HmsError `agent-inside`. */
export function refuseAgents(): void {
  const agent = process.env.HMS_AGENT;
  if (agent) {
    throw new HmsError(
      'agent-inside',
      `this is a command for people, and ${agent} is an agent`,
      'agents have hms gate, hms message and hms agent report',
    );
  }
}
