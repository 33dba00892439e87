/** What happens to the fleet of the soak: at random, from a seed, again and again until it is ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { exponential, type Random } from '../../src/healing/random.ts';
import type { FleetState } from '../../src/model/state.ts';
import { isAlive, type Program } from '../../test/support/program.ts';
import { tmuxProcesses } from '../../test/support/tmux.ts';
import type { Service } from '../heal-real/faults.ts';
import type { Ward } from '../heal-real/ward.ts';

export interface Done {
  readonly at: number;
  readonly what: string;
  readonly agent: string;
}

export interface MischiefOptions {
  readonly program: Program;
  readonly ward: Ward;
  readonly service: Service;
  readonly patients: readonly string[];
  readonly random: Random;
  readonly tmuxSocket: string;
  /** Mean times between two, ms; Infinity for never. */
  readonly everyMs: number;
  readonly engineEveryMs: number;
  readonly tmuxEveryMs: number;
  readonly consoleEveryMs: number;
  state(): FleetState;
  /** No engine is killed any more from then on, ms since the epoch: what it leaks shows in one that lives. */
  readonly calmFrom: number;
  readonly until: number;
}

/** Who has printed within so long is well, ms. */
const WELL_MS = 4000;
const OUTAGE_MS = 5000;
const LOOKS_MS = 4000;

interface Harm {
  readonly what: string;
  /** How often, against the others. */
  readonly share: number;
  readonly act: (ward: Ward, agent: string) => void;
}

const HARMS: readonly Harm[] = [
  { what: 'crash', share: 5, act: (ward, agent) => kill(ward.pidOf(agent), 'SIGKILL') },
  { what: 'answer lost', share: 3, act: (ward, agent) => ward.lose(agent) },
  { what: 'answers lost', share: 2, act: (ward, agent) => ward.wedge(agent) },
  { what: 'stopped', share: 2, act: (ward, agent) => kill(ward.pidOf(agent), 'SIGSTOP') },
  { what: 'busy loop', share: 1, act: (ward, agent) => ward.ruin(agent, 'spin') },
  { what: 'output storm', share: 1, act: (ward, agent) => ward.ruin(agent, 'storm') },
  { what: 'memory leak', share: 1, act: (ward, agent) => ward.ruin(agent, 'leak') },
];

/** Resolves with everything it did, once `until` has come. */
export async function makeMischief(options: MischiefOptions): Promise<readonly Done[]> {
  const done: Done[] = [];
  const note = (what: string, agent = ''): void => void done.push({ at: Date.now(), what, agent });
  const { random, until, calmFrom } = options;
  const again = async (everyMs: number, end: number, act: () => Promise<void> | void): Promise<void> => {
    for (;;) {
      const pause = exponential(everyMs, random);
      if (Date.now() + pause >= end) return;
      await sleep(pause);
      await act();
    }
  };
  await Promise.all([
    again(options.everyMs, until, () => harm(options, note)),
    again(8 * options.everyMs, until, async () => {
      note('outage');
      await options.service.down();
      await sleep(OUTAGE_MS * (0.5 + random()));
      await options.service.up();
    }),
    again(options.engineEveryMs, Math.min(until, calmFrom), async () => {
      const pid = await options.program.enginePid();
      if (pid === 0) return;
      note('engine killed');
      kill(pid, 'SIGKILL');
    }),
    again(options.tmuxEveryMs, Math.min(until, calmFrom), async () => {
      note('tmux server killed');
      // Its clients are the engine's and people's, and see to themselves.
      const [server] = await tmuxProcesses(options.tmuxSocket);
      if (server !== undefined) kill(server, 'SIGKILL');
    }),
    again(options.consoleEveryMs, until, async () => {
      note('console attached');
      // One that finds no engine just then says so and ends.
      await lookIn(options.program, LOOKS_MS * random(), random() < 0.5 ? 'SIGKILL' : 'SIGHUP').catch(
        () => {},
      );
    }),
  ]);
  return done;
}

/** To one that is well: what befalls who is ill already teaches nothing. */
function harm(
  { ward, patients, random, state }: MischiefOptions,
  note: (what: string, agent: string) => void,
): void {
  const { incidents } = state();
  const ill = new Set(Object.values(incidents).map(({ agent }) => agent));
  const well = patients.filter(
    name => !ill.has(name) && Date.now() - (ward.runs(name).at(-1)?.lines.at(-1) ?? 0) < WELL_MS,
  );
  const agent = well[Math.floor(random() * well.length)];
  if (agent === undefined) return;
  const { what, act } = drawn(random);
  note(what, agent);
  act(ward, agent);
}

function drawn(random: Random): Harm {
  let left = random() * HARMS.reduce((sum, { share }) => sum + share, 0);
  const found = HARMS.find(({ share }) => {
    left -= share;
    return left < 0;
  });
  if (!found) throw new RangeError('a number in [0, 1) was expected');
  return found;
}

/** A console comes and is closed after a while, or dies. */
export async function lookIn(
  program: Program,
  looksMs: number,
  signal: NodeJS.Signals = 'SIGHUP',
): Promise<void> {
  const terminal = await program.terminal(['attach']);
  await terminal.shows('hms');
  await sleep(looksMs);
  const pid = await terminal.pid();
  if (pid > 1 && isAlive(pid)) kill(pid, signal);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 1) return;
  try {
    process.kill(pid, signal);
  } catch {
    // Dead already.
  }
}
