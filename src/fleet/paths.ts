/**
 * Where a fleet keeps its things. HMS_HOME moves everything under one folder (tests, portable installs);
 * otherwise the XDG base directories. Socket paths stay short: a Unix socket's path holds 103 bytes on macOS.
 */
import { createHash } from 'node:crypto';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

export interface FleetPaths {
  /** Folder of the fleet file. */
  readonly dir: string;
  /** The fleet's name. */
  readonly fleet: string;
  /** Name and a hash of the folder: `payments-3f9c01ab`. Names the state folder, unique per user. */
  readonly key: string;
  /** Durable: journal, keys, agents' private folders. 0700. */
  readonly state: string;
  /** Sockets, lock; gone after a reboot. 0700. */
  readonly run: string;
  readonly journal: string;
  readonly operatorSocket: string;
  readonly agentSocket: string;
  readonly tmuxSocket: string;
  readonly log: string;
  /** What `hms ls` and `attach NAME` read: {fleet, dir, file}. */
  readonly card: string;
  readonly key25519: string;
  /** Cast files of agents' panes and operators' stages. 0700. */
  readonly recordings: string;
  /** What evolution has come to. */
  readonly evolution: string;
  /** Experiments: undo journal, reports, and the kill switch's file. 0700. */
  readonly chaos: string;
  /** While it exists nothing is broken on purpose. */
  readonly chaosHalt: string;
  /** Undo journals of what is broken now. */
  readonly chaosUndo: string;
}

export interface Roots {
  readonly state: string;
  readonly run: string;
  readonly config: string;
}

export function roots(env: NodeJS.ProcessEnv = process.env): Roots {
  if (env['HMS_HOME']) {
    const home = resolve(env['HMS_HOME']);
    return { state: join(home, 'state'), run: join(home, 'run'), config: join(home, 'config') };
  }
  const home = env['HOME'] || homedir();
  return {
    state: join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'hms'),
    run: env['XDG_RUNTIME_DIR']
      ? join(env['XDG_RUNTIME_DIR'], 'hms')
      : join(tmpdir(), `hms-${userInfo().uid}`),
    config: join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'hms'),
  };
}

/** Paths of the fleet called `fleet` whose file lies in `dir`. */
export function fleetPaths(fleet: string, dir: string, env: NodeJS.ProcessEnv = process.env): FleetPaths {
  const { state, run } = roots(env);
  const folder = resolve(dir);
  const hash = createHash('sha256').update(`${fleet}\0${folder}`).digest('hex').slice(0, 8);
  const key = `${fleet}-${hash}`;
  const s = join(state, 'fleets', key);
  // The run folder is named by the hash alone, to keep socket paths short.
  const r = join(run, hash);
  return {
    dir: folder,
    fleet,
    key,
    state: s,
    run: r,
    journal: join(s, 'journal.db'),
    operatorSocket: join(r, 'operator.sock'),
    agentSocket: join(r, 'agent.sock'),
    tmuxSocket: join(r, 'tmux.sock'),
    log: join(s, 'engine.log'),
    card: join(s, 'fleet.json'),
    key25519: join(s, 'journal.key'),
    recordings: join(s, 'recordings'),
    evolution: join(s, 'evolution.json'),
    chaos: join(s, 'chaos'),
    chaosHalt: join(s, 'chaos', 'halt'),
    chaosUndo: join(s, 'chaos', 'undo'),
  };
}
