/** `hms doctor` on a machine without a fleet, with one up, down, and damaged. */
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { type Program, withProgram } from '../support/program.ts';

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { name: string; is: string; says: string; remedy: string }[];
}

async function doctor(program: Program): Promise<Report & { code: number }> {
  const ran = await program.hms('doctor', '--json');
  return { ...JSON.parse(ran.stdout), code: ran.code };
}

const named = ({ checks }: Report, end: string) => checks.find(check => check.name.endsWith(end));

test('it finds everything in order without a fleet, and says what to do where something is not', async () => {
  await withProgram(async program => {
    const report = await doctor(program);
    expect(report.checks.filter(check => check.is === 'bad')).toEqual([]);
    expect(report).toMatchObject({ ok: true, code: 0 });
    for (const name of ['node', 'tmux', 'git', 'sandbox', 'clock', 'locale', 'disk', 'open-files', 'sensors'])
      expect(named(report, name)?.says).not.toBe('');
    for (const check of report.checks) if (check.is !== 'ok') expect(check.remedy).not.toBe('');
    expect((await program.hms('doctor')).stdout).toMatch(/✓ node .*\n/);
  });
});

test('a fleet is looked at while it runs and while it is down', async () => {
  await withProgram(async program => {
    await program.fleet('fleet: story\nagents:\n  fine: { command: [sleep, "1000000"] }\n');
    expect((await program.hms('up')).code).toBe(0);
    const running = await doctor(program);
    expect(named(running, ':operator.sock')).toMatchObject({
      is: 'ok',
      says: expect.stringContaining('answers'),
    });
    expect(named(running, ':journal')).toMatchObject({
      is: 'ok',
      says: expect.stringContaining('whole and linked'),
    });
    expect((await program.hms('down')).code).toBe(0);

    const [key = ''] = readdirSync(join(program.home, 'state', 'fleets'));
    const state = join(program.home, 'state', 'fleets', key);
    const down = await doctor(program);
    expect(named(down, ':state')?.is).toBe('ok');
    expect(down.ok).toBe(true);

    chmodSync(state, 0o755);
    const db = new DatabaseSync(join(state, 'journal.db'));
    for (const { sql } of db.prepare("SELECT name AS sql FROM sqlite_master WHERE type = 'trigger'").all())
      db.exec(`DROP TRIGGER "${sql}"`);
    db.exec(
      "UPDATE event SET bytes = CAST(replace(CAST(bytes AS TEXT), 'fine', 'evil') AS BLOB) WHERE seq > 3",
    );
    db.close();
    const damaged = await doctor(program);
    expect(damaged).toMatchObject({ ok: false, code: 1 });
    expect(named(damaged, ':state')).toMatchObject({
      is: 'bad',
      remedy: expect.stringContaining('chmod 700'),
    });
    expect(named(damaged, ':journal')).toMatchObject({ is: 'bad', says: expect.stringMatching(/event \d+/) });
  });
});
