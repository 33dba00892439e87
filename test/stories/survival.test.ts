/** What dies comes back: agents, the engine, the tmux server. Real processes, really killed. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { processAlive } from '../../src/processes/process.ts';
import { isAlive, type Program, withProgram } from '../support/program.ts';
import { end, tmuxProcesses } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

interface Status {
  readonly engine: { readonly pid: number };
  readonly agents: readonly {
    readonly id: string;
    readonly status: string;
    readonly pid: number | null;
    readonly incarnation: number;
    readonly restarts: number;
    readonly evidence: { readonly detail: string };
  }[];
  readonly approvals: readonly { readonly id: string; readonly title: string }[];
  readonly incidents: readonly unknown[];
}

const status = (program: Program): Promise<Status> => program.json<Status>('status');

async function agent(program: Program, id: string): Promise<Status['agents'][number]> {
  const found = (await status(program)).agents.find(a => a.id === id);
  if (!found) throw new Error(`no agent ${id}`);
  return found;
}

const running = (program: Program, id: string, incarnation: number) =>
  waitFor(
    async () => {
      const now = await agent(program, id);
      return now.pid !== null && now.incarnation >= incarnation && now;
    },
    { what: `${id} in incarnation ${incarnation}` },
  );

const SLEEPER =
  'fleet: story\nagents:\n  sleeper: { command: [sleep, "1000000"], restart: { when: always, from: 0ms, to: 0ms, max: 100 } }\n';

describe('an agent', () => {
  test('that is killed is back in a new incarnation, and the incident is on the record', async () => {
    await withProgram(async program => {
      await program.fleet(SLEEPER);
      await program.hms('up');
      const before = await running(program, 'sleeper', 1);
      process.kill(before.pid ?? 0, 'SIGKILL');
      const after = await running(program, 'sleeper', 2);
      expect(after.pid).not.toBe(before.pid);
      expect((await program.hms('audit', 'search', '--kind', 'incident.opened', 'SIGKILL')).stdout).toContain(
        'sleeper',
      );
    });
  });

  test('that keeps crashing ends in a question to the person; yes starts it again', async () => {
    await withProgram(async program => {
      await program.fleet(
        'fleet: story\nagents:\n  crasher: { command: "test -e fixed && exec sleep 1000000; exit 3", restart: { when: on-failure, max: 2, from: 0ms, to: 0ms } }\n',
      );
      await program.hms('up');
      const [question] = await waitFor(
        async () => {
          const { approvals } = await status(program);
          return approvals.length > 0 && approvals;
        },
        { what: 'the question' },
      );
      expect((await agent(program, 'crasher')).status).toBe('failed');
      expect((await agent(program, 'crasher')).restarts).toBe(2);
      appendFileSync(join(program.dir, 'fixed'), '');
      const yes = await program.hms('approvals', 'approve', question?.id ?? '');
      expect(yes.code, yes.stderr).toBe(0);
      await running(program, 'crasher', 4);
    });
  });

  test('whose program is missing says so in a sentence', async () => {
    await withProgram(async program => {
      await program.fleet(
        'fleet: story\nagents:\n  ghost: { command: [no-such-program] }\n  fine: { command: [sleep, "1000000"] }\n',
      );
      await program.hms('up');
      await running(program, 'fine', 1);
      const ghost = await waitFor(
        async () => {
          const now = await agent(program, 'ghost');
          return now.status === 'failed' && now;
        },
        { what: 'the failure' },
      );
      expect(ghost.evidence.detail).toContain('no-such-program is not installed');
    });
  });

  test('that needs another starts after it', async () => {
    await withProgram(async program => {
      await program.fleet(
        'fleet: story\nagents:\n  web: { command: [sleep, "1000000"], needs: [db] }\n  db: { command: [sleep, "1000000"] }\n',
      );
      await program.hms('up');
      await running(program, 'web', 1);
      const order = (await program.hms('audit', 'search', '--kind', 'agent.started', '--json')).stdout;
      expect(order.indexOf('agent:db')).toBeLessThan(order.indexOf('agent:web'));
    });
  });

  test('stopped by a person stays stopped, and its environment hides our tmux', async () => {
    await withProgram(async program => {
      await program.fleet(
        'fleet: story\nagents:\n  one: { command: "env > environment; exec sleep 1000000", restart: always }\n',
      );
      await program.hms('up');
      await running(program, 'one', 1);
      const environment = await waitFor(
        () => {
          const file = join(program.dir, 'environment');
          return existsSync(file) && readFileSync(file, 'utf8');
        },
        { what: 'the environment' },
      );
      expect(environment).not.toMatch(/^TMUX/m);
      expect(environment).toMatch(/^HMS_TOKEN=/m);
      await program.hms('agent', 'stop', 'one');
      await waitFor(async () => (await agent(program, 'one')).status === 'stopped', {
        what: 'it to be stopped',
      });
      process.kill(await program.enginePid(), 'SIGKILL');
      await waitFor(async () => (await program.hms('status')).code === 0, { what: 'the next engine' });
      expect((await agent(program, 'one')).status).toBe('stopped');
      await program.hms('agent', 'start', 'one');
      await running(program, 'one', 2);
    });
  });
});

describe('the engine', () => {
  test('killed, is back by itself; agents never noticed and pending requests are still pending', async () => {
    await withProgram(async program => {
      await program.fleet(
        `fleet: story\nagents:\n  asker: { command: '"$HMS_BIN" gate run -- touch made; exec sleep 1000000', restart: never }\n  sleeper: { command: [sleep, "1000000"] }\n`,
      );
      await program.hms('up');
      const before = await running(program, 'sleeper', 1);
      const { approvals } = await waitFor(
        async () => {
          const now = await status(program);
          return now.approvals.length > 0 && now;
        },
        { what: 'the request' },
      );
      const engine = await program.enginePid();
      process.kill(engine, 'SIGKILL');
      const after = await waitFor(
        async () => {
          const ran = await program.hms('status', '--json');
          const now = ran.code === 0 ? (JSON.parse(ran.stdout) as Status) : undefined;
          return now && now.engine.pid !== engine && now;
        },
        { what: 'the next engine' },
      );
      expect(after.agents.find(a => a.id === 'sleeper')).toMatchObject({ pid: before.pid, incarnation: 1 });
      expect(after.approvals.map(r => r.id)).toEqual(approvals.map(r => r.id));
      // Once its asker has found the new engine, an approval still reaches it.
      await program.hms('approvals', 'approve', approvals[0]?.id ?? '');
      await waitFor(() => existsSync(join(program.dir, 'made')), { what: 'the approved command to run' });
      expect((await program.hms('audit', 'verify')).code).toBe(0);
    });
  });

  test('a second one is refused while the first lives', async () => {
    await withProgram(async program => {
      await program.fleet(SLEEPER);
      await program.hms('up');
      const again = await program.hms('up');
      expect(again.stderr).toContain('already');
      const engine = await program.enginePid();
      expect(isAlive(engine)).toBe(true);
    });
  });
});

describe('the tmux server', () => {
  test('killed, is rebuilt by the engine that outlives it, and the agents come back', async () => {
    await withProgram(async program => {
      await program.fleet(SLEEPER);
      const { tmux } = await program.json<{ tmux: string }>('up');
      const before = await running(program, 'sleeper', 1);
      const servers = await tmuxProcesses(tmux);
      expect(servers.length).toBeGreaterThan(0);
      // Its clients may be gone before their turn comes.
      for (const pid of servers) end(pid);
      const after = await waitFor(
        async () => {
          const ran = await program.hms('status', '--json');
          if (ran.code !== 0) return undefined;
          const found = (JSON.parse(ran.stdout) as Status).agents.find(a => a.id === 'sleeper');
          return found?.pid && found.incarnation >= 2 && found;
        },
        { what: 'the agent in a new tmux server', deadlineMs: 20_000 },
      );
      expect(isAlive(after.pid ?? 0)).toBe(true);
      await waitFor(() => !isAlive(before.pid ?? 0), { what: 'the old process to be gone' });
      expect((await program.hms('audit', 'search', '--kind', 'tmux.lost')).stdout).toContain('sleeper');
    });
  });
});

describe('down', () => {
  test('says so when everything of the fleet has ended, agents that will not included', async () => {
    await withProgram(async program => {
      await program.fleet(`fleet: story
agents:
  sleeper: { command: [sleep, "1000000"] }
  stubborn: { command: "trap '' HUP TERM; echo ready; while :; do sleep 0.1; done" }
`);
      const { tmux } = await program.json<{ tmux: string }>('up');
      await running(program, 'sleeper', 1);
      const { engine, agents } = await status(program);
      const ours = [engine.pid, ...agents.map(a => a.pid ?? 0), ...(await tmuxProcesses(tmux))];
      expect(await program.hms('down')).toMatchObject({ code: 0 });
      expect(ours.filter(pid => processAlive(pid, ''))).toEqual([]);
      expect(existsSync(tmux)).toBe(false);
    });
  });
});
