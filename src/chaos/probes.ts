/** Looking at things from outside, as probes do. Nothing here throws: what cannot be seen is a value too. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { errnoOf, wordsOf } from '../model/errors.ts';
import type { Reading } from '../model/resources.ts';
import type { AgentState } from '../model/state.ts';
import { oneLine } from '../model/text.ts';
import type { Provider } from './schema.ts';
import { globOf } from './targets.ts';
import type { Value } from './tolerance.ts';

/** What probes can ask of the fleet. */
export interface Eyes {
  agents(): readonly AgentState[];
  /** The newest reading, undefined before the first. */
  reading(): Reading | undefined;
  /** Resolves when the engine has answered; rejects when it does not. */
  ping(timeoutMs: number): Promise<void>;
  /** Where commands run. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Statuses in which an agent is well, unless the probe names others. */
const WELL: readonly string[] = ['working', 'idle', 'asking', 'waiting', 'unknown', 'starting'];
/** What is read of a body or of what a command prints, bytes. */
const MOST = 64 * 1024;

export async function look(provider: Provider, eyes: Eyes): Promise<Value> {
  try {
    return await seen(provider, eyes);
  } catch (error) {
    return failed(errnoOf(error) ?? causeOf(error));
  }
}

async function seen(provider: Provider, eyes: Eyes): Promise<Value> {
  switch (provider.type) {
    case 'agent-state':
      return { is: 'seen', value: percentWell(provider, eyes.agents()) };
    case 'metric': {
      const sample = eyes.reading()?.samples[provider.agent];
      const value = sample?.[provider.metric];
      return value === undefined || value === null ? failed('not measured') : { is: 'seen', value };
    }
    case 'engine':
      return timed(() => eyes.ping(provider.timeout));
    case 'tcp':
      return timed(() => reach(provider));
    case 'http':
      return http(provider);
    case 'exec':
      return exec(provider, eyes);
  }
}

type Of<T extends Provider['type']> = Extract<Provider, { type: T }>;

/** Percent of the agents meant that are alive and in a status that is wanted; nobody is 0. */
export function percentWell(
  { agents: meant, status }: Of<'agent-state'>,
  agents: readonly AgentState[],
): number {
  const patterns = [meant].flat();
  const ours = agents.filter(
    ({ id, driver, wantedDown }) =>
      !wantedDown &&
      patterns.some(one => (one.startsWith('driver:') ? globOf(one.slice(7))(driver) : globOf(one)(id))),
  );
  const wanted = status ?? WELL;
  const well = ours.filter(agent => agent.alive && wanted.includes(agent.status));
  return ours.length === 0 ? 0 : Math.floor((well.length / ours.length) * 100);
}

async function timed(work: () => Promise<void>): Promise<Value> {
  const begun = performance.now();
  await work();
  return { is: 'seen', value: Math.round((performance.now() - begun) * 10) / 10 };
}

function reach({ host, port, timeout }: Of<'tcp'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout });
    const end = (error?: Error): void => {
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    socket.once('connect', () => end());
    socket.once('error', end);
    socket.once('timeout', () => end(new Error('timeout')));
  });
}

async function http({ url, method, measure, timeout }: Of<'http'>): Promise<Value> {
  const begun = performance.now();
  const signal = AbortSignal.timeout(timeout);
  const answer = await fetch(url, { method, redirect: 'manual', signal });
  if (measure === 'status') {
    await answer.body?.cancel();
    return { is: 'seen', value: answer.status };
  }
  const text = (await answer.text()).slice(0, MOST);
  return { is: 'seen', value: measure === 'body' ? text : Math.round(performance.now() - begun) };
}

/** A command of the file's author, without a shell, in a group of its own that is ended when it takes too long. */
function exec({ argv, measure, timeout }: Of<'exec'>, { cwd, env }: Eyes): Promise<Value> {
  const [program = '', ...args] = argv;
  return new Promise(resolve => {
    const begun = performance.now();
    let text = '';
    let late = false;
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    const timer = setTimeout(() => {
      late = true;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    }, timeout);
    child.stdout.on('data', (chunk: Buffer) => {
      if (text.length < MOST) text += chunk.toString('utf8');
    });
    child.once('error', error => {
      clearTimeout(timer);
      resolve(failed(errnoOf(error) ?? wordsOf(error)));
    });
    child.once('close', code => {
      clearTimeout(timer);
      if (late || code === null) return resolve(failed(late ? 'timeout' : 'killed'));
      if (measure === 'exit') return resolve({ is: 'seen', value: code });
      if (measure === 'ms') return resolve({ is: 'seen', value: Math.round(performance.now() - begun) });
      resolve({ is: 'seen', value: text.slice(0, MOST) });
    });
  });
}

function failed(why: string): Value {
  return { is: 'failed', why: oneLine(why, 100) };
}

/** fetch says only that it failed; why is in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  return errnoOf(cause) ?? wordsOf(cause ?? error);
}
