/** What the chaos cell is given of the world: whose processes and folders are the fleet's, and the kill switch's file. */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import type { World } from '../cells/cell.ts';
import { Chaos } from '../cells/chaos.ts';
import { haltSwitch } from '../chaos/halt.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import type { Action } from '../model/action.ts';
import type { RequestId } from '../model/ids.ts';
import { findNative } from '../processes/native-program.ts';
import { recoverFaults } from '../processes/native-recover.ts';
import { processAlive, readBirth } from '../processes/process.ts';
import type { OperatorWith } from '../protocol/messages.ts';
import type { TmuxServer } from '../tmux/types.ts';
import type { Core } from './core.ts';

export function chaosOn(
  core: Core,
  world: World,
  tmux: TmuxServer,
  paths: FleetPaths,
  ways: { propose(action: Action): RequestId; kill(cell: string): void },
): Chaos {
  return new Chaos(world, {
    ...ways,
    outside: (scope, folders) => outside(core, tmux, paths, scope, folders),
    hold: cell => core.hold(cell),
    alive: processAlive,
    takeBack: () => {
      const program = findNative();
      if (program !== undefined) void recoverFaults(program, paths.chaosUndo, []);
    },
    halt: haltSwitch(paths.chaosHalt),
    cwd: paths.dir,
  });
}

type Proposal = OperatorWith<'chaos.propose'>;

function outside(
  core: Core,
  tmux: TmuxServer,
  { dir, state }: FleetPaths,
  scope: Proposal['scope'],
  folders: readonly string[],
): readonly string[] {
  const agents = Object.values(core.state.agents);
  const isOurs = ({ pid, born }: Proposal['scope'][number]): boolean =>
    agents.some(agent => agent.alive && agent.pid === pid && agent.born === born) ||
    ((pid === process.pid || pid === tmux.serverPid) && readBirth(pid) === born);
  const ours = [dir, state, ...agents.map(({ cwd }) => cwd)].filter(folder => folder !== '').map(real);
  const isIn = (folder: string): boolean =>
    ours.some(one => {
      const way = relative(one, real(folder));
      return way === '' || !(way.startsWith('..') || isAbsolute(way));
    });
  return [
    ...scope.filter(process => !isOurs(process)).map(({ name, pid }) => `${name} (pid ${pid})`),
    ...folders.filter(folder => !isIn(folder)),
  ];
}

/** A link must not lead out. */
function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
