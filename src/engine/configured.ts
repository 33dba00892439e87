/** The fleet file as the journal records it. */
import type { LoadedFleet } from '../fleet/types.ts';
import type { Data } from '../model/event.ts';
import { OperatorId } from '../model/ids.ts';

export function configuredAgents(fleet: LoadedFleet): Data<'fleet.configured'>['agents'] {
  return Object.fromEntries(
    fleet.agents.map(({ id, config }) => [
      id,
      {
        driver: config.driver,
        title: config.title ?? '',
        gate: config.gate,
        needs: config.needs,
        capabilities: config.capabilities,
      },
    ]),
  );
}

/** The declared operators, and the account itself: a lead unless declared otherwise. */
export function configuredOperators(
  fleet: LoadedFleet,
  owner: string,
): Data<'fleet.configured'>['operators'] {
  const roles: Data<'fleet.configured'>['operators'] = { [OperatorId.parse(owner)]: 'lead' };
  for (const [name, { role }] of Object.entries(fleet.config.operators)) roles[OperatorId.parse(name)] = role;
  return roles;
}
