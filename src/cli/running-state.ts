/** The state of a fleet, where one runs: for commands that do without one as well. */
import { HmsError } from '../model/errors.ts';
import type { FleetState } from '../model/state.ts';
import { type LinkOptions, withLink } from './operator-link.ts';

/** Undefined where none runs here. Throws as withLink does for a fleet that was named. */
export async function runningState(options: LinkOptions): Promise<FleetState | undefined> {
  try {
    return await withLink(options, async ({ welcome }) => welcome.state);
  } catch (error) {
    const quiet = error instanceof HmsError && ['not-running', 'no-fleet'].includes(error.code);
    if (quiet && options.fleet === undefined) return undefined;
    throw error;
  }
}
