/** One look at something by exec, http, tcp or file. Never throws, and never takes longer than its deadline. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { look } from '../../chaos/probes.ts';
import type { Provider } from '../../chaos/schema.ts';
import { errnoOf, wordsOf } from '../../model/errors.ts';
import type { DependencyConfig, ProbeConfig } from '../../model/healing.ts';
import { oneLine } from '../../model/text.ts';
import { whenLate } from '../../protocol/deadline.ts';

export interface Looked {
  readonly ok: boolean;
  /** What was seen: `ECONNREFUSED`, `exit 1`, `HTTP 503`. */
  readonly words: string;
  readonly tookMs: number;
  /** It could not be looked at all: the command is not there. */
  readonly broken?: boolean;
  /** A command did not end in time. */
  readonly late?: boolean;
}

interface Surroundings {
  /** Where commands run and relative files are. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** ms since the epoch. */
  now(): number;
}

type Means = Pick<ProbeConfig | DependencyConfig, 'exec' | 'http' | 'tcp' | 'file' | 'fresh' | 'timeout'>;

export async function probe(means: Means, around: Surroundings): Promise<Looked> {
  const begun = performance.now();
  let cancel = (): void => {};
  const deadline = new Promise<Omit<Looked, 'tookMs'>>(done => {
    const seen = { ok: false, words: `no answer in ${means.timeout} ms`, late: means.exec !== undefined };
    cancel = whenLate(means.timeout, () => done(seen));
  });
  const seen = await Promise.race([deadline, see(means, around)]);
  cancel();
  return { ...seen, words: oneLine(seen.words, 200), tookMs: Math.round(performance.now() - begun) };
}

async function see(means: Means, around: Surroundings): Promise<Omit<Looked, 'tookMs'>> {
  if (means.file !== undefined) return file(means.file, means.fresh, around);
  const value = await look(providerOf(means), { ...around, ...BLIND });
  if (value.is === 'failed') {
    const exec = means.exec !== undefined;
    return { ok: false, words: value.why, broken: exec && UNRUNNABLE.test(value.why), late: exec };
  }
  if (means.exec !== undefined)
    // As shells say that a command is not there, or cannot be run.
    return {
      ok: value.value === 0,
      words: `exit ${value.value}`,
      broken: [126, 127].includes(Number(value.value)),
    };
  if (means.http !== undefined) return { ok: Number(value.value) < 400, words: `HTTP ${value.value}` };
  return { ok: true, words: 'connected' };
}

const UNRUNNABLE = /^(?:ENOENT|EACCES|ENOEXEC|ENOTDIR)$/;

/** These means look at nothing of the fleet. */
const BLIND = { agents: () => [], reading: () => undefined, ping: async () => {} };

function providerOf({ exec, http, tcp = '', timeout }: Means): Provider {
  if (http !== undefined) return { type: 'http', url: http, method: 'GET', measure: 'status', timeout };
  if (exec !== undefined) {
    const argv = typeof exec === 'string' ? ['/bin/sh', '-c', exec] : exec;
    return { type: 'exec', argv, measure: 'exit', timeout };
  }
  const at = tcp.lastIndexOf(':');
  const host = tcp.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  return { type: 'tcp', host, port: Number(tcp.slice(at + 1)), timeout };
}

async function file(
  path: string,
  fresh: number | undefined,
  { cwd, now }: Surroundings,
): Promise<Omit<Looked, 'tookMs'>> {
  try {
    const { mtimeMs } = await stat(resolve(cwd, path));
    const age = Math.max(0, now() - mtimeMs);
    const ok = fresh === undefined || age <= fresh;
    return { ok, words: ok ? 'there' : `written ${Math.round(age / 1000)} s ago` };
  } catch (error) {
    return { ok: false, words: errnoOf(error) ?? wordsOf(error) };
  }
}
