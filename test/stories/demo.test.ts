import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withProgram } from '../support/program.ts';

test('the headless demo goes as told and takes everything away again', { timeout: 120_000 }, async () => {
  await withProgram(async program => {
    const ran = await program.hms('demo', '--headless', '--json');
    const result = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '{}');
    expect(result.missing).toEqual([]);
    expect(result).toMatchObject({ ok: true, agents: 6, verified: true });
    expect(ran.code).toBe(0);
    expect(result.decisions).toBe(result.approvals);
    expect(result.restarts).toBeGreaterThanOrEqual(2);
    // One a run: six agents, and the one that crashed twice.
    expect(result.recordings).toBeGreaterThanOrEqual(8);
    expect(readdirSync(join(program.home, 'state', 'fleets'))).toEqual([]);
    expect(await program.enginePid()).toBe(0);
  });
});
