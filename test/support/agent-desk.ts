/** An engine's agent socket for tests of what runs inside agents: says what the test says, keeps what came. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { AGENT_REQUESTS } from '../../src/protocol/messages.ts';
import { type RequestOf, type SocketServer, serve } from '../../src/protocol/server.ts';
import { withFolder } from './scratch.ts';

export type AgentAsked = RequestOf<typeof AGENT_REQUESTS>;
export type Asked<R extends AgentAsked['do']> = Extract<AgentAsked, { do: R }>['with'];

export interface Desk {
  readonly dir: string;
  /** For the environment of what runs inside the agent. */
  readonly env: NodeJS.ProcessEnv;
  readonly came: readonly AgentAsked[];
  /** All requests of this name that came, oldest first. */
  all<R extends AgentAsked['do']>(name: R): readonly Asked<R>[];
  /** Connections that have ended. */
  gone(): number;
  push(push: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs `body` with a desk that answers requests with what `answering` returns or throws. */
export async function withDesk(
  answering: (asked: AgentAsked, desk: Desk) => unknown,
  body: (desk: Desk) => Promise<void>,
): Promise<void> {
  await withFolder(async dir => {
    const socket = join(dir, 'run', 'agent.sock');
    const came: AgentAsked[] = [];
    let gone = 0;
    let server: SocketServer<object> | undefined;
    const desk: Desk = {
      dir,
      env: { PATH: process.env.PATH, HMS_SOCKET: socket, HMS_TOKEN: 'token' },
      came,
      all: name => came.flatMap(asked => (asked.do === name ? [asked.with as never] : [])),
      gone: () => gone,
      push: push => {
        for (const peer of server?.peers() ?? []) peer.send(push);
      },
      start: async () => {
        server = await serve<typeof AGENT_REQUESTS, object>({
          path: socket,
          table: AGENT_REQUESTS,
          log: () => {},
          onConnect: () => ({}),
          handle: (peer, asked) => {
            came.push(asked);
            if (asked.do === 'hello')
              peer.onClose(() => {
                gone += 1;
              });
            return answering(asked, desk);
          },
        });
      },
      stop: async () => server?.close(),
    };
    await desk.start();
    try {
      await body(desk);
    } finally {
      await desk.stop();
    }
  });
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a Node program and collects what it says. */
export function startNode(argv: readonly string[], env: NodeJS.ProcessEnv, input = '', cwd = '/') {
  return startProgram([process.execPath, ...argv], env, input, cwd);
}

/** As `startNode`, of any program. */
export function startProgram(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string | Uint8Array = '',
  cwd = '/',
) {
  const child = spawn(program, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    out.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    out.stderr += chunk.toString();
  });
  // It may end without reading.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<Ran>(resolve =>
    child.on('close', (code, signal) => resolve({ ...out, code, signal })),
  );
  return { child, out, ended };
}
