/**
 * The fast path of death notices, without polling: one client waits in `wait-for`, the server's pane-died hook
 * wakes it. (Notifications will not do: tmux sends none for what a hook does, and subscriptions come once a second.)
 * A wake-up that comes while nobody waits is kept by tmux for the next one who does.
 *
 * The same connection is the anchor: a client without output, so that tmux never has only stalled readers and stops
 * reading the agents' terminals.
 */
import { HmsError } from '../model/errors.ts';
import type { AttachOptions } from './control-client.ts';
import { Link } from './link.ts';
import { HINT_CHANNEL } from './options.ts';

export interface HintLink {
  close(): Promise<void>;
}

/** Opens the anchor and calls `onHint` whenever the hook fires, until it is closed or the server is gone. */
export async function openHintLink(
  options: Omit<AttachOptions, 'flags'>,
  serverAlive: () => boolean,
  onHint: () => void,
): Promise<HintLink> {
  const link = await Link.open({ ...options, flags: ['no-output', 'ignore-size'] }, serverAlive);
  void (async () => {
    for (;;) {
      try {
        await link.command(['wait-for', HINT_CHANNEL], { deadlineMs: Number.POSITIVE_INFINITY });
        onHint();
      } catch (error) {
        const lost = error instanceof HmsError && error.code === 'tmux-gone';
        // Lost with the connection: it may be back. Lost for good, or refused by this tmux: looking goes on without.
        if (!lost || !(await isBack(link))) return;
      }
    }
  })();
  return { close: () => link.close() };
}

async function isBack(link: Link): Promise<boolean> {
  try {
    return (await link.client).open;
  } catch {
    return false;
  }
}
