/**
 * `hms hook DRIVER [--gate ask|observe|off]`: called by the hooks of an agent's own tool, many times a minute. Carries
 * the hook's input to the engine and its answer back. Loads no schemas and no command framework. The native helper's
 * hook (native/src/hook) does the same faster where it is built; test/cli/hook-conformance.test.ts holds both to one table.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type HookClient, hookClients } from '../drivers/hook-client.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { GateSetting } from '../model/fleet.ts';
import type { JsonObject } from '../model/json.ts';
import type { HookAnswer } from '../protocol/messages.ts';
import { agentPlace, persist } from './agent-link.ts';
import { newRequestId } from './request-id.ts';

/** How often a hook that waits looks whether its agent still lives, ms. */
const PARENT_LOOK_MS = 500;
/** Enough of a transcript to see that a conversation has begun, bytes. */
const START_BYTES = 65_536;

/** Prints what the agent's tool is to read and sets the exit code. Never throws for what the hook brings. */
export async function runHook(argv: readonly string[]): Promise<void> {
  const answer = await answerHook(argv, await readInput(process.stdin), process.env);
  if (answer.stdout) process.stdout.write(answer.stdout);
  process.exitCode = answer.exit;
}

/**
 * What a hook called with these arguments and this input is to answer; the engine's answer, or without one what is
 * safe. Throws HmsError `no-driver` for arguments that are wrong.
 */
export async function answerHook(
  argv: readonly string[],
  input: string,
  env: NodeJS.ProcessEnv,
): Promise<HookAnswer> {
  const [driver = ''] = argv;
  const client = Object.hasOwn(hookClients, driver) ? hookClients[driver] : undefined;
  if (!client)
    throw new HmsError('no-driver', `There are no hooks for ${JSON.stringify(driver)}.`, 'hms hook claude');
  const payload = parse(input);
  if (!payload) return { stdout: '', exit: 0 };
  const gate = gateOf(argv, env);
  try {
    return await ask(driver, client, payload, gate, env);
  } catch (error) {
    return client.withoutEngine(payload, gate, wordsOf(error));
  }
}

async function ask(
  driver: string,
  client: HookClient,
  payload: JsonObject,
  gate: GateSetting,
  env: NodeJS.ProcessEnv,
): Promise<HookAnswer> {
  const { connectMs, answerMs, repeat, inAllMs } = client.patience(payload);
  const request = newRequestId();
  const sent = { driver, request, payload: client.prepare(payload, { gate, readStart }) };
  const unwatch = answerMs === 0 ? watchParent(client.parent(env)) : () => {};
  try {
    return await persist(agentPlace(env), link => link.request('hook', sent, { deadlineMs: answerMs }), {
      deadlineMs: Math.min(connectMs, 5000),
      withinMs: repeat ? connectMs : 0,
      inAllMs,
    });
  } finally {
    unwatch();
  }
}

/**
 * Ends this process when the agent has: a hook left behind would keep its request in people's queue. Kept alive by its
 * connection alone.
 */
function watchParent(agent: number): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent || (agent > 0 && !isAlive(agent))) process.exit(0);
  }, PARENT_LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function readInput(stream: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What JSON.parse gave for `{…}` is a JsonObject. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function gateOf(argv: readonly string[], env: NodeJS.ProcessEnv): GateSetting {
  const at = argv.indexOf('--gate');
  const said = at < 0 ? env.HMS_GATE : argv[at + 1];
  return said === 'observe' || said === 'off' ? said : 'ask';
}

function readStart(path: string): string {
  try {
    // A pipe without a writer must not hold the hook up.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const start = Buffer.alloc(START_BYTES);
      return start.toString('utf8', 0, readSync(file, start, 0, START_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
