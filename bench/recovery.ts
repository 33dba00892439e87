/**
 * kill -9 of an agent's process, 200 times, at zero back-off: how long until the engine has noticed (its event is
 * durable and pushed) and until the next incarnation runs. Beside it: the same without the native helper, and a Node
 * parent that restarts its child on `exit`, the quickest way there is.
 */
import { spawn } from 'node:child_process';
import { findFleet } from '../src/fleet/registry.ts';
import { OperatorId } from '../src/model/ids.ts';
import { findNative } from '../src/processes/native-program.ts';
import { connectOperator } from '../src/protocol/client.ts';
import { PROTOCOL } from '../src/protocol/limits.ts';
import { withProgram } from '../test/support/program.ts';
import { waitFor } from '../test/support/wait.ts';
import { clock, type Measured, percentile } from './stats.ts';

const ROUNDS = 200;
/** Of what stands beside it. */
const BESIDE = 60;
const LATE_MS = 5000;

export async function run(): Promise<Measured> {
  const ours = await measureFleet(ROUNDS);
  const own = process.env['HMS_NATIVE'];
  process.env['HMS_NATIVE'] = 'off';
  const alone = await measureFleet(BESIDE).finally(() => {
    process.env['HMS_NATIVE'] = own ?? '';
  });
  const plain = await measurePlain();
  return {
    figures: {
      noticed_p50_ms: percentile(ours.noticed, 50),
      running_p50_ms: percentile(ours.running, 50),
      lost: ours.lost,
    },
    env: {
      helper: findNative() !== undefined,
      compared: {
        noticed_p99_ms: percentile(ours.noticed, 99),
        running_p99_ms: percentile(ours.running, 99),
        without_helper_noticed_p50_ms: percentile(alone.noticed, 50),
        without_helper_running_p50_ms: percentile(alone.running, 50),
        plain_parent_running_p50_ms: percentile(plain, 50),
      },
    },
    lines: [`${ROUNDS} rounds; plain_parent is spawn → kill → exit event → spawn in one Node process`],
  };
}

async function measureFleet(rounds: number): Promise<{ noticed: number[]; running: number[]; lost: number }> {
  return withProgram(async program => {
    await program.fleet(`fleet: bench
agents:
  victim:
    command: ["sleep", "1000000"]
    restart: { when: always, max: 1000, within: 1h, from: 0ms, to: 0ms }
`);
    await program.hms('up');
    process.env.HMS_HOME = program.home;
    const paths = await findFleet(program.dir, program.dir);
    const client = await connectOperator(paths.operatorSocket);
    let pid = 0;
    let exitedAt = 0;
    let startedAt = 0;
    client.onPush(push => {
      if (push.push !== 'event') return;
      if (push.event.kind === 'agent.exited') exitedAt = clock();
      if (push.event.kind === 'agent.started') {
        startedAt = clock();
        pid = push.event.data.pid;
      }
    });
    const { state } = await client.request('hello', {
      protocol: PROTOCOL,
      client: 'cli',
      follow: true,
      as: OperatorId.parse('bench'),
    });
    pid ||= state.agents.victim?.pid ?? 0;
    await waitFor(() => pid > 0, { what: 'the first start' });
    const noticed: number[] = [];
    const running: number[] = [];
    let lost = 0;
    for (let round = 0; round < rounds; round += 1) {
      exitedAt = 0;
      startedAt = 0;
      const killedAt = clock();
      process.kill(pid, 'SIGKILL');
      try {
        await waitFor(() => exitedAt > 0 && startedAt > 0, {
          what: 'the restart',
          deadlineMs: LATE_MS,
          everyMs: 1,
        });
        noticed.push(exitedAt - killedAt);
        running.push(startedAt - killedAt);
      } catch {
        lost += 1;
        if (startedAt === 0) break;
      }
    }
    client.close();
    await program.hms('down');
    return { noticed, running, lost };
  });
}

async function measurePlain(): Promise<number[]> {
  const times: number[] = [];
  let child = spawn('sleep', ['1000000'], { stdio: 'ignore' });
  for (let round = 0; round < BESIDE; round += 1) {
    const killedAt = clock();
    await new Promise<void>(resolve => {
      child.once('exit', () => {
        child = spawn('sleep', ['1000000'], { stdio: 'ignore' });
        child.once('spawn', resolve);
      });
      child.kill('SIGKILL');
    });
    times.push(clock() - killedAt);
  }
  child.kill('SIGKILL');
  return times;
}
