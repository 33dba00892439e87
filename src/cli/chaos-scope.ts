/** What an experiment may touch, as the native helper is told: the fleet's own processes, each by pid and birth. */
import { readlinkSync } from 'node:fs';
import type { Experiment } from '../chaos/schema.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import type { FleetState } from '../model/state.ts';
import { serverOf } from '../processes/mark.ts';
import { readBirth } from '../processes/process.ts';
import { readTable } from '../processes/table.ts';
import type { Scope } from '../protocol/native.ts';

interface ScopeGiven {
  readonly state: FleetState;
  readonly paths: FleetPaths;
  readonly experiment: Experiment;
  /** Names the plan hits: engine and tmux server are in it only then. */
  readonly hit: ReadonlySet<string>;
  /** Longest time without a word of ours, ms. */
  readonly leaseMs: number;
  readonly proxies: Scope['proxies'];
}

export function scopeTargets({
  state,
  paths,
  hit,
}: Pick<ScopeGiven, 'state' | 'paths' | 'hit'>): Scope['targets'] {
  const agents = Object.values(state.agents)
    .filter(({ alive, pid, born }) => alive && pid > 0 && born !== '')
    .map(({ id, pid, born, pane }) => ({
      name: id,
      kind: 'agent' as const,
      process: { pid, born },
      tty: terminalOf(pid),
      pane,
    }));
  const engine = hit.has('engine') ? placed('engine', state.engine.pid) : [];
  const tmux = hit.has('tmux') ? placed('tmux', serverOf(readTable(), paths.tmuxSocket)) : [];
  return [...agents, ...engine, ...tmux];
}

export function scopeOf(given: ScopeGiven): Scope {
  const { state, paths, experiment, leaseMs } = given;
  const { blast } = experiment;
  const folders = Object.values(state.agents).map(({ cwd }) => cwd);
  return {
    folder: paths.chaosUndo,
    halt_file: paths.chaosHalt,
    targets: scopeTargets(given),
    tmux_socket: paths.tmuxSocket,
    proxies: given.proxies,
    paths: [...new Set([paths.dir, ...folders])].filter(folder => folder !== '').slice(0, 64),
    limits: {
      targets_percent: blast.percent,
      memory_floor: blast['memory-floor'],
      memory_floor_percent: 10,
      disk_floor: blast['disk-floor'],
      disk_floor_percent: 5,
      cores_left: blast['cores-left'],
      longest_ms: blast.longest,
      pressure_percent: blast.pressure,
    },
    lease_ms: leaseMs,
  };
}

function placed(name: 'engine' | 'tmux', pid: number): Scope['targets'] {
  const born = pid > 0 ? readBirth(pid) : '';
  return born === '' ? [] : [{ name, kind: name, process: { pid, born }, tty: '', pane: '' }];
}

/** '' where the system does not say. */
function terminalOf(pid: number): string {
  try {
    const place = readlinkSync(`/proc/${pid}/fd/0`);
    return /^\/dev\/(?:pts\/|tty)/.test(place) ? place : '';
  } catch {
    return '';
  }
}
