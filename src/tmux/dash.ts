/** The window `dash` of a fleet's tmux server: made when somebody wants it, and shown to whoever asks. */
import { spawn } from 'node:child_process';
import { HmsError } from '../model/errors.ts';
import { inTurn } from './door.ts';
import { launchCommand } from './launch.ts';
import { ownerArguments } from './orphans.ts';
import { cleanEnvironment, findTmux, ownSettings, runTmux, type TmuxPlace } from './program.ts';
import { literal } from './quote.ts';

const WINDOW = 'dash';

interface DashPlace {
  readonly socket: string;
  readonly session: string;
  readonly cwd: string;
  /** What draws the charts. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Makes sure that the window is there; returns its pane. Throws HmsError `no-tmux`, `tmux-failed`, `tmux-timeout`. */
export async function ensureDash({ socket, session, cwd, argv, env }: DashPlace): Promise<string> {
  const place = placeOf(socket, env);
  const format = '#{pane_id}|#{@hms_dash}|#{pane_dead}';
  const listed = await runTmux(place, ['-N', 'list-panes', '-s', '-t', `=${session}`, '-F', format]);
  const there = listed.split('\n').find(line => line.endsWith('|1|0'));
  if (there) return there.slice(0, there.indexOf('|'));
  const made = ['new-window', '-d', '-P', '-F', '#{pane_id}', '-t', `=${session}:{end}`, '-a', '-n', WINDOW];
  const pane = await runTmux(place, [
    '-N',
    ...made,
    '-c',
    literal(cwd),
    ...launchCommand(argv, ownSettings(env)),
  ]);
  const id = pane.trim();
  // It goes when it has been quit; agents' windows stay to be read.
  await runTmux(place, [
    '-N',
    ...['set-option', '-p', '-t', id, '@hms_dash', '1'],
    ';',
    ...['set-option', '-w', '-t', id, 'remain-on-exit', 'off'],
  ]).catch(() => {});
  return id;
}

let shown = 0;

/**
 * Shows a pane on this process's own terminal, in a session of its own that goes with it; resolves when the person has
 * left (Ctrl-\), the pane is gone, or `over` ends it. Throws HmsError `tmux-failed`.
 */
export function showPane(
  socket: string,
  session: string,
  pane: string,
  env: NodeJS.ProcessEnv,
  over?: AbortSignal,
): Promise<void> {
  const place = placeOf(socket, env);
  shown += 1;
  // A new name each time: the session before may be on its way out still.
  const own = `${session}_dash_${process.pid}_${shown}`;
  const commands = [
    ['new-session', '-s', own, ...launchCommand(['cat'])],
    ['set-option', 'destroy-unattached', 'on'],
    ['link-window', '-k', '-s', pane, '-t', `=${own}:0`],
    ['set-option', 'detach-on-destroy', 'on'],
    ['set-option', 'status', 'off'],
  ];
  const words = commands.flatMap((command, i) => (i > 0 ? [';', ...command] : command));
  return inTurn(
    socket,
    () =>
      new Promise<() => Promise<void>>((resolve, reject) => {
        const args = ['-u', '-N', ...ownerArguments(), '-S', socket, '-f', '/dev/null', ...words];
        const child = spawn(place.program, args, {
          env: place.env,
          cwd: '/',
          // tmux draws by the terminal it reads from; what it says on leaving ("[detached …]") would stay in the way.
          stdio: ['inherit', 'ignore', 'inherit'],
          ...(over ? { signal: over } : {}),
        });
        const ended = new Promise<void>((done, failed) => {
          child.on('exit', code => {
            if (code === 0) done();
            else failed(new HmsError('tmux-failed', 'tmux could not show the dash window.', 'hms status'));
          });
        });
        ended.catch(() => {});
        child.on('error', error => reject(new HmsError('tmux-failed', `tmux: ${error.message}`)));
        child.on('spawn', () => resolve(() => ended));
      }),
  ).then(ended => ended());
}

function placeOf(socket: string, env: NodeJS.ProcessEnv): TmuxPlace {
  return { program: findTmux(env), socket, env: cleanEnvironment(env) };
}
