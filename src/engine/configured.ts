/** The fleet file and its policies as the journal records them. */
import { subject } from '../cells/cell.ts';
import type { LoadedFleet } from '../fleet/types.ts';
import type { FleetChange } from '../model/change.ts';
import type { Data, Draft } from '../model/event.ts';
import { type Digest, OperatorId } from '../model/ids.ts';
import type { Configuration } from './configuration.ts';

/** Says that this configuration is in force; with the change a person agreed to, where it took another's place. */
export function configuredDrafts(
  { fleet, policy, revision }: Configuration,
  owner: string,
  actor: Draft['actor'],
  change?: FleetChange,
): readonly Draft[] {
  const agents = configuredAgents(fleet);
  const operators = configuredOperators(fleet, owner);
  const digest = fleet.digest;
  return [
    {
      kind: 'fleet.configured',
      actor,
      subject: subject.fleet,
      data: { digest, agents, operators, revision, ...(change ? { change } : {}) },
    },
    {
      kind: 'policy.loaded',
      actor,
      subject: subject.fleet,
      data: { digest: policy.digest as Digest, files: [...policy.files], rules: [...policy.rules] },
    },
  ];
}

function configuredAgents(fleet: LoadedFleet): Data<'fleet.configured'>['agents'] {
  return Object.fromEntries(
    fleet.agents.map(({ id, config }) => [
      id,
      {
        driver: config.driver,
        title: config.title ?? '',
        gate: config.gate,
        needs: config.needs,
        capabilities: config.capabilities,
        ...(config.healing && { healing: config.healing.level }),
      },
    ]),
  );
}

/** The declared operators, and the account itself: a lead unless declared otherwise. */
function configuredOperators(fleet: LoadedFleet, owner: string): Data<'fleet.configured'>['operators'] {
  const roles: Data<'fleet.configured'>['operators'] = { [OperatorId.parse(owner)]: 'lead' };
  for (const [name, { role }] of Object.entries(fleet.config.operators)) roles[OperatorId.parse(name)] = role;
  return roles;
}
