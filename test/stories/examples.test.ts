/** Every example passes the check; those that need nothing start, run and go down as they stand. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Program, ROOT, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const EXAMPLES = join(ROOT, 'examples');
const NAMES = readdirSync(EXAMPLES);

function copy(program: Program, name: string): void {
  cpSync(join(EXAMPLES, name), program.dir, { recursive: true });
}

interface Status {
  readonly agents: readonly {
    id: string;
    status: string;
    evidence: { detail: string };
    pid: number | null;
  }[];
}

/** Waits until every agent has a status that fits. */
async function until(program: Program, what: string, fits: (status: Status) => boolean): Promise<Status> {
  return waitFor(
    async () => {
      const status = await program.json<Status>('status');
      return fits(status) && status;
    },
    { what, everyMs: 100 },
  );
}

describe.each(NAMES)('%s', name => {
  test('passes the check, and says in a few words what it is', async () => {
    await withProgram(async program => {
      copy(program, name);
      const { ok, fleet, problems } = await program.json<{ ok: boolean; fleet: string; problems: [] }>(
        'config',
        'check',
      );
      expect({ ok, fleet, problems }).toEqual({ ok: true, fleet: name, problems: [] });
      if (name !== 'demo') expect(readFileSync(join(EXAMPLES, name, 'README.md'), 'utf8')).toMatch(/^# /);
    });
  });
});

test('an agent that no longer beats is started anew, though it prints on', async () => {
  await withProgram(async program => {
    copy(program, 'heartbeat');
    expect((await program.hms('up')).code).toBe(0);
    const before = await until(program, 'a job', ({ agents }) => agents[0]?.status === 'working');
    writeFileSync(join(program.dir, 'stuck'), '');
    await until(program, 'another run', ({ agents }) => {
      const pid = agents[0]?.pid;
      return typeof pid === 'number' && pid !== before.agents[0]?.pid;
    });
    const { stdout } = await program.hms('heal', 'incidents');
    expect(stdout).toMatch(/worker +hang/);
  });
});

test('plain services start in order of need, and come back', async () => {
  await withProgram(async program => {
    copy(program, 'services');
    expect((await program.hms('up')).code).toBe(0);
    await until(program, 'the smoke test to have run', ({ agents }) =>
      agents.some(a => a.id === 'smoke' && a.status === 'exited' && a.evidence.detail === 'exit 0'),
    );
    expect((await program.hms('agent', 'logs', 'smoke')).stdout).toContain('smoke test passed');
    const { agents } = await program.json<Status>('status');
    const store = agents.find(a => a.id === 'store')?.pid ?? 0;
    process.kill(store, 'SIGKILL');
    await until(program, 'another store', status =>
      status.agents.some(a => a.id === 'store' && a.pid !== null && a.pid !== store),
    );
    expect((await program.hms('down')).code).toBe(0);
  });
});

test('the operations room looks at the machine, and its runbook waits for people', async () => {
  await withProgram(async program => {
    copy(program, 'operations-room');
    expect((await program.hms('up')).code).toBe(0);
    await until(
      program,
      'all four to run',
      ({ agents }) => agents.length === 4 && agents.every(a => a.pid !== null),
    );
    await waitFor(async () => (await program.hms('agent', 'logs', 'disks')).stdout.includes('%'), {
      what: 'disks',
    });
    await waitFor(async () => (await program.hms('approvals', 'list')).stdout.includes('Begin the drill'), {
      what: 'the runbook to ask',
    });
    expect((await program.hms('down')).code).toBe(0);
  });
});

test.each(['claude-team', 'mixed-team'])(
  '%s starts on a machine without its clients, and says what is missing',
  async name => {
    await withProgram(async program => {
      copy(program, name);
      program.env.PATH = '/usr/bin:/bin';
      expect((await program.hms('up')).code).toBe(0);
      const { agents } = await until(program, 'everyone to have a status', status =>
        status.agents.every(a => a.status === 'failed' || a.status === 'exited' || a.pid !== null),
      );
      const missing = agents.filter(a => a.status === 'failed');
      expect(missing.length).toBeGreaterThan(0);
      for (const { evidence } of missing) expect(evidence.detail).toMatch(/not installed/);
      expect(agents.filter(a => a.status !== 'failed').length).toBeGreaterThan(0);
      expect((await program.hms('down')).code).toBe(0);
    });
  },
);
