/**
 * Key → echo through the console's stage, minus key → echo through plain `tmux attach`: both in a pty of this process, in
 * turn within one run, each on an agent that echoes (`cat`, so the pane's own terminal does).
 */
import { type IPty, spawn } from 'node-pty';
import { findFleet } from '../src/fleet/registry.ts';
import { cleanEnvironment, findTmux } from '../src/tmux/program.ts';
import { HMS, withProgram } from '../test/support/program.ts';
import { waitFor } from '../test/support/wait.ts';
import { clock, type Measured, percentile } from './stats.ts';

/** Keys measured on each side, after those that warm it up. */
const KEYS = 1500;
const WARM = 200;
const SIZE = { cols: 120, rows: 40 };
/** Keys on a line before it is sent off, so that no line grows wide. */
const LINE = 40;
/** Pause between two keys, ms: faster than anybody types, slow enough for both sides to rest. */
const PAUSE_MS = 4;

export async function run(): Promise<Measured> {
  return withProgram(async program => {
    await program.fleet('fleet: bench\nagents:\n  staged: { command: cat }\n  plain: { command: cat }\n');
    await program.hms('up');
    process.env.HMS_HOME = program.home;
    const { tmuxSocket } = await findFleet(program.dir, program.dir);
    const env = cleanEnvironment(program.env);

    const attach = ['-u', '-S', tmuxSocket, '-f', '/dev/null', 'attach-session', '-t', '=bench:plain'];
    const plain = new Side(spawn(findTmux(process.env), attach, { ...SIZE, env, name: 'xterm-256color' }));
    const staged = new Side(
      spawn(HMS, ['--mode', 'collaborate'], {
        ...SIZE,
        cwd: program.dir,
        env: { ...env, HMS_HOME: program.home },
        name: 'xterm-256color',
      }),
    );
    await staged.shows('COLLABORATE');
    staged.send('1');
    await new Promise(resolve => setTimeout(resolve, 200));
    staged.send('\r');
    await staged.shows('⌨ you');

    const times: Record<'plain' | 'staged', number[]> = { plain: [], staged: [] };
    for (let n = 0; n < WARM + KEYS; n++) {
      // Who comes first changes, so that neither profits from what the other has warmed.
      const sides = n % 2 === 0 ? (['plain', 'staged'] as const) : (['staged', 'plain'] as const);
      for (const name of sides) {
        const took = await (name === 'plain' ? plain : staged).echo(n);
        if (n >= WARM) times[name].push(took);
        await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
      }
    }
    plain.end();
    staged.send('\x1c');
    staged.end();
    const of = (p: number, name: 'plain' | 'staged'): number => percentile(times[name], p);
    return {
      figures: {
        added_p50_ms: round(of(50, 'staged') - of(50, 'plain')),
        added_p99_ms: round(of(99, 'staged') - of(99, 'plain')),
      },
      env: {
        compared: {
          plain_p50_ms: of(50, 'plain'),
          plain_p99_ms: of(99, 'plain'),
          stage_p50_ms: of(50, 'staged'),
          stage_p99_ms: of(99, 'staged'),
        },
      },
      lines: [`${KEYS} keys on each side`],
    };
  });
}

const round = (ms: number): number => Math.round(ms * 100) / 100;

/** One terminal, and how long it takes from a key to that key on its screen. */
class Side {
  readonly #pty: IPty;
  #seen = '';
  #wanted = '';
  #found: (at: number) => void = () => {};

  constructor(pty: IPty) {
    this.#pty = pty;
    pty.onData(data => {
      const now = clock();
      this.#seen = (this.#seen + data).slice(-20_000);
      if (this.#wanted !== '' && data.includes(this.#wanted)) this.#found(now);
    });
  }

  send(text: string): void {
    this.#pty.write(text);
  }

  shows(part: string): Promise<unknown> {
    return waitFor(() => this.#seen.includes(part), { what: part, deadlineMs: 20_000 });
  }

  /** Milliseconds until the key is echoed. Letters that no escape sequence of tmux's here ends in. */
  async echo(n: number): Promise<number> {
    if (n % LINE === LINE - 1) {
      this.send('\r');
      await new Promise(resolve => setTimeout(resolve, 10 * PAUSE_MS));
    }
    const key = 'xyzw'[n % 4] ?? 'x';
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#wanted = key;
    this.#found = resolve;
    const sent = clock();
    this.send(key);
    const at = await promise;
    this.#wanted = '';
    return at - sent;
  }

  end(): void {
    this.#pty.kill('SIGTERM');
  }
}
