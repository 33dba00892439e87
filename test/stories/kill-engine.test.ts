/**
 * `kill -9` of the engine at random points under load, a few hundred times: no acknowledged event and no pending
 * approval is lost, agents never notice, and the journal verifies.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const run = promisify(execFile);
const ROUNDS = Number(process.env.HMS_KILL_ROUNDS ?? 200);

interface Status {
  readonly approvals: readonly { readonly id: string }[];
  readonly agents: readonly { readonly id: string; readonly pid: number; readonly incarnation: number }[];
}

/** The engine that the keeper shell runs just now, in whatever phase of its life; 0 between two. */
async function engineOf(keeper: number): Promise<number> {
  const { stdout } = await run('pgrep', ['-P', String(keeper)]).catch(() => ({ stdout: '' }));
  for (const pid of stdout.split('\n').map(Number).filter(Boolean)) {
    const { stdout: command } = await run('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }));
    if (command.includes(' engine ')) return pid;
  }
  return 0;
}

test(`the engine is killed ${ROUNDS} times and nothing is lost`, { timeout: 900_000 }, async () => {
  await withProgram(async program => {
    const acked = join(program.dir, 'acked');
    const load = [process.execPath, join(ROOT, 'test', 'support', 'load-agent.ts'), acked];
    const asks = [1, 2, 3].map(n => `"$HMS_BIN" gate run -- touch made-${n} &`).join(' ');
    await program.fleet(`fleet: story
agents:
  loader: { command: ${JSON.stringify(load)} }
  asker: { command: ${JSON.stringify(`${asks} wait; exec sleep 1000000`)}, restart: never }
`);
    const { tmux } = await program.json<{ tmux: string }>('up');
    const status = (): Promise<Status> => program.json<Status>('status');
    const before = await waitFor(
      async () => {
        const now = await status();
        return now.approvals.length === 3 && existsSync(acked) && now;
      },
      { what: 'three held requests and a load' },
    );
    const { stdout } = await run('tmux', [
      '-S',
      tmux,
      'list-panes',
      '-a',
      '-F',
      '#{window_name} #{pane_pid}',
    ]);
    const keeper = Number(/^engine (\d+)/m.exec(stdout)?.[1]);
    expect(keeper).toBeGreaterThan(0);

    let killed = 0;
    while (killed < ROUNDS) {
      // Anywhere in its life: while it starts, while it takes charge, under load.
      await new Promise(resolve => setTimeout(resolve, Math.random() * 600));
      const pid = await engineOf(keeper);
      if (pid === 0) continue;
      process.kill(pid, 'SIGKILL');
      killed += 1;
    }

    const after = await waitFor(
      async () => {
        const ran = await program.hms('status', '--json');
        return ran.code === 0 && (JSON.parse(ran.stdout) as Status);
      },
      { what: 'an engine that lives', deadlineMs: 30_000 },
    );
    expect(after.approvals.map(r => r.id).sort()).toEqual(before.approvals.map(r => r.id).sort());
    for (const agent of before.agents) {
      expect(after.agents.find(a => a.id === agent.id)).toMatchObject({
        pid: agent.pid,
        incarnation: agent.incarnation,
      });
    }
    for (const { id } of after.approvals)
      expect((await program.hms('approvals', 'approve', id)).code).toBe(0);
    await waitFor(() => [1, 2, 3].every(n => existsSync(join(program.dir, `made-${n}`))), {
      what: 'the approved commands to run',
      deadlineMs: 30_000,
    });

    const answered = readFileSync(acked, 'utf8').split('\n').filter(Boolean);
    await program.hms('down');
    const verified = await program.hms('audit', 'verify');
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
    const exported = join(program.dir, 'journal.jsonl');
    const written = await program.hms('audit', 'export', '--format', 'jsonl', '--out', exported);
    expect(written.code, written.stderr).toBe(0);
    const settled = new Set<string | undefined>();
    for (const line of readFileSync(exported, 'utf8').split('\n')) {
      if (line.includes('"kind":"gate.settled"')) settled.add(/"request":"(r-[0-9a-z]+)"/.exec(line)?.[1]);
    }
    expect(answered.filter(id => !settled.has(id))).toEqual([]);
    // There was a load, however slow the machine.
    expect(answered.length).toBeGreaterThan(ROUNDS / 10);
  });
});
