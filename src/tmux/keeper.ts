/** The window `engine`: first of the session, keeps it alive, and runs what the caller wants to be kept there. */
import { createHash } from 'node:crypto';
import { launchCommand } from './launch.ts';
import type { Link } from './link.ts';
import { KEEPER_WINDOW } from './options.ts';
import { literal } from './quote.ts';

export interface Keeper {
  /** Program and arguments; undefined: nothing is wanted there, anything will do. */
  readonly argv: readonly string[] | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Does nothing and never ends while its terminal is there. */
const IDLE = ['cat'];

/**
 * Puts the keeper in its place unless it runs there already. A dead one, one that runs something else and the
 * session's first, empty window give way to it, in this order: the session is never without a window.
 */
export async function ensureKeeper(link: Link, session: string, keeper: Keeper): Promise<void> {
  const panes = (await link.command(['list-panes', '-s', '-t', `=${session}`, '-F', FORMAT])).map(readPane);
  const mine = panes.filter(
    pane => pane.keeper !== '' || (pane.window === KEEPER_WINDOW && pane.agent === ''),
  );
  const mark = markOf(keeper.argv);
  const stands = mine.find(
    pane => !pane.dead && pane.keeper !== '' && (!keeper.argv || pane.keeper === mark),
  );
  if (!stands) {
    const name = `${KEEPER_WINDOW}_new`;
    const window = `=${session}:=${name}`;
    const env = Object.entries(keeper.env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    const place = ['-d', '-b', '-t', `=${session}:{start}`, '-n', name, '-c', literal(keeper.cwd)];
    await link.batch([
      ['new-window', ...place, ...env, ...launchCommand(keeper.argv ?? IDLE)],
      ['set-option', '-p', '-t', window, '@hms_keeper', mark],
      ['rename-window', '-t', window, KEEPER_WINDOW],
    ]);
  }
  for (const { pane } of mine.filter(pane => pane !== stands)) {
    // Gone already is as good.
    await link.command(['kill-pane', '-t', pane]).catch(() => {});
  }
}

const FORMAT = '#{pane_id}|#{pane_dead}|#{@hms_keeper}|#{@hms_agent}|#{window_name}';

function readPane(line: string) {
  const [pane = '', dead = '', keeper = '', agent = '', ...window] = line.split('|');
  return { pane, dead: dead === '1', keeper, agent, window: window.join('|') };
}

/** Tells one keeper command from another without showing it. */
function markOf(argv: readonly string[] | undefined): string {
  return argv ? createHash('sha256').update(JSON.stringify(argv)).digest('hex').slice(0, 16) : 'idle';
}
