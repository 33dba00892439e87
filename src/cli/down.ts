/** `hms down`: ends a fleet and waits until it is gone. */
import { Command } from 'commander';
import { processAlive } from '../processes/process.ts';
import { withLink } from './operator-link.ts';
import { say } from './output.ts';

/** Agents get a moment to end by themselves, ms. */
const DOWN_WITHIN_MS = 20_000;
/** How long the engine may take to end tmux and itself after its last word, ms. */
const GONE_WITHIN_MS = 10_000;

interface DownOptions {
  readonly fleet?: string | undefined;
  readonly as?: string | undefined;
  readonly client?: 'cli' | 'demo';
}

/** The name of the fleet that has gone down. Throws HmsError `not-running` and what the engine refuses with. */
export async function down(options: DownOptions): Promise<string> {
  const { fleet, engine } = await withLink(options, async ({ client, welcome }) => {
    const closed = new Promise<void>(resolve => client.onClose(() => resolve()));
    await client.request('fleet.down', {}, { deadlineMs: DOWN_WITHIN_MS });
    await closed;
    return { fleet: welcome.state.fleet, engine: welcome.engine };
  });
  const end = Date.now() + GONE_WITHIN_MS;
  while (processAlive(engine.pid, '') && Date.now() < end)
    await new Promise(resolve => setTimeout(resolve, 20));
  return fleet;
}

export function downCommand(): Command {
  return new Command('down')
    .description('end the fleet: its agents, its tmux server, its engine (the journal stays)')
    .argument('[fleet]', 'name or folder')
    .option('--as <name>', 'operator')
    .action(async (fleet: string | undefined, options: { as?: string }) => {
      say(`${await down({ fleet, as: options.as })} is down.`);
    });
}
