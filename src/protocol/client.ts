/**
 * The asking end of a socket: requests with deadlines, pushes, and a clear end. Loads no schemas, so that a hook or a
 * gate client starts fast; the engine is trusted to answer in the shapes of messages.ts.
 */
import { createConnection } from 'node:net';
import type { BreakerReading } from '../model/breaker-view.ts';
import { errnoOf, HmsError } from '../model/errors.ts';
import { MAX_LINE, MAX_LINE_FROM_ENGINE } from './limits.ts';
import { lines } from './lines.ts';
import type {
  AgentInput,
  AgentRequest,
  Answer,
  CellLook,
  CellOptimized,
  CellRepaired,
  ChaosProposed,
  EngineLag,
  EvolutionLook,
  FreezeAnswer,
  GateAnswer,
  HookAnswer,
  JournalPage,
  MessageList,
  MessageSent,
  NotifyResult,
  OperatorInput,
  OperatorRequest,
  Push,
  RecordingSettings,
  RulesInForce,
  SignedHead,
  Welcome,
} from './messages.ts';

/** What is asked with a request, and what is answered, for each socket. */
export interface AgentTable {
  readonly requests: { readonly [R in AgentRequest]: AgentInput<R> };
  readonly results: {
    readonly 'gate.ask': GateAnswer;
    readonly hook: HookAnswer;
    readonly message: MessageSent;
    readonly 'message.list': MessageList;
  };
}
export interface OperatorTable {
  readonly requests: { readonly [R in OperatorRequest]: OperatorInput<R> };
  readonly results: {
    readonly hello: Welcome;
    readonly 'breaker.list': { readonly breakers: readonly BreakerReading[] };
    readonly 'cell.list': { readonly cells: readonly CellLook[]; readonly lag: EngineLag };
    readonly 'cell.repair': CellRepaired;
    readonly 'cell.optimize': { readonly cells: readonly CellOptimized[] };
    readonly 'chaos.propose': ChaosProposed;
    readonly 'evolution.look': EvolutionLook;
    readonly 'evolution.begin': { readonly run: number };
    readonly 'evolution.propose': { readonly run: number };
    readonly 'evolution.revert': { readonly from: 'canary' | 'all' };
    readonly 'fleet.freeze': FreezeAnswer;
    readonly 'fleet.thaw': FreezeAnswer;
    readonly 'journal.checkpoint': SignedHead;
    readonly 'journal.read': JournalPage;
    readonly 'notify.rules': RulesInForce;
    readonly 'notify.test': { readonly results: readonly NotifyResult[] };
    readonly 'message.send': MessageSent;
    readonly 'message.list': MessageList;
    readonly 'lease.take': { readonly fence: number };
    readonly 'recording.settings': RecordingSettings;
    readonly 'stage.add': { readonly item: number };
  };
}

type Name<T extends AgentTable | OperatorTable> = keyof T['requests'] & string;
/** `unknown` where messages.ts says nothing of the result. */
type ResultOf<T extends AgentTable | OperatorTable, R> = R extends keyof T['results']
  ? T['results'][R]
  : unknown;

export interface Client<T extends AgentTable | OperatorTable> {
  readonly closed: boolean;
  /**
   * Rejects with the engine's HmsError; `no-answer` after the deadline (ms; default that of `connect`; 0 waits for
   * ever, as `gate.ask` and `hook` do by default); `gone` when the connection ended before the answer; `too-large` when it does not fit a line.
   */
  request<R extends Name<T>>(
    name: R,
    given: T['requests'][R & keyof T['requests']],
    options?: { readonly deadlineMs?: number },
  ): Promise<ResultOf<T, R>>;
  /** The first listener is told at once of what came before it; a push can share a chunk with the answer to hello. */
  onPush(listener: (push: Push) => void): void;
  /** Called once, with why; at once if the connection has ended already. */
  onClose(listener: (error: HmsError) => void): void;
  close(): void;
}

interface ConnectOptions {
  /** For the connection and for each answer, ms. Default 5000. */
  readonly deadlineMs?: number;
}

/** These wait for people. */
const PATIENT: readonly string[] = ['gate.ask', 'hook', 'message.wait'];

/** Connects to the agents' socket. Rejects with HmsError `unreachable`. The first request is `hello`. */
export function connectAgent(path: string, options: ConnectOptions = {}): Promise<Client<AgentTable>> {
  return connect<AgentTable>(path, options);
}

/** Connects to the people's socket. Rejects with HmsError `unreachable`. The first request is `hello`. */
export function connectOperator(path: string, options: ConnectOptions = {}): Promise<Client<OperatorTable>> {
  return connect<OperatorTable>(path, options);
}

/** As `connectAgent` and `connectOperator`, with the table as a type argument. */
export async function connect<T extends AgentTable | OperatorTable>(
  path: string,
  { deadlineMs = 5000 }: ConnectOptions = {},
): Promise<Client<T>> {
  const socket = createConnection(path);
  const closing = new Set<(error: HmsError) => void>();
  const pushing = new Set<(push: Push) => void>();
  /** Pushes that nobody has listened to yet. */
  const unheard: Push[] = [];
  const open = new Map<number, { resolve: (result: unknown) => void; reject: (error: HmsError) => void }>();
  let ended: HmsError | undefined;
  let bye: HmsError | undefined;
  let last = 0;

  const wire = lines(socket, {
    maxLine: MAX_LINE_FROM_ENGINE,
    trusted: true,
    onValue: take,
    onBroken: error => {
      bye = error;
      socket.destroy();
    },
  });

  function take(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    // The engine answers in the shapes of messages.ts; loading the schemas to check it would cost every hook 50 ms.
    const message = value as Answer | Push;
    if ('push' in message) {
      if (message.push === 'bye') {
        const {
          code,
          message: text,
          hint,
        } = message.error ?? { code: 'gone', message: message.reason, hint: '' };
        bye ??= new HmsError(code, text, hint);
      }
      if (pushing.size === 0) unheard.push(message);
      for (const listener of pushing) listener(message);
      return;
    }
    const waiting = open.get(message.id);
    open.delete(message.id);
    if (message.ok) waiting?.resolve(message.result);
    else waiting?.reject(new HmsError(message.error.code, message.error.message, message.error.hint));
  }

  function end(cause?: Error): void {
    if (ended) return;
    ended =
      bye ?? new HmsError('gone', 'The engine ended the connection.', 'It may be restarting.', { cause });
    for (const { reject } of open.values()) reject(ended);
    open.clear();
    for (const listener of closing) listener(ended);
  }

  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => socket.destroy(new Error(`no connection within ${deadlineMs} ms`)),
      deadlineMs,
    );
    let failure: Error | undefined;
    socket.on('error', error => {
      failure = error;
    });
    socket.on('close', () => {
      clearTimeout(late);
      end(failure);
      const why = errnoOf(failure) ?? failure?.message ?? 'closed';
      reject(
        new HmsError(
          'unreachable',
          `Nobody answers on ${path} (${why}).`,
          'Is the fleet running? hms-tui ls',
          { cause: failure },
        ),
      );
    });
    socket.once('connect', () => {
      clearTimeout(late);
      resolve();
    });
  });

  return {
    get closed() {
      return ended !== undefined;
    },
    request(name, given, { deadlineMs: deadline = PATIENT.includes(name) ? 0 : deadlineMs } = {}) {
      if (ended) return Promise.reject(ended);
      last += 1;
      const id = last;
      const json = JSON.stringify({ id, do: name, with: given });
      if (Buffer.byteLength(json) >= MAX_LINE) {
        const words = `${name} is larger than the ${MAX_LINE >> 10} KiB one message may have.`;
        return Promise.reject(new HmsError('too-large', words, 'Send less at once.'));
      }
      return new Promise((resolve, reject) => {
        const timer =
          deadline > 0 &&
          setTimeout(() => {
            open.delete(id);
            reject(new HmsError('no-answer', `The engine did not answer ${name} within ${deadline} ms.`));
          }, deadline);
        const settle =
          <A>(done: (value: A) => void) =>
          (value: A) => {
            if (timer) clearTimeout(timer);
            done(value);
          };
        open.set(id, { resolve: settle(result => resolve(result as never)), reject: settle(reject) });
        wire.sendText(json);
      });
    },
    onPush: listener => {
      pushing.add(listener);
      for (const push of unheard.splice(0)) listener(push);
    },
    onClose: listener => {
      if (ended) listener(ended);
      else closing.add(listener);
    },
    close: () => {
      // Not waiting for the other side: a stopped engine must not keep a client from ending.
      socket.end(() => socket.destroy());
    },
  };
}
