/** Agents' screens for a console: a control-mode client of its own. */
import type { OpenScreens } from '../console/screens.ts';
import { openScreens as openSource } from '../screens/source.ts';
import { ControlClient } from '../tmux/control-client.ts';
import { cleanEnvironment, findTmux } from '../tmux/program.ts';

/** A console that stops reading is paused after 1 s; the engine's client, which takes no output, keeps panes going. */
const FLAGS = ['pause-after=1', 'ignore-size'];

export const openScreens: OpenScreens = async ({ socket, session }) => {
  const place = { program: findTmux(process.env), socket, env: cleanEnvironment(process.env), session };
  const source = await openSource(() => ControlClient.attach({ ...place, flags: FLAGS }));
  return {
    rows: (pane, width, height) => source.rows(pane, width, height),
    onChange: listener => source.onChange(listener),
    close: () => void source.close(),
  };
};
