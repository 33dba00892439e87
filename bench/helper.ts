/** The native helper as a benchmark uses it: a bare process that may be killed at any moment, and what /proc says of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { findNative } from '../src/processes/native-program.ts';
import { parseStat } from '../src/processes/stat.ts';
import { type FaultState, NATIVE_PROTOCOL } from '../src/protocol/native.ts';
import { NativePushLine } from '../src/protocol/native-lines.ts';
import { clock } from './stats.ts';

const Answer = z.object({
  id: z.number(),
  ok: z.boolean(),
  result: z.unknown().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type Answer = z.infer<typeof Answer>;

/** The helper, or how to come by it. */
export function nativeProgram(): string {
  const found = findNative();
  if (found === undefined) {
    throw new Error('the native helper is not built: cargo build --release in native/, or set HMS_NATIVE');
  }
  return found;
}

export interface Helper {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Every state that was told of an injection, in order, with when it was heard. */
  readonly told: readonly { readonly at: number; readonly state: FaultState }[];
  /** Rejects when the helper ends first. */
  request(name: string, given: unknown): Promise<Answer>;
  /** The code it ended with; null when it was killed. */
  readonly ended: Promise<number | null>;
}

/** `prefix` is a program that starts it, with its arguments. */
export async function startHelper(program: string, prefix: readonly string[] = []): Promise<Helper> {
  const [command = program, ...args] = [...prefix, program, 'serve'];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, { done(answer: Answer): void; lost(error: Error): void }>();
  const told: { at: number; state: FaultState }[] = [];
  let last = 0;
  const ended = new Promise<number | null>(resolve => {
    child.on('close', code => {
      for (const { lost } of waiting.values()) lost(new Error('the helper ended'));
      resolve(code);
    });
  });
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', line => {
    const message: unknown = JSON.parse(line);
    const push = NativePushLine.safeParse(message);
    if (push.success) {
      if (push.data.push === 'fault') told.push({ at: clock(), state: push.data.with });
      return;
    }
    const answer = Answer.parse(message);
    waiting.get(answer.id)?.done(answer);
    waiting.delete(answer.id);
  });
  const request = (name: string, given: unknown): Promise<Answer> =>
    new Promise((done, lost) => {
      last += 1;
      waiting.set(last, { done, lost });
      child.stdin.write(`${JSON.stringify({ id: last, do: name, with: given })}\n`);
    });
  const helper = { process: child, pid: child.pid ?? 0, told, request, ended };
  const hello = await request('hello', { protocol: NATIVE_PROTOCOL, client: 'bench' });
  if (!hello.ok) throw new Error(hello.error?.message);
  return helper;
}

/** When a process was born; '' when it is gone. */
export const born = (pid: number): string => stat(pid)?.born ?? '';

/** Of the process as a whole, or of one of its threads. */
export function stat(pid: number, thread?: number): ReturnType<typeof parseStat> {
  try {
    const place = thread === undefined ? `${pid}` : `${pid}/task/${thread}`;
    return parseStat(readFileSync(`/proc/${place}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Entries of a folder of /proc that are numbers. */
export function numbers(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** The living child of a process that was started with this verb: others only try something and are gone. */
export function childOf(pid: number, verb: string): number | undefined {
  return numbers('/proc').find(one => {
    const found = stat(one);
    return found?.parent === pid && found.state !== 'Z' && verbOf(one) === verb;
  });
}

function verbOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] ?? '';
  } catch {
    return '';
  }
}
