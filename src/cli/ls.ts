/** `hms ls`: the fleets of this account. */
import { Command } from 'commander';
import { type FleetCard, listFleets } from '../fleet/registry.ts';
import { HmsError } from '../model/errors.ts';
import { refuseAgents, withLink } from './operator-link.ts';
import { print, printJson, say, table } from './output.ts';

interface Listed {
  readonly fleet: string;
  readonly dir: string;
  readonly running: boolean;
  readonly agents: number;
  readonly asking: number;
}

export function lsCommand(): Command {
  return new Command('ls')
    .description('list the fleets of this account')
    .option('--json', 'print as JSON')
    .action(async (options: { json?: boolean }) => {
      // Inside an agent every fleet would look as if it were down.
      refuseAgents();
      const fleets = await Promise.all((await listFleets()).map(look));
      if (options.json) return printJson(fleets);
      if (fleets.length === 0) {
        return say('No fleets yet. hms-tui demo shows one; hms-tui up starts the one in ./hms.yaml.');
      }
      print(table(fleets.map(row)));
    });
}

async function look({ fleet, dir }: FleetCard): Promise<Listed> {
  try {
    return await withLink({ fleet: dir }, async ({ welcome: { state } }) => ({
      fleet,
      dir,
      running: true,
      agents: state.order.length,
      asking: Object.keys(state.pending).length,
    }));
  } catch (error) {
    if (!(error instanceof HmsError)) throw error;
    // Not running, or of a version that cannot be talked to: listed all the same.
    return { fleet, dir, running: false, agents: 0, asking: 0 };
  }
}

function row({ fleet, dir, running, agents, asking }: Listed): readonly string[] {
  return [fleet, running ? '● running' : '○ down', running ? `${agents} agents, ${asking} asking` : '', dir];
}
