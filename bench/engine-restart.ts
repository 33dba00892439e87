/**
 * kill -9 of the engine: how long until its socket answers a person again, with a journal of a hundred events and with
 * one of a hundred thousand. The keeper's own part is in it.
 */

import type { FleetPaths } from '../src/fleet/paths.ts';
import { findFleet } from '../src/fleet/registry.ts';
import { openJournal } from '../src/journal/journal.ts';
import { readProcess } from '../src/processes/table.ts';
import { connectOperator } from '../src/protocol/client.ts';
import { PROTOCOL } from '../src/protocol/limits.ts';
import { withProgram } from '../test/support/program.ts';
import { waitFor } from '../test/support/wait.ts';
import { configured, dayOfAFleet } from './fleet-events.ts';
import { clock, type Measured, percentile } from './stats.ts';

const FEW = 100;
const MANY = 100_000;
const ROUNDS = process.argv.includes('--full') ? 50 : 12;
/** Events in one transaction. */
const AT_ONCE = 1000;
const LATE_MS = 30_000;

const FLEET = `fleet: restart
agents:
  one: { command: ["sleep", "1000000"] }
  two: { command: ["sleep", "1000000"] }
`;

export async function run(): Promise<Measured> {
  const few = await measure(FEW);
  const many = await measure(MANY);
  return {
    figures: {
      engine_restart_p50_ms: percentile(few.ms, 50),
      engine_restart_p99_ms: percentile(few.ms, 99),
      engine_restart_100k_p50_ms: percentile(many.ms, 50),
      engine_restart_100k_p99_ms: percentile(many.ms, 99),
    },
    env: {
      rounds: ROUNDS,
      events: [FEW, MANY],
      // What it takes of one core, whatever else the machine does; 0 where there is no /proc.
      compared: { cpu_p50_ms: percentile(few.cpu, 50), cpu_100k_p50_ms: percentile(many.cpu, 50) },
    },
    lines: ['from the signal to the answer to a hello on operator.sock; agents run on'],
  };
}

interface Times {
  readonly ms: number[];
  readonly cpu: number[];
}

async function measure(events: number): Promise<Times> {
  return withProgram(async program => {
    await program.fleet(FLEET);
    await program.hms('up');
    process.env['HMS_HOME'] = program.home;
    const paths = await findFleet(program.dir, program.dir);
    await program.hms('down');
    await fill(paths, events);
    await program.hms('up');
    const times: Times = { ms: [], cpu: [] };
    for (let round = 0; round < ROUNDS; round += 1) await once(paths, times);
    await program.hms('down');
    return times;
  });
}

/** A working fleet's events, in the journal of this one. */
async function fill(paths: FleetPaths, events: number): Promise<void> {
  const journal = openJournal(paths.journal, { key: paths.key25519, origin: `hms/${paths.key}` });
  const drafts = [configured(), ...dayOfAFleet(events)];
  for (let at = 0; at < events; at += AT_ONCE)
    await journal.append(...drafts.slice(at, at + AT_ONCE)).durable;
  journal.close();
}

async function once({ operatorSocket }: FleetPaths, times: Times): Promise<void> {
  const before = await waitFor(() => engineAt(operatorSocket), { what: 'the engine' });
  const killedAt = clock();
  process.kill(before, 'SIGKILL');
  const next = async (): Promise<number> => {
    const pid = await engineAt(operatorSocket);
    return pid === before ? 0 : pid;
  };
  const pid = await waitFor(next, { what: 'the next engine', everyMs: 2, deadlineMs: LATE_MS });
  times.ms.push(clock() - killedAt);
  times.cpu.push(readProcess(pid)?.cpuMs ?? 0);
}

/** pid of the engine that answers there, 0 for none. */
async function engineAt(socket: string): Promise<number> {
  const client = await connectOperator(socket, { deadlineMs: LATE_MS }).catch(() => undefined);
  if (!client) return 0;
  try {
    const { engine } = await client.request('hello', { protocol: PROTOCOL, client: 'cli', follow: false });
    return engine.pid;
  } catch {
    return 0;
  } finally {
    client.close();
  }
}
