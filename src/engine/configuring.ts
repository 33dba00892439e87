/** What the configurator is given of the world: the files, and how a change that was agreed to is put in force. */
import type { Breakers } from '../cells/breakers/breakers.ts';
import { Configurator } from '../cells/configurator.ts';
import type { Gatekeeper } from '../cells/gatekeeper/gatekeeper.ts';
import type { Healer } from '../cells/healer/healer.ts';
import type { Operators } from '../cells/operators.ts';
import type { Supervisor } from '../cells/supervisor/supervisor.ts';
import { keepConfiguration } from '../fleet/kept.ts';
import type { FleetChange } from '../model/change.ts';
import { HmsError } from '../model/errors.ts';
import { freezeWords } from '../model/freeze.ts';
import type { FleetState } from '../model/state.ts';
import type { Cells } from './cells/cells.ts';
import { type Configuration, isOpen, readConfiguration, supervised } from './configuration.ts';
import { configuredDrafts } from './configured.ts';
import type { Core } from './core.ts';
import type { Endpoints } from './endpoints.ts';
import type { EngineOptions } from './options.ts';
import { signatureOf } from './signature.ts';

interface Given {
  readonly options: EngineOptions;
  readonly core: Core;
  readonly cells: Cells;
  readonly inForce: { configuration: Configuration };
  readonly endpoints: Endpoints;
  readonly operators: Operators;
  readonly gatekeeper: Gatekeeper;
  readonly supervisor: Supervisor;
  readonly breakers: Breakers;
  readonly healer: Healer;
  isEnding(): boolean;
}

/** Carrying out a changed file stops and starts agents, ms. */
const APPLY_MS = 120_000;

export function configuratorOn(given: Given): Configurator<Configuration> {
  const { options, core, cells, inForce, endpoints } = given;
  const { operators, gatekeeper, supervisor, breakers, healer } = given;
  const { paths } = options;
  return cells.raise({
    name: 'configurator',
    callMs: APPLY_MS,
    build: (world, ways) =>
      new Configurator<Configuration>(
        world,
        ways({
          inForce: () => inForce.configuration,
          signature: signatureOf,
          read: () => readConfiguration(options.file, paths.fleet, options.env),
          apply: async (next, change, actor) => {
            refuseFrozen(core.state, change);
            cells.require(supervisor.name);
            // Kept before the journal names it: the next engine must find it.
            await keepConfiguration(paths, next);
            // What is just being started is started as it was: only then is it known what has to start anew.
            await supervisor.quiet();
            await endpoints.want(next.fleet.agents);
            if (given.isEnding()) throw new HmsError('going-down', 'the fleet is going down');
            core.emit(...configuredDrafts(next, options.owner, actor, change));
            inForce.configuration = next;
            // One that stands aside will be made from what is in force.
            if (!core.isIsolated(operators.name)) operators.reconfigure(isOpen(next));
            gatekeeper.reconfigure();
            supervisor.reconfigure(supervised(next));
            if (!core.isIsolated(breakers.name)) breakers.reconfigure();
            if (!core.isIsolated(healer.name)) healer.reconfigure(supervised(next));
            await core.durable;
            await supervisor.carryOut(actor);
          },
        }),
      ),
    settled: before => before.quiet(),
    resume: cell => cell.watch(),
  });
}

/** A change would end these agents, and start them free of the brake. Throws HmsError `frozen`. */
function refuseFrozen({ agents }: FleetState, change: FleetChange): void {
  const ends = change.agents.filter(({ what, restart }) => restart || what === 'removed');
  const held = ends.map(({ agent }) => agents[agent]).find(agent => agent?.freeze);
  if (held?.freeze)
    throw new HmsError(
      'frozen',
      `${held.id} is ${freezeWords(held.freeze)}, and this change would end it`,
      'thaw it first (hms thaw), or stop it',
    );
}
