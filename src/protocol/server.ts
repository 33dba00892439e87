/**
 * A Unix socket server for one table of requests. It frames, checks and answers; what a request means is the
 * caller's. Nothing a peer sends can end it, hold it up, or reach another connection.
 */
import { chmod } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import type * as z from 'zod';
import { HmsError } from '../model/errors.ts';
import { Connection } from './connection.ts';
import { prepareSocketPath } from './socket-path.ts';

/** A table such as OPERATOR_REQUESTS or AGENT_REQUESTS. It has a `hello`. */
export type RequestTable = { readonly [name: string]: { readonly with: z.ZodType } };

/** A checked request of table `T`: narrow on `do`, then `with` has its type. */
export type RequestOf<T extends RequestTable> = {
  [R in keyof T & string]: { readonly do: R; readonly with: z.infer<T[R]['with']> };
}[keyof T & string];

/** One peer, as the caller of `serve` sees it. */
export interface Peer<D> {
  /** Unique in this process: `c1`, `c2`, … */
  readonly id: string;
  /** The caller's own, made by `onConnect`. */
  readonly data: D;
  readonly closed: boolean;
  /** Queues a push. False when the peer is gone or had to be dropped because it does not read. Never waits. */
  send(push: object): boolean;
  /** Called once when the connection has ended, at once if it has already. */
  onClose(listener: () => void): void;
  /** Says `bye` with the reason and ends the connection. */
  end(reason: string): void;
}

export interface ServeOptions<T extends RequestTable, D> {
  /** Absolute path of the socket; its directory is made 0700, the socket 0600. */
  readonly path: string;
  readonly table: T;
  /** Makes the `data` of a new connection. */
  readonly onConnect: (id: string) => D;
  /**
   * Answers one request; what it returns (or resolves to) is the `result`. Requests of one connection run at the
   * same time, except that all wait for `hello`, which comes first and once. An HmsError it throws is answered with
   * its code; anything else as `internal`, and logged. A hello that fails ends the connection.
   */
  readonly handle: (peer: Peer<D>, request: RequestOf<T>) => unknown;
  /** One line for the engine's log; `error` has the stack. */
  readonly log: (line: string, error?: unknown) => void;
  /** Time for the first request, ms. Default 5000. */
  readonly helloWithinMs?: number;
  /** Bytes that may wait for a peer that does not read. Default 8 MiB. */
  readonly maxQueued?: number;
  /** Connections at the same time; more are refused. Default 1024. */
  readonly maxConnections?: number;
}

export interface SocketServer<D> {
  readonly path: string;
  /** Those that have said hello. */
  peers(): readonly Peer<D>[];
  /** Says `bye` to all, stops listening and removes the socket. Resolves when every connection has ended. */
  close(reason?: string): Promise<void>;
}

/** Throws HmsError `socket-path`, `unsafe-dir`, `socket-in-use` when it cannot serve there. */
export async function serve<T extends RequestTable, D>(
  options: ServeOptions<T, D>,
): Promise<SocketServer<D>> {
  const { path, log } = options;
  await prepareSocketPath(path);
  const connections = new Set<Connection<T, D>>();
  let count = 0;
  const server = createServer(socket => {
    count += 1;
    const connection = new Connection(`c${count}`, socket, options);
    connections.add(connection);
    connection.onClose(() => connections.delete(connection));
  });
  server.maxConnections = options.maxConnections ?? 1024;
  server.on('drop', () => log(`${path}: refused a connection, ${server.maxConnections} are open`));
  await listen(server, path);
  await chmod(path, 0o600);
  server.on('error', error => log(`${path}: ${error.message}`, error));
  let closing: Promise<void> | undefined;
  return {
    path,
    peers: () => [...connections].filter(connection => connection.greeted),
    close(reason = 'the engine stops') {
      closing ??= new Promise(resolve => {
        server.close(() => resolve());
        for (const connection of connections) connection.end(reason);
      });
      return closing;
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) =>
      reject(
        new HmsError(
          'socket-path',
          `Cannot listen on ${path}: ${error.message}`,
          'Set HMS_HOME to another folder.',
          { cause: error },
        ),
      );
    server.once('error', failed);
    server.listen(path, () => {
      server.off('error', failed);
      resolve();
    });
  });
}
