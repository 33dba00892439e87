/** Breakers as a person meets them: on the command line, in the console, and after the engine was killed. */
import { expect, test } from 'vitest';
import type { BreakerView } from '../../src/model/breaker-view.ts';
import { withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

interface Listed {
  readonly breakers: readonly BreakerView[];
}

const FLEET = `fleet: story
agents:
  worker: { command: [cat] }
  doomed: { command: "exit 3", restart: { max: 50, from: 50ms, to: 50ms } }
`;

test('isolated on the command line, kept through kill -9, seen and closed in the console', {
  timeout: 120_000,
}, async () => {
  await withProgram(async program => {
    await program.fleet(FLEET);
    await program.json('up');
    const isolated = await program.hms('breaker', 'isolate', 'provider:anthropic', '--reason', 'a bad day');
    expect(isolated.stdout).toBe('provider:anthropic is isolated\n');
    const list = async (): Promise<Listed> => {
      const ran = await program.hms('breaker', 'list', '--json');
      return ran.code === 0 ? JSON.parse(ran.stdout) : { breakers: [] };
    };
    const of = async (name: string): Promise<BreakerView | undefined> =>
      (await list()).breakers.find(one => one.name === name);
    await waitFor(async () => (await of('start:doomed'))?.is === 'open', { what: 'its start to be refused' });

    const before = await program.enginePid();
    process.kill(before, 'SIGKILL');
    await waitFor(async () => (await of('provider:anthropic'))?.is === 'isolated', {
      what: 'another engine to go on with it',
      deadlineMs: 30_000,
    });
    expect(await program.enginePid()).not.toBe(before);
    expect(await of('provider:anthropic')).toMatchObject({ why: 'a bad day', is: 'isolated' });
    expect((await of('start:doomed'))?.openings).toBeGreaterThan(0);
    const { stdout } = await program.hms('status');
    expect(stdout).toMatch(/doomed .*blocked .*its start's breaker is (?:open until|half-open)/);

    const console = await program.terminal(['attach']);
    await console.shows('provider:anthropic isolated');
    await console.press('I');
    await console.shows('Breakers', /▸ ○ provider:anthropic +isolated/, /start:doomed/);
    await console.press('c');
    await console.shows('Close provider:anthropic?');
    await console.press('y');
    await console.shows(/✔ provider:anthropic +closed/);
    const closed = await of('provider:anthropic');
    expect(closed).toMatchObject({ is: 'closed' });
    expect(closed?.by).not.toBe('');
    const trail = await program.hms('audit', 'tail', '-n', '500');
    expect(trail.stdout).toContain('breaker provider:anthropic isolated');
    const slip = await program.hms('breaker', 'open', 'provder:anthropic');
    expect(slip.code).toBe(1);
    expect(slip.stderr).toContain('KIND:NAME');
  });
});

test('an agent that asks for it waits for a person', { timeout: 60_000 }, async () => {
  await withProgram(async program => {
    await program.fleet(`fleet: story
agents:
  asker: { command: '"$HMS_BIN" breaker open tool:WebFetch --for 10m --reason "their site is down"; echo "code $?"; exec cat' }
`);
    await program.json('up');
    const { id } = await waitFor(async () => (await program.json<{ id: string }[]>('approvals', 'list'))[0], {
      what: 'the request',
    });
    const before = await program.json<Listed>('breaker', 'list');
    expect(before.breakers.find(({ name }) => name === 'tool:WebFetch')).toBeUndefined();
    expect((await program.hms('approvals', 'approve', id)).code).toBe(0);
    const shown = await waitFor(
      async () => {
        const ran = await program.hms('breaker', 'show', 'tool:WebFetch');
        return ran.code === 0 && ran.stdout;
      },
      { what: 'it to be open' },
    );
    expect(shown).toMatch(/tool:WebFetch is open until/);
    expect(shown).toContain(`asker asked for it (${id}): their site is down`);
  });
});
