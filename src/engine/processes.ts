/** The agents' processes as the engine knows them, and the brake on them. */
import { availableParallelism } from 'node:os';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { World } from '../cells/cell.ts';
import { Freezer } from '../cells/freezer/freezer.ts';
import { Resources } from '../cells/resources/resources.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { wordsOf } from '../model/errors.ts';
import type { Draft } from '../model/event.ts';
import type { AlertConfig } from '../model/fleet.ts';
import type { Reading } from '../model/resources.ts';
import { FleetTrees } from '../processes/fleet-trees.ts';
import { ourselves } from '../processes/mark.ts';
import { forgetNotes, notePath, takeNotes } from '../processes/note.ts';
import { readProcess } from '../processes/table.ts';
import type { Root } from '../processes/tree.ts';
import type { Peer } from '../protocol/server.ts';
import type { TmuxServer } from '../tmux/types.ts';
import type { Cells } from './cells/cells.ts';
import type { Core } from './core.ts';
import type { Helper } from './native.ts';
import type { OperatorPeer } from './operator-requests.ts';

/** How often agents' processes are looked at, ms. */
const LOOK_MS = 1000;

export function treesOfFleet(core: Core, tmux: TmuxServer, { agentSocket }: FleetPaths): FleetTrees {
  return new FleetTrees({
    roots: () => rootsOf(core),
    socket: agentSocket,
    server: tmux.serverPid,
    never: ourselves(pid => readProcess(pid)?.parent),
  });
}

function rootsOf(core: Core): readonly Root[] {
  const alive = Object.values(core.state.agents).filter(agent => agent.alive);
  return alive.map(({ id, pid, born }) => ({ agent: id, pid, born }));
}

/** @param unwritten what could not be written down yet: kept where another freezer finds it */
export function brakeOn(
  core: Core,
  world: World,
  trees: FleetTrees,
  { run }: FleetPaths,
  unwritten: Draft[],
): Freezer {
  return new Freezer(world, {
    trees,
    unwritten,
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
    forgetNotes: () => forgetNotes(notePath(run)),
  });
}

interface Looking {
  printed(agent: string): number | undefined;
  alerts(): AlertConfig;
  onReading(reading: Reading): void;
  peers(): readonly Peer<OperatorPeer>[];
  readonly helper: Pick<Helper, 'sample'>;
}

/** Looks once a second: is what is frozen still so, and what do agents use. Returns how to end that. */
export function lookAtProcesses(
  core: Core,
  cells: Cells,
  trees: FleetTrees,
  lookers: readonly { readonly name: string; look(): void }[],
  { printed, alerts, onReading, peers, helper }: Looking,
): () => void {
  const resources = cells.raise({
    name: 'resources',
    build: world =>
      new Resources(world, {
        look: () => trees.look(),
        cores: availableParallelism(),
        monotonic: () => performance.now(),
        printed,
        alerts,
        deeper: () => helper.sample(rootsOf(core)),
        onReading: reading => {
          tellReading(peers(), resources, reading);
          onReading(reading);
        },
      }),
  });
  cells.hear(resources);
  const timer = setInterval(() => {
    for (const cell of [...lookers, resources]) {
      try {
        if (!core.isHeld(cell.name)) cell.look();
      } catch (error) {
        // No ps, no free file: agents are not to lose their engine over it.
        core.log(`${cell.name} cannot look at processes: ${wordsOf(error)}`);
      }
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** Tells everybody who follows and looks what agents use; the last minutes too, the first time. */
function tellReading(peers: readonly Peer<OperatorPeer>[], resources: Resources, reading: Reading): void {
  for (const peer of peers) {
    if (peer.data.cursor === undefined || !peer.data.session?.follows) continue;
    const history = peer.data.hasHistory ? {} : { history: resources.history };
    peer.data.hasHistory = true;
    peer.send({ push: 'resources', reading, ...history });
  }
}
