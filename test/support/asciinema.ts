/** asciinema, where it is installed: the player that recordings are for. Debian has 2.x; CI builds 3.x where cargo is. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './program.ts';
import { withTmux } from './tmux.ts';
import { waitFor } from './wait.ts';

const PLACES = ['asciinema', join(ROOT, '.cache', 'asciinema', 'bin', 'asciinema')];

/** The program of this major version; undefined where there is none. */
export function asciinema(major: number): string | undefined {
  return PLACES.find(program => {
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    return stdout?.startsWith(`asciinema ${major}.`);
  });
}

/** Plays a cast in a terminal until it shows all of these. */
export function plays(player: string, file: string, ...shown: readonly string[]): Promise<void> {
  return withTmux(async ({ tmux }) => {
    const play = `'${player}' play -s 20 '${file}'; exec cat`;
    await tmux('new-session', '-d', '-x', '200', '-y', '50', 'sh', '-c', play);
    await waitFor(
      async () => {
        const screen = await tmux('capture-pane', '-p');
        return shown.every(text => screen.includes(text));
      },
      { what: `${file} to be played`, deadlineMs: 20_000 },
    );
  });
}
