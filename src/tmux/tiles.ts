/**
 * Agents side by side for whoever likes plain tmux: a tmux of the person's own, with a tile for each agent that looks
 * into the fleet's tmux without touching it. No pane of an agent is moved, sized or typed into: each stays alone in its
 * window, and a tile follows its agent into the next life. What is closed here ends nothing there.
 */
import { spawn } from 'node:child_process';
import { HmsError } from '../model/errors.ts';
import { launchCommand } from './launch.ts';
import { cleanEnvironment, findTmux, runTmux, type TmuxPlace } from './program.ts';
import { literal } from './quote.ts';

export interface Tiles {
  /** The fleet's own server. */
  readonly fleet: { readonly socket: string; readonly session: string };
  /** Where the person's server listens; its folder is there and private. */
  readonly socket: string;
  readonly agents: readonly string[];
  /** A window for each, or one of tmux's layouts. */
  readonly tiling: string;
  /** tmux's options for styles. */
  readonly styles: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  readonly env?: NodeJS.ProcessEnv;
}

const SESSION = 'agents';

/**
 * One tile: a read-only client in a session of its own that holds the agent's window and nothing else. When the window
 * goes, so does the session, and the next life is looked for. Arguments: tmux, socket, session, agent.
 */
const TILE = `
t=$1 s=$2 fleet=$3 agent=$4 n=0
while "$t" -N -S "$s" has-session -t "=$fleet" 2>/dev/null; do
  pane=$("$t" -N -S "$s" list-panes -s -t "=$fleet:" -F '#{@hms_agent} #{pane_id}' 2>/dev/null |
    while read -r name id; do [ "$name" = "$agent" ] && echo "$id"; done | tail -n 1)
  if [ -n "$pane" ]; then
    n=$((n + 1))
    own="\${fleet}_tile_$$_$n"
    "$t" -u -N -S "$s" -f /dev/null new-session -s "$own" -f read-only,ignore-size,active-pane cat \\; \\
      set-option destroy-unattached on \\; link-window -k -s "$pane" -t "=$own:0" \\; select-pane -t "$pane" \\; \\
      set-option detach-on-destroy on \\; set-option status off \\; set-option mouse off 2>/dev/null
  else
    printf '\\033[2J\\033[H %s is not running\\r\\n' "$agent"
  fi
  sleep 1
done
`;

/** Shows them on this terminal; resolves when the person has left. Throws HmsError as runTmux does, `no-tmux`. */
export async function showTiles(tiles: Tiles): Promise<void> {
  const place = await openTiles(tiles);
  try {
    await attach(place);
  } finally {
    await runTmux(place, ['kill-server']).catch(() => {});
  }
}

/** Starts the person's server with a tile for each agent. What does not fit one window goes to the next. */
export async function openTiles(tiles: Tiles): Promise<TmuxPlace> {
  const env = tiles.env ?? process.env;
  const place: TmuxPlace = { program: findTmux(env), socket: tiles.socket, env: cleanEnvironment(env) };
  const [first, ...others] = tiles.agents;
  if (first === undefined) throw new HmsError('no-agents', 'this fleet has no agents to show');
  const tile = (agent: string): readonly string[] =>
    launchCommand(['sh', '-c', TILE, 'tile', place.program, tiles.fleet.socket, tiles.fleet.session, agent]);
  const mark = (agent: string, pane: string) =>
    runTmux(place, ['set-option', '-p', '-t', pane, '@hms_tile', agent]);
  const size = ['-x', String(tiles.cols), '-y', String(tiles.rows)];
  const id = ['-P', '-F', '#{pane_id}'];
  const start = ['-f', '/dev/null', 'new-session', '-d', '-s', SESSION, ...size, '-n', first, ...id];
  let here = (await runTmux(place, [...start, ...tile(first)])).trim();
  await runTmux(place, settings(tiles));
  await mark(first, here);
  for (const agent of others) {
    const split = ['split-window', '-d', '-t', here, ...id, ...tile(agent)];
    const beside = tiles.tiling === 'windows' ? '' : await runTmux(place, split).catch(() => '');
    const window = ['new-window', '-d', '-a', '-t', `=${SESSION}:{end}`, '-n', agent, ...id, ...tile(agent)];
    const pane = (beside || (await runTmux(place, window))).trim();
    if (beside === '') here = pane;
    else await runTmux(place, ['select-layout', '-t', here, tiles.tiling]);
    await mark(agent, pane);
  }
  return place;
}

function settings({ styles, fleet, tiling }: Tiles): readonly string[] {
  const options: readonly (readonly [string, string])[] = [
    ...Object.entries(styles),
    ['status', 'on'],
    ['status-left', ` ${literal(fleet.session)} `],
    ['status-left-length', '40'],
    ['status-right', ' looking only · C-b arrows: move · C-b z: zoom · C-b d: leave '],
    ['status-right-length', '80'],
    ['pane-border-status', tiling === 'windows' ? 'off' : 'top'],
    ['pane-border-format', ' #{@hms_tile} '],
    ['mouse', 'on'],
    ['set-clipboard', 'off'],
    ['escape-time', '0'],
    ['default-terminal', 'screen-256color'],
  ];
  return options.flatMap(([name, value], i) => [...(i > 0 ? [';'] : []), 'set-option', '-gq', name, value]);
}

function attach(place: TmuxPlace): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(place.program, ['-u', '-S', place.socket, 'attach-session', '-t', `=${SESSION}`], {
      env: place.env,
      stdio: 'inherit',
    });
    child.on('error', error =>
      reject(new HmsError('tmux-failed', `tmux: ${error.message}`, '', { cause: error })),
    );
    child.on('close', () => resolve());
  });
}
