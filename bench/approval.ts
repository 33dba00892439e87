/**
 * 200 gate clients in turn, a console in a pty and a person who presses `a` at once: request → on the console's
 * screen, and key → client released. The 400 ms rule is off (HMS_ARM_MS=0). Beside it: the same socket's ping.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node-pty';
import { findFleet } from '../src/fleet/registry.ts';
import { OperatorId } from '../src/model/ids.ts';
import { connectOperator } from '../src/protocol/client.ts';
import { PROTOCOL } from '../src/protocol/limits.ts';
import { HMS, ROOT, withProgram } from '../test/support/program.ts';
import { waitFor } from '../test/support/wait.ts';
import { clock, type Measured, percentile } from './stats.ts';

const ROUNDS = 200;

export async function run(): Promise<Measured> {
  return withProgram(async program => {
    const file = join(program.dir, 'times.jsonl');
    const asker = [process.execPath, join(ROOT, 'bench', 'approval-agent.ts'), file, String(ROUNDS)];
    await program.fleet(`fleet: bench
agents:
  asker:
    command: ${JSON.stringify(['sh', '-c', 'while [ ! -e go ]; do sleep 0.1; done; exec "$@"', 'sh', ...asker])}
    restart: never
`);
    await program.hms('up');
    const env = Object.fromEntries(Object.entries(program.env).filter(([, v]) => v !== undefined)) as Record<
      string,
      string
    >;
    const pty = spawn(HMS, [], {
      cols: 160,
      rows: 44,
      cwd: program.dir,
      env: { ...env, HMS_ARM_MS: '0' },
      name: 'xterm-256color',
    });
    const seenAt = new Map<string, number>();
    const keyAt = new Map<string, number>();
    let text = '';
    pty.onData(data => {
      const now = clock();
      text = (text + data).slice(-100_000);
      const name = `round-${String(seenAt.size).padStart(4, '0')}`;
      if (seenAt.size >= ROUNDS || !text.includes(name)) return;
      seenAt.set(name, now);
      setImmediate(() => {
        keyAt.set(name, clock());
        pty.write('a');
      });
    });
    await waitFor(() => text.includes('quit'), { what: 'the first frame', deadlineMs: 20_000 });
    await program.hms('status');
    text = '';
    writeFileSync(join(program.dir, 'go'), '');
    const times = await waitFor(
      () => {
        const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
        return lines.length >= ROUNDS && lines.map(line => JSON.parse(line) as Round);
      },
      { what: `${ROUNDS} answers (${seenAt.size} seen)`, deadlineMs: 50_000, everyMs: 50 },
    );
    const ping = await pings(program.home, program.dir);
    pty.kill('SIGTERM');
    await program.hms('down');
    const visible = times.map(t => (seenAt.get(t.name) ?? Number.NaN) - t.askedAt);
    const release = times.map(t => t.releasedAt - (keyAt.get(t.name) ?? Number.NaN));
    return {
      figures: {
        visible_p50_ms: percentile(visible, 50),
        visible_p99_ms: percentile(visible, 99),
        release_p50_ms: percentile(release, 50),
        release_p99_ms: percentile(release, 99),
      },
      env: { compared: { ping_p50_ms: percentile(ping, 50) } },
      lines: [`${ROUNDS} clients, all released: ${times.every(t => t.run)}`],
    };
  });
}

interface Round {
  readonly name: string;
  readonly askedAt: number;
  readonly releasedAt: number;
  readonly run: boolean;
}

async function pings(home: string, dir: string): Promise<number[]> {
  process.env.HMS_HOME = home;
  const paths = await findFleet(dir, dir);
  const client = await connectOperator(paths.operatorSocket);
  await client.request('hello', { protocol: PROTOCOL, client: 'cli', as: OperatorId.parse('bench') });
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    const begun = clock();
    await client.request('ping', {});
    times.push(clock() - begun);
  }
  client.close();
  return times;
}
