/** The emergency brake, as a person pulls it: from the console, from a second terminal, and without an engine. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

interface Answer {
  readonly by: 'engine' | 'cli';
  readonly agents: readonly { readonly agent: string; readonly state: string; readonly running: number }[];
}
interface Status {
  readonly frozen: unknown;
  readonly agents: readonly {
    readonly id: string;
    readonly pid: number;
    readonly incarnation: number;
    readonly frozen: { readonly is: string } | null;
  }[];
}

const FLEET = `fleet: story
agents:
  beater: { command: "while :; do echo x >> beats; sleep 0.02; done" }
  asker: { command: "\\"$HMS_BIN\\" gate run -- touch made; echo $? > code; exec sleep 1000000" }
`;

const beats = (program: Program): number => {
  const file = join(program.dir, 'beats');
  return existsSync(file) ? readFileSync(file).length : 0;
};
const beating = (program: Program): Promise<unknown> => {
  const before = beats(program);
  return waitFor(() => beats(program) > before, { what: 'the beater to beat' });
};
const stateOf = (pid: number): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.charAt(stat.lastIndexOf(')') + 2);
};
const status = (program: Program): Promise<Status> => program.json<Status>('status');
const isOf = (now: Status, id: string) => now.agents.find(a => a.id === id)?.frozen?.is;

async function started(program: Program): Promise<void> {
  await program.fleet(FLEET);
  await program.json('up');
  await beating(program);
}

/** It stands still through two whole starts of the program. */
async function stands(program: Program): Promise<boolean> {
  const before = beats(program);
  await status(program).catch(() => undefined);
  return beats(program) === before;
}

describe.skipIf(process.platform !== 'linux')('the brake', () => {
  test('F12 stops everything without asking, is shown, holds the queue, and F12 again asks', async () => {
    await withProgram(async program => {
      await program.fleet(FLEET);
      const terminal = await program.terminal([]);
      await terminal.shows('touch made');
      await beating(program);
      await terminal.press('F12');
      await terminal.shows('❄ FROZEN', '❄ frozen');
      expect(await stands(program)).toBe(true);
      await terminal.decide('a');
      await terminal.shows('frozen: nothing is let through');
      expect(existsSync(join(program.dir, 'made'))).toBe(false);
      await terminal.press('F12');
      await terminal.shows('Thaw');
      await terminal.press('y');
      await terminal.hides('FROZEN');
      await beating(program);
    });
  });

  test('from a second terminal; kill -9 of the engine changes nothing; thaw lets the gate go on', async () => {
    await withProgram(async program => {
      await started(program);
      const before = await waitFor(
        async () => {
          const now = await status(program);
          const { stdout } = await program.hms('approvals', 'list');
          return stdout.includes('touch made') && now;
        },
        { what: 'the request' },
      );
      const answer = await program.json<Answer>('freeze');
      expect(answer.by).toBe('engine');
      expect(answer.agents.map(a => a.state)).toEqual(['frozen', 'frozen']);
      expect(await stands(program)).toBe(true);
      const engine = await program.enginePid();
      process.kill(engine, 'SIGKILL');
      const after = await waitFor(
        async () => {
          const ran = await program.hms('status', '--json');
          return (
            ran.code === 0 && (await program.enginePid()) !== engine && (JSON.parse(ran.stdout) as Status)
          );
        },
        { what: 'the next engine' },
      );
      expect(after.frozen).not.toBeNull();
      for (const agent of before.agents) {
        expect(after.agents.find(a => a.id === agent.id)).toMatchObject({ pid: agent.pid, incarnation: 1 });
        expect(stateOf(agent.pid)).toBe('T');
      }
      const refused = await program.hms('agent', 'restart', 'beater');
      expect(refused.stderr).toContain('eater is frozen');
      expect((await program.hms('thaw')).code).toBe(0);
      await beating(program);
      // Its asker comes back to the new engine and is answered by it.
      await waitFor(
        async () => {
          const { stdout } = await program.hms('approvals', 'list', '--json');
          const id = /"id":"(r-[0-9a-z]+)"/.exec(stdout)?.[1];
          return id !== undefined && (await program.hms('approvals', 'approve', id)).code === 0;
        },
        { what: 'the request to be approved' },
      );
      await waitFor(() => existsSync(join(program.dir, 'made')), { what: 'the approved command' });
    });
  });

  test('while the engine hangs: the processes themselves are stopped, and it learns of it', async () => {
    await withProgram(async program => {
      await started(program);
      const engine = await program.enginePid();
      process.kill(engine, 'SIGSTOP');
      try {
        const answer = await program.json<Answer>('freeze');
        expect(answer.by).toBe('cli');
        expect(answer.agents.map(a => [a.agent, a.state]).sort()).toEqual([
          ['asker', 'frozen'],
          ['beater', 'frozen'],
        ]);
        const now = beats(program);
        expect((await program.hms('freeze')).stderr).toContain('The engine does not answer');
        expect(beats(program)).toBe(now);
      } finally {
        process.kill(engine, 'SIGCONT');
      }
      await waitFor(async () => isOf(await status(program), 'beater') === 'frozen', {
        what: 'the engine to learn it',
      });
      const { stdout } = await program.hms('audit', 'search', '--kind', 'freeze.ordered', '--json');
      expect(stdout).toContain('"via":"cli"');
      await program.json('thaw');
      await beating(program);
    });
  });

  test('while the fleet has no engine and thawed without one: the next engine finds it going', async () => {
    await withProgram(async program => {
      await started(program);
      await program.json('freeze', 'beater');
      const engine = await program.enginePid();
      process.kill(engine, 'SIGSTOP');
      try {
        const answer = await program.json<Answer>('thaw', 'beater');
        expect(answer).toMatchObject({ by: 'cli', agents: [{ agent: 'beater', state: 'running' }] });
        await beating(program);
      } finally {
        process.kill(engine, 'SIGCONT');
      }
      await waitFor(async () => isOf(await status(program), 'beater') === undefined, {
        what: 'the engine to learn it',
      });
      await beating(program);
    });
  });
});
