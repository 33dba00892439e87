/** A program in a network namespace of its own for the campaign of `chaos-revert`: it says whether it gets through. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFiles, type Victim } from './chaos-faults.ts';
import { born } from './helper.ts';
import { clock } from './stats.ts';

/** How long one look of its own may take, ms. */
const LOOK_MS = 2000;
/** Refused at once (1) where something answers, in vain (124) where nothing gets through. */
const SCRIPT = `ip link set lo up || exit; while :; do n=$((n + 1))
timeout 0.1 bash -c 'echo > /dev/tcp/127.0.0.1/9' 2> /dev/null; echo $n $? > new; mv new told; sleep 0.01; done`;

export interface CampaignNetns {
  readonly victim: Victim;
  residues(): Promise<string[]>;
  close(): Promise<void>;
}

/** undefined where this account may make none, or the system has not the programs for it. */
export async function startNetns(): Promise<CampaignNetns | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'hms-netns-'));
  const child = spawn('unshare', ['-Urn', 'sh', '-c', SCRIPT], { cwd: folder, stdio: 'ignore' });
  child.on('error', () => {});
  const pid = child.pid ?? 0;
  const told = (): readonly number[] => {
    try {
      return readFileSync(join(folder, 'told'), 'utf8').trim().split(' ').map(Number);
    } catch {
      return [];
    }
  };
  /** What came of a try that has begun since. */
  const next = async (): Promise<number | undefined> => {
    const [from = 0] = told();
    for (const until = clock() + LOOK_MS; clock() < until && child.exitCode === null; ) {
      const [round = 0, code] = told();
      if (round >= from + 2) return code;
      await new Promise(resolve => setTimeout(resolve, 2));
    }
    return undefined;
  };
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  if ((await next()) !== 1) {
    await close();
    return undefined;
  }
  return {
    victim: { child, pid, born: born(pid), files: openFiles(pid) },
    residues: async () => ((await next()) === 1 ? [] : ['its network is cut off']),
    close,
  };
}
