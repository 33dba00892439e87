/** The window `engine`: first of the session, keeps it alive, and runs what the caller wants to be kept there. */
import { createHash } from 'node:crypto';
import { HmsError } from '../model/errors.ts';
import { inTurn } from './door.ts';
import { launchCommand } from './launch.ts';
import { KEEPER_WINDOW } from './options.ts';
import { runTmux, type TmuxPlace } from './program.ts';
import { literal } from './quote.ts';

interface Keeper {
  /** Program and arguments; undefined: nothing is wanted there, anything will do. */
  readonly argv: readonly string[] | undefined;
  readonly cwd: string;
  /** Stands on a command line for a moment: no secrets. */
  readonly env: Readonly<Record<string, string>>;
}

/** Does nothing and never ends while its terminal is there. */
const IDLE = ['cat'];

/**
 * Sees to it that the session is there and its keeper runs. A keeper that has ended, or that runs something else
 * than is wanted now, gives way to a new one, in this order: the session is never without a window.
 */
export async function ensureKeeper(place: TmuxPlace, session: string, keeper: Keeper): Promise<void> {
  if (!(await hasSession(place, session))) {
    try {
      await runTmux(place, [
        '-N',
        'new-session',
        '-d',
        '-s',
        session,
        ...keeperWindow(keeper),
        ';',
        ...marked(keeper, `=${session}:`),
      ]);
      return;
    } catch (error) {
      // Somebody else was faster: then it is there.
      if (!(await hasSession(place, session))) throw error;
    }
  }
  const listed = await runTmux(place, ['-N', 'list-panes', '-s', '-t', `=${session}`, '-F', FORMAT]);
  const mine = listed
    .split('\n')
    .map(readPane)
    .filter(pane => pane.keeper !== '');
  const mark = markOf(keeper.argv);
  const stands = mine.find(pane => !pane.dead && (!keeper.argv || pane.keeper === mark));
  const others = mine.filter(pane => pane !== stands);
  if (stands && others.length === 0) return;
  await inTurn(place.socket, async () => {
    if (!stands) {
      const made = ['new-window', '-d', '-b', '-P', '-F', '#{pane_id}', '-t', `=${session}:{start}`];
      const pane = (await runTmux(place, ['-N', ...made, ...keeperWindow(keeper)])).trim();
      await runTmux(place, ['-N', ...marked(keeper, pane)]);
    }
    for (const { pane } of others) {
      // Gone already is as good.
      await runTmux(place, ['-N', 'kill-pane', '-t', pane]).catch(() => {});
    }
  });
}

async function hasSession(place: TmuxPlace, session: string): Promise<boolean> {
  try {
    await runTmux(place, ['-N', 'has-session', '-t', `=${session}`]);
    return true;
  } catch (error) {
    if (error instanceof HmsError && error.code === 'tmux-failed') return false;
    throw error;
  }
}

function keeperWindow({ argv, cwd, env }: Keeper): readonly string[] {
  // Not by -e: new-session would give it to every window of the session, agents' too.
  return ['-n', KEEPER_WINDOW, '-c', literal(cwd), ...launchCommand(argv ?? IDLE, env).map(separated)];
}

/** On a command line tmux takes a word that ends in `;` for the end of the command. */
function separated(word: string): string {
  return word.endsWith(';') ? `${word.slice(0, -1)}\\;` : word;
}

function marked(keeper: Keeper, target: string): readonly string[] {
  return ['set-option', '-p', '-t', target, '@hms_keeper', markOf(keeper.argv)];
}

const FORMAT = '#{pane_id}|#{pane_dead}|#{@hms_keeper}';

function readPane(line: string): { readonly pane: string; readonly dead: boolean; readonly keeper: string } {
  const [pane = '', dead = '', keeper = ''] = line.split('|');
  return { pane, dead: dead === '1', keeper };
}

/** Tells one keeper command from another without showing it. */
function markOf(argv: readonly string[] | undefined): string {
  return argv ? createHash('sha256').update(JSON.stringify(argv)).digest('hex').slice(0, 16) : 'idle';
}
