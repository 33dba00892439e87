/** The connection on which a console watches panes: with output, and so that it can never slow an agent down. */
import { ControlClient } from './control-client.ts';
import { Link } from './link.ts';
import { sweepOrphans } from './orphans.ts';
import { cleanEnvironment, findTmux, type TmuxPlace } from './program.ts';

interface PaneStreamOptions {
  readonly socket: string;
  readonly session: string;
  /** Environment to take PATH from. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * A control connection to a running server, with `pause-after`, so that tmux drops what we are too slow to read
 * instead of keeping it, and an anchor beside it: a client without output, because tmux stops reading a pane when
 * every client there is lags behind.
 *
 * @throws HmsError `no-tmux`, `tmux-attach`
 */
export async function openPaneStream(options: PaneStreamOptions): Promise<ControlClient> {
  const env = options.env ?? process.env;
  const place: TmuxPlace = { program: findTmux(env), socket: options.socket, env: cleanEnvironment(env) };
  const { session } = options;
  await sweepOrphans(place).catch(() => {});
  let over = false;
  // The anchor comes first and leaves last.
  const anchor = await Link.open({ ...place, session, flags: ['no-output', 'ignore-size'] }, () => !over);
  try {
    const client = await ControlClient.attach({ ...place, session, flags: ['pause-after=1', 'ignore-size'] });
    client.onGone(() => {
      over = true;
      void anchor.close();
    });
    return client;
  } catch (error) {
    await anchor.close();
    throw error;
  }
}
