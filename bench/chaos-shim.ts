/** A program started by `hms-native run` for the campaign of `chaos-revert`: what it says of its clock and its files. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFiles, type Victim } from './chaos-faults.ts';
import { nextWord } from './chaos-told.ts';
import { born } from './helper.ts';

/** A clock that is further off is not right, s. The trial's is off by days. */
const RIGHT_S = 3600;

export interface CampaignShim {
  readonly victim: Victim;
  /** A folder it reads from, again and again. */
  readonly data: string;
  residues(): Promise<string[]>;
  close(): Promise<void>;
}

export async function startShim(program: string): Promise<CampaignShim> {
  const folder = await mkdtemp(join(tmpdir(), 'hms-shim-'));
  const data = join(folder, 'data');
  await mkdir(data);
  await writeFile(join(data, 'file'), 'x');
  const script =
    'while :; do cat data/file; n=$((n + 1)); echo $n $(date +%s) > new; mv new told; sleep 0.01; done';
  const child = spawn(program, ['run', '--', 'sh', '-c', script], { cwd: folder, stdio: 'ignore' });
  const pid = child.pid ?? 0;
  await nextWord(folder, child);
  return {
    victim: { child, pid, born: born(pid), files: openFiles(pid) },
    data,
    residues: async () => {
      const seconds = await nextWord(folder, child);
      if (seconds === undefined) return ['its files are slow'];
      return Math.abs(seconds - Date.now() / 1000) > RIGHT_S ? ['its clock is off'] : [];
    },
    close: async () => {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
