/** What is done to agents by the bench `heal-real`, by real means, and what has to be true for it to be over. */
import { unlink, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Random } from '../../src/healing/random.ts';
import type { Program } from '../../test/support/program.ts';
import { tmuxProcesses } from '../../test/support/tmux.ts';
import type { Simulated } from './simulated.ts';
import type { Ward } from './ward.ts';

/** A service that an agent cannot do without, on a port of its own; or a file. */
export interface Service {
  /** As the fleet file names it, and as the patient is told. */
  readonly means: string;
  readonly place: string;
  up(): Promise<void>;
  down(): Promise<void>;
}

export interface Ground {
  readonly program: Program;
  readonly ward: Ward;
  readonly random: Random;
  readonly tmuxSocket: string;
  serviceOf(agent: string): Service | undefined;
}

export interface Fault {
  readonly name: string;
  /** The same in the simulated world, where there is such a thing. */
  readonly simulated?: Simulated;
  /** Agents it is done to in one fleet. */
  readonly agents: number;
  /** Between two agents it is done to, ms, where that is not as usual. */
  readonly apartMs?: number;
  /** It needs to be known first how the agent usually prints. */
  readonly learns?: boolean;
  /** It prints nothing from then on. */
  readonly silent?: boolean;
  /** It is given up as not healed after so long, ms, where that is not as usual. */
  readonly givenUpMs?: number;
  /** It works on, if badly: nothing is down. */
  readonly works?: boolean;
  /** Nothing but another run of it is a recovery. */
  readonly onlyAnew?: boolean;
  /** Of the agent's `healing`, beside the level. */
  readonly healing?: string;
  readonly level?: 'basic' | 'hybrid';
  readonly depends?: 'tcp' | 'file';
  /** Resolves with when its cause was gone, ms since the epoch; undefined for a cause that stays until it is healed. */
  inject(agent: string, ground: Ground): Promise<number | undefined> | number | undefined;
}

const kill = (agent: string, { ward }: Ground): undefined => {
  process.kill(ward.pidOf(agent), 'SIGKILL');
};

/** The provider's answer is lost: a C-c has it ask again. */
const lose = (agent: string, { ward }: Ground): undefined => {
  ward.lose(agent);
};

const HANGS = { learns: true, silent: true, apartMs: 600 } as const;
const ANEW: Simulated['cures'] = { restart: [1, 1] };
const ANYTHING: Simulated['cures'] = { interrupt: [1, 1], restart: [1, 1] };

export const FAULTS: readonly Fault[] = [
  { name: 'crash', simulated: { symptom: { does: 'die' }, cures: ANEW }, agents: 12, inject: kill },
  {
    name: 'answer lost',
    simulated: { symptom: { does: 'hang' }, cures: ANYTHING },
    agents: 4,
    ...HANGS,
    inject: lose,
  },
  {
    name: 'answers lost',
    simulated: { symptom: { does: 'hang' }, cures: ANEW },
    agents: 2,
    ...HANGS,
    onlyAnew: true,
    inject: (agent, { ward }) => {
      ward.wedge(agent);
      return undefined;
    },
  },
  {
    name: 'stopped',
    simulated: { symptom: { does: 'hang' }, cures: ANEW },
    agents: 2,
    ...HANGS,
    onlyAnew: true,
    inject: (agent, { ward }) => {
      process.kill(ward.pidOf(agent), 'SIGSTOP');
      return undefined;
    },
  },
  {
    name: 'busy loop',
    simulated: { symptom: { does: 'spin' }, cures: ANEW },
    agents: 2,
    learns: true,
    // One core each is more than many a machine has.
    apartMs: 8000,
    onlyAnew: true,
    inject: (agent, { ward }) => {
      ward.ruin(agent, 'spin');
      return undefined;
    },
  },
  {
    name: 'output storm',
    simulated: { symptom: { does: 'storm' }, cures: ANYTHING },
    agents: 2,
    learns: true,
    inject: (agent, { ward }) => {
      ward.ruin(agent, 'storm');
      return undefined;
    },
  },
  {
    name: 'memory leak',
    agents: 2,
    works: true,
    onlyAnew: true,
    healing: 'limits: { memory: 150 }',
    inject: (agent, { ward }) => {
      ward.ruin(agent, 'leak');
      return undefined;
    },
  },
  {
    name: 'open files',
    agents: 2,
    works: true,
    onlyAnew: true,
    healing: 'limits: { fds: 150 }',
    inject: (agent, { ward }) => {
      ward.ruin(agent, 'files');
      return undefined;
    },
  },
  {
    name: 'dependency (tcp)',
    simulated: { symptom: { does: 'die' }, cures: ANEW, dependency: true, organic: [4, 0.3] },
    agents: 4,
    depends: 'tcp',
    inject: outage,
  },
  { name: 'dependency (file)', agents: 2, depends: 'file', inject: outage },
  { name: 'answer lost, basic', agents: 2, ...HANGS, level: 'basic', healing: 'silence: 8s', inject: lose },
];

/** Only with --full: a minute goes by until it is noticed. */
export const SLOW: Fault = {
  name: 'six times slower',
  agents: 5,
  // Left to itself healing waits for minutes whether it passes.
  healing: 'ladder: { slow: [restart] }',
  givenUpMs: 120_000,
  learns: true,
  works: true,
  onlyAnew: true,
  inject: (agent, { ward }) => {
    ward.ruin(agent, 'crawl');
    return undefined;
  },
};

/** Machines that run benchmarks are under pressure already. */
const LOSING = `title: tmux does not tell
blast: { pressure: 100, memory-floor: 64mb, disk-floor: 64mb, cores-left: 0, percent: 100 }
method:
  - { type: action, fault: lost_death, for: 2s,`;

/** Needs the native helper. */
export const LOST_DEATH: Fault = {
  name: 'death not told',
  simulated: { symptom: { does: 'die', unseen: true }, cures: ANEW },
  agents: 2,
  // One experiment at a time.
  apartMs: 12_000,
  inject: async (agent, { program }) => {
    const file = join(program.dir, `${agent}.yaml`);
    await writeFile(file, `${LOSING} target: ${agent} }\n`);
    const ran = await program.hms('chaos', 'run', file, '--yes');
    if (!/lost_death/.test(ran.stdout)) throw new Error(`lost_death: ${ran.stdout}${ran.stderr}`);
    return undefined;
  },
};

const serverless = new WeakSet<Program>();

/** All agents of a fleet of its own go with it. */
export const TMUX: Fault = {
  name: 'tmux server killed',
  agents: 4,
  apartMs: 0,
  onlyAnew: true,
  inject: async (_agent, { program, tmuxSocket }) => {
    if (serverless.has(program)) return undefined;
    serverless.add(program);
    const [server] = await tmuxProcesses(tmuxSocket);
    if (server !== undefined) process.kill(server, 'SIGKILL');
    return undefined;
  },
};

const OUTAGE_MS = 4000;

async function outage(agent: string, { serviceOf, random }: Ground): Promise<number | undefined> {
  const service = serviceOf(agent);
  if (!service) throw new RangeError(agent);
  await service.down();
  await new Promise(resolve => setTimeout(resolve, OUTAGE_MS * (0.5 + random())));
  await service.up();
  return Date.now();
}

export async function openService(kind: 'tcp' | 'file', path: string): Promise<Service> {
  if (kind === 'file') {
    await writeFile(path, '');
    return {
      means: `file: ${path}`,
      place: path,
      up: () => writeFile(path, ''),
      down: () => unlink(path),
    };
  }
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const up = async (): Promise<void> => {
    const opened = createServer(socket => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) =>
      opened.once('error', reject).listen(port, '127.0.0.1', resolve),
    );
    const address = opened.address();
    port = typeof address === 'object' && address ? address.port : 0;
    server = opened;
  };
  await up();
  return {
    means: `tcp: "127.0.0.1:${port}"`,
    place: `${port}`,
    up,
    down: () =>
      new Promise(resolve => {
        server?.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
