/** `hms down`: ends a fleet and waits until it is gone. */
import { Command } from 'commander';
import { answers, withLink } from './operator-link.ts';
import { say } from './output.ts';

/** Agents get a moment to end by themselves, ms. */
const DOWN_WITHIN_MS = 20_000;
/** How long the engine may take to let go of its socket after its last word, ms. */
const GONE_WITHIN_MS = 10_000;

interface DownOptions {
  readonly fleet?: string | undefined;
  readonly as?: string | undefined;
  readonly client?: 'cli' | 'demo';
}

/** The name of the fleet that has gone down. Throws HmsError `not-running` and what the engine refuses with. */
export async function down(options: DownOptions): Promise<string> {
  const { name, socket } = await withLink(options, async ({ client, welcome, paths }) => {
    const closed = new Promise<void>(resolve => client.onClose(() => resolve()));
    await client.request('fleet.down', {}, { deadlineMs: DOWN_WITHIN_MS });
    await closed;
    return { name: welcome.state.fleet, socket: paths.operatorSocket };
  });
  const end = Date.now() + GONE_WITHIN_MS;
  while ((await answers(socket)) && Date.now() < end) await new Promise(resolve => setTimeout(resolve, 20));
  return name;
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
