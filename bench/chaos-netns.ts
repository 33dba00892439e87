/** A program in a network namespace of its own for the campaign of `chaos-revert`: it says whether it gets through. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFiles, type Victim } from './chaos-faults.ts';
import { nextWord } from './chaos-told.ts';
import { born } from './helper.ts';

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
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  if ((await nextWord(folder, child)) !== 1) {
    await close();
    return undefined;
  }
  return {
    victim: { child, pid, born: born(pid), files: openFiles(pid) },
    residues: async () => ((await nextWord(folder, child)) === 1 ? [] : ['its network is cut off']),
    close,
  };
}
