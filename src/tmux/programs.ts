/** The agents' programs in a fleet's tmux server, for who has no engine to ask. */
import type { Root } from '../processes/tree.ts';
import { Held } from './held.ts';
import { PANE_FORMAT, parsePanes } from './pane-list.ts';
import { cleanEnvironment, findTmux, runTmux } from './program.ts';

/** tmux that hangs is passed over: a brake must not wait for it. ms */
const ASK_MS = 1000;

/** undefined when there is no such server, or it does not answer in time. */
export async function programsIn(
  socket: string,
): Promise<{ readonly server: number; readonly roots: readonly Root[] } | undefined> {
  try {
    const place = { program: findTmux(process.env), socket, env: cleanEnvironment(process.env) };
    const format = ['list-panes', '-a', '-F', `#{pid}|${PANE_FORMAT}`];
    const lines = (await runTmux(place, ['-N', ...format], ASK_MS)).split('\n').filter(Boolean);
    const held = new Held();
    const panes = parsePanes(
      lines.map(line => line.slice(line.indexOf('|') + 1)),
      (...pane) => held.programOf(...pane),
    );
    const agents = panes.filter(({ agent, dead }) => agent !== '' && !dead);
    return {
      server: Number(lines[0]?.split('|', 1)[0]) || 0,
      roots: agents.map(({ agent, pid }) => ({ agent, pid, born: '' })),
    };
  } catch {
    return undefined;
  }
}
