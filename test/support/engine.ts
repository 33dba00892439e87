/** An engine in the test's own process, on a real tmux and a real journal, with clients for people and agents. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { openTokens } from '../../src/engine/tokens.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { type FleetPaths, fleetPaths } from '../../src/fleet/paths.ts';
import { prepareFolders } from '../../src/fleet/registry.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { Event, EventOf, Kind } from '../../src/model/event.ts';
import { OperatorId } from '../../src/model/ids.ts';
import type { Mode } from '../../src/model/mode.ts';
import type { FleetState } from '../../src/model/state.ts';
import {
  type AgentTable,
  type Client,
  connectAgent,
  connectOperator,
  type OperatorTable,
} from '../../src/protocol/client.ts';
import { AGENT_PROTOCOL, PROTOCOL } from '../../src/protocol/limits.ts';
import type { Welcome } from '../../src/protocol/messages.ts';
import { endNaming } from './leftovers.ts';
import { HMS } from './program.ts';
import { endTmux, withTmux } from './tmux.ts';
import { waitFor } from './wait.ts';

export interface Person {
  readonly client: Client<OperatorTable>;
  readonly welcome: Welcome;
}

export interface Bench {
  /** The engine that has the fleet now. */
  engine: Engine;
  readonly paths: FleetPaths;
  readonly dir: string;
  readonly log: readonly string[];
  state(): FleetState;
  /** Everything in the journal so far, durable or not yet. */
  events(): readonly Event[];
  /** Waits for an event of this kind that satisfies `which`. */
  event<K extends Kind>(kind: K, which?: (event: EventOf<K>) => boolean): Promise<EventOf<K>>;
  until(what: string, condition: (state: FleetState) => boolean): Promise<FleetState>;
  person(as?: string, mode?: Mode, follow?: boolean): Promise<Person>;
  agent(id: string): Promise<Client<AgentTable>>;
  /**
   * Starts another engine on the fleet file as it is now: as a person who starts the fleet, or, not `consented`, as the
   * keeper after a crash.
   */
  again(consented?: boolean): Promise<Engine>;
}

export const OWNER = 'owner';

/** Runs `body` with an engine on this fleet file; afterwards nothing of it is left. */
export async function withEngine<T>(
  yaml: string,
  body: (bench: Bench) => Promise<T>,
  files: Readonly<Record<string, string>> = {},
  prepare: (dir: string) => void = () => {},
): Promise<T> {
  return withTmux(async ({ dir: scratch }) => {
    const dir = join(scratch, 'fleet');
    await mkdir(dir);
    await writeFile(join(dir, 'hms.yaml'), yaml);
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
    prepare(dir);
    const env = { ...process.env, HMS_HOME: scratch };
    const fleet = await loadFleet(join(dir, 'hms.yaml'), env);
    const paths = fleetPaths(fleet.config.fleet, fleet.dir, env);
    await prepareFolders(paths);
    const log: string[] = [];
    const events: Event[] = [];
    const clients: { close(): void }[] = [];
    const start = async (consented: boolean): Promise<Engine> => {
      const engine = await createEngine({
        fleet: await loadFleet(join(dir, 'hms.yaml'), env).catch((error: unknown) => {
          if (!consented && error instanceof HmsError) return error;
          throw error;
        }),
        file: join(dir, 'hms.yaml'),
        consented,
        paths,
        env,
        version: '0.0.0-test',
        hms: HMS,
        keeper: ['cat'],
        owner: OWNER,
        log: line => log.push(line),
        lockWithinMs: 5000,
      });
      engine.core.add({ name: 'test', onEvent: event => events.push(event), stop: () => {} });
      return engine;
    };
    const bench: Bench = {
      engine: await start(true),
      paths,
      dir,
      log,
      state: () => bench.engine.core.state,
      events: () => events,
      event: (kind, which = () => true) =>
        waitFor(
          () =>
            events.find(
              (e): e is EventOf<typeof kind> => e.kind === kind && which(e as EventOf<typeof kind>),
            ),
          {
            what: `an event ${kind}`,
          },
        ),
      until: (what, condition) =>
        waitFor(() => condition(bench.engine.core.durableState) && bench.engine.core.durableState, { what }),
      person: async (as, mode, follow = true) => {
        const client = await connectOperator(paths.operatorSocket);
        clients.push(client);
        const welcome = await client.request('hello', {
          protocol: PROTOCOL,
          client: 'console',
          follow,
          tail: 100,
          ...(as ? { as: OperatorId.parse(as) } : {}),
          ...(mode ? { mode } : {}),
        });
        return { client, welcome };
      },
      agent: async id => {
        const client = await connectAgent(paths.agentSocket);
        clients.push(client);
        const incarnation = bench.state().agents[id]?.incarnation ?? 0;
        const token = openTokens(join(paths.state, 'agent.secret')).make(id, incarnation);
        await client.request('hello', { protocol: AGENT_PROTOCOL, token });
        return client;
      },
      again: async (consented = true) => {
        bench.engine = await start(consented);
        return bench.engine;
      },
    };
    try {
      return await body(bench);
    } finally {
      for (const client of clients) client.close();
      await bench.engine.stop('the test is over').catch(() => {});
      await endTmux(paths.tmuxSocket);
      await endNaming(scratch);
    }
  });
}
