/**
 * Each fault, injected into a live fleet, and the console that tells of it. Needs the native helper (npm run setup with
 * cargo there); without it only what the engine does to itself is told.
 */
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/chaos/report.ts';
import { findNative } from '../../src/processes/native-program.ts';
import { type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const native = findNative();
const withNative = native ? describe : describe.skip;
if (!native)
  process.stderr.write('stories of chaos are skipped: the native helper is not built (npm run setup)\n');

const FLEET = `fleet: quay
agents:
  one: { command: [sh, -c, "while :; do echo one; sleep 0.2; done"], restart: { when: always, max: 100, from: 100ms, to: 200ms } }
  two: { command: [sh, -c, "while :; do echo two; sleep 0.2; done"] }
  three: { command: [sh, -c, "while :; do echo three; sleep 0.2; done"] }
`;

/** Machines that run tests are under pressure already. */
const experiment = (action: string, more = ''): string => `title: The quay lives on
steady-state-hypothesis:
  title: all is well
  probes:
    - { name: agents well, provider: { type: agent-state }, tolerance: 100 }
    - { name: engine answers, provider: { type: engine }, tolerance: { max: 1900 } }
method:
  - { type: action, ${action} }
blast: { pressure: 100, memory-floor: 64mb, disk-floor: 64mb, cores-left: 0 }
every: 100ms
patience: 60s
${more}`;

async function up(program: Program): Promise<void> {
  program.env.HMS_NATIVE = native ?? 'off';
  await program.fleet(FLEET);
  expect(await program.hms('up')).toMatchObject({ code: 0 });
}

async function run(program: Program, action: string, more = ''): Promise<Report> {
  const file = join(program.dir, 'experiment.yaml');
  await writeFile(file, experiment(action, more));
  const ran = await program.hms('chaos', 'run', file, '--yes', '--json');
  expect(ran.stdout, ran.stderr).not.toBe('');
  return JSON.parse(ran.stdout);
}

withNative('a fault in a live fleet', () => {
  test.each([
    ['pause', 'fault: pause, target: two, for: 3s', /BROKEN: pause two/],
    ['cpu', 'fault: cpu, load: 60, for: 3s', /BROKEN: cpu/],
    ['memory', 'fault: memory, size: 16mb, for: 3s', /BROKEN: memory/],
    ['disk_fill', 'fault: disk_fill, size: 16mb, for: 3s', /BROKEN: disk_fill/],
    ['fd_exhaust', 'fault: fd_exhaust, target: two, for: 3s', /BROKEN: fd_exhaust two/],
    ['cell_hang', 'fault: cell_hang, target: "cell:usage", for: 3s', /BROKEN: cell_hang cell:usage/],
  ])(
    '%s is told while it lasts, taken back, and verified',
    { timeout: 90_000 },
    async (_name, action, told) => {
      await withProgram(async program => {
        await up(program);
        const console = await program.terminal(['attach']);
        await console.shows('quay', 'two');
        await console.press('X');
        await console.shows('Nothing is broken on purpose');
        const running = run(program, action, 'recover-within: 20s\n');
        await console.shows(told, 'The quay lives on', 'BROKEN', 'at the latest', 'agents well');
        const report = await running;
        expect(report).toMatchObject({ verdict: 'held', verified: true });
        expect(report.faults[0]).toMatchObject({ end: 'reverted', residues: [] });
        expect(report.steady_state.map(probe => probe.looks > 3)).toEqual([true, true]);
        await console.hides('⚡ BROKEN');
        await console.shows('✔ held', report.id, 'all taken back');
      });
    },
  );

  test.each([
    ['net_delay', 'fault: net_delay, proxy: api, delay: 700ms, for: 3s'],
    ['net_reset', 'fault: net_reset, proxy: api, for: 3s'],
  ])(
    '%s is felt through the experiment’s proxy, and nobody feels it afterwards',
    {
      timeout: 90_000,
    },
    async (_name, action) => {
      const server = createServer((_request, response) => void response.end('ok'));
      await withProgram(async program => {
        await up(program);
        const [upstream, listen] = [await portOf(server), await portOf(createServer())];
        const file = join(program.dir, 'net.yaml');
        const probe = `    - { name: api, provider: { type: http, url: "http://127.0.0.1:${listen}/", measure: ms }, tolerance: { max: 500 } }\n`;
        const proxies = `proxies: { api: { listen: "127.0.0.1:${listen}", upstream: "127.0.0.1:${upstream}" } }\n`;
        await writeFile(file, experiment(action, proxies).replace('method:', `${probe}method:`));
        const ran = await program.hms('chaos', 'run', file, '--yes', '--json');
        const report: Report = JSON.parse(ran.stdout);
        expect(report, report.reason).toMatchObject({ verdict: 'held', verified: true });
        expect(report.steady_state.find(({ name }) => name === 'api')?.out).toBeGreaterThan(0);
        expect(report.recovered_ms).toBeGreaterThan(0);
      }).finally(() => {
        server.closeAllConnections();
        server.close();
      });
    },
  );

  test('a killed agent is noticed and comes back, and the report says where to see it', {
    timeout: 90_000,
  }, async () => {
    await withProgram(async program => {
      await up(program);
      const report = await run(program, 'fault: kill, target: one, for: 3s');
      expect(report).toMatchObject({ verdict: 'held', verified: true, operators: [] });
      expect(report.detected_by).toContain('agent.exited');
      expect(report.faults[0]?.recordings[0]?.recording).toBe('one.1');
      const page = await program.hms('chaos', 'report');
      expect(page.stdout).toContain('hms record play one.1 --from');
      const list = await program.json<{ runs: unknown[] }>('chaos', 'list');
      expect(list.runs).toMatchObject([{ id: report.id, verdict: 'held' }]);
    });
  });

  test('a killed engine does not end the experiment that killed it', { timeout: 90_000 }, async () => {
    await withProgram(async program => {
      await up(program);
      const before = await program.enginePid();
      const report = await run(program, 'fault: kill, target: engine, for: 4s');
      expect(report.verdict, report.reason).toBe('held');
      expect(report.detected_by).toContain('after a crash');
      expect(report.recovered_ms).toBeGreaterThan(0);
      expect(await program.enginePid()).not.toBe(before);
      const status = await program.json<{ finished: unknown[] }>('chaos', 'status');
      expect(status.finished).toMatchObject([{ id: report.id, verdict: 'held' }]);
    });
  });

  test('the kill switch of a console takes it back in the middle', { timeout: 90_000 }, async () => {
    await withProgram(async program => {
      await up(program);
      const console = await program.terminal(['attach']);
      await console.shows('quay', 'two');
      const running = run(program, 'fault: pause, target: two, for: 25s');
      await console.shows(/BROKEN: pause two/);
      await console.press('H');
      const report = await running;
      expect(report).toMatchObject({ verdict: 'aborted', verified: true });
      expect(report.reason).toContain('kill switch');
      await console.shows('chaos halted');
      expect((await program.hms('chaos', 'inject', 'cpu', '--yes')).stderr).toContain('kill switch');
      expect((await program.hms('chaos', 'halt', '--lift')).code).toBe(0);
      await console.hides('chaos halted');
    });
  });

  test('a runner that is killed leaves nothing broken', { timeout: 90_000 }, async () => {
    await withProgram(async program => {
      await up(program);
      await writeFile(join(program.dir, 'long.yaml'), experiment('fault: pause, target: two, for: 25s'));
      const runner = await program.terminal(['chaos', 'run', 'long.yaml', '--yes']);
      const { running } = await waitFor(
        async () => {
          const status = await program.json<{
            running: { runner: { pid: number }; faults: { phase: string }[] }[];
          }>('chaos', 'status');
          return status.running[0]?.faults[0]?.phase === 'active' && status;
        },
        { what: 'the pause', deadlineMs: 30_000, everyMs: 100 },
      ).catch(async (error: unknown) => {
        throw new Error(`${error}\n${await runner.screen()}`);
      });
      process.kill(running[0]?.runner.pid ?? 0, 'SIGKILL');
      await waitFor(
        async () =>
          (await program.json<{ finished: { verdict: string }[] }>('chaos', 'status')).finished[0]
            ?.verdict === 'lost',
        { what: 'the engine to say so', deadlineMs: 30_000, everyMs: 200 },
      );
      const agents = await program.json<{ agents: { id: string; pid: number }[] }>('status');
      const { pid } = agents.agents.find(agent => agent.id === 'two') ?? { pid: 0 };
      await waitFor(async () => !/^State:\s+[Tt]/m.test(await statusOf(pid)), { what: 'two to go on' });
    });
  });
});

describe('an experiment from a console', () => {
  test('waits in the queue with its plan, and is begun by a yes', { timeout: 90_000 }, async () => {
    await withProgram(async program => {
      await up(program);
      await writeFile(
        join(program.dir, 'hang.yaml'),
        'title: A cell hangs\nmethod: [{ type: action, fault: cell_hang, target: "cell:usage", for: 2s }]\n',
      );
      const console = await program.terminal(['attach']);
      await console.shows('quay', 'two');
      await console.press('E');
      await console.shows('Experiment');
      await console.type('hang.yaml');
      await console.shows('▸ hang.yaml');
      await console.press('Enter');
      await console.shows('break on purpose: cell_hang cell:usage');
      await console.decide('a');
      await console.decide('y');
      await console.shows('⚡ BROKEN: cell_hang');
      await console.hides('⚡ BROKEN');
      await console.press('X');
      await console.shows('✔ held', 'A cell hangs');
    });
  });

  test('with a mistake in it is told so, and nothing waits', { timeout: 60_000 }, async () => {
    await withProgram(async program => {
      await up(program);
      await writeFile(join(program.dir, 'bad.yaml'), 'title: x\nmethod: [{ type: action, fault: kil }]\n');
      const console = await program.terminal(['attach']);
      await console.shows('quay', 'two');
      await console.press('E');
      await console.shows('Experiment');
      await console.type('bad.yaml');
      await console.shows('▸ bad.yaml');
      await console.press('Enter');
      await console.shows('"kil" is not possible here');
    });
  });
});

/** The port it listens on; one that is free when it is closed at once. */
async function portOf(server: Server): Promise<number> {
  const free = !server.listening && server.listenerCount('request') === 0;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (free) await new Promise(resolve => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function statusOf(pid: number): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
}
