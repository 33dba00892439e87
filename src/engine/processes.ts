/** The agents' processes as the engine knows them, and the brake on them. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Freezer } from '../cells/freezer/freezer.ts';
import type { Resources } from '../cells/resources/resources.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { wordsOf } from '../model/errors.ts';
import type { Reading } from '../model/resources.ts';
import { FleetTrees } from '../processes/fleet-trees.ts';
import { ourselves } from '../processes/mark.ts';
import { notePath, takeNotes } from '../processes/note.ts';
import { readProcess } from '../processes/table.ts';
import type { SocketServer } from '../protocol/server.ts';
import type { TmuxServer } from '../tmux/types.ts';
import type { Core } from './core.ts';
import type { OperatorPeer } from './operator-requests.ts';

export function treesOfFleet(core: Core, tmux: TmuxServer, { agentSocket }: FleetPaths): FleetTrees {
  return new FleetTrees({
    roots: () =>
      Object.values(core.state.agents)
        .filter(({ alive }) => alive)
        .map(({ id, pid, born }) => ({ agent: id, pid, born })),
    socket: agentSocket,
    server: tmux.serverPid,
    never: ourselves(pid => readProcess(pid)?.parent),
  });
}

export function brakeOn(core: Core, trees: FleetTrees, { run }: FleetPaths): Freezer {
  return new Freezer(core, {
    trees,
    world: {
      kill: (pid, signal) => void process.kill(pid, signal),
      pause: async ms => void (await (ms === 0 ? setImmediate() : setTimeout(ms))),
      now: () => performance.now(),
    },
    takeNotes: () => {
      try {
        return takeNotes(notePath(run));
      } catch (error) {
        core.log(`what was frozen without the engine cannot be read: ${wordsOf(error)}`);
        return [];
      }
    },
  });
}

/** Tells everybody who follows what agents use; the last minutes too, the first time. */
export function tellReading(
  server: SocketServer<OperatorPeer>,
  resources: Resources,
  reading: Reading,
): void {
  for (const peer of server.peers()) {
    if (peer.data.cursor === undefined) continue;
    const history = peer.data.hasHistory ? {} : { history: resources.history };
    peer.data.hasHistory = true;
    peer.send({ push: 'resources', reading, ...history });
  }
}
