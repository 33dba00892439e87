/** A private tmux server opened by our own room, and shorthands for what its tests ask. */
import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import { AgentId, type PaneId } from '../../src/model/ids.ts';
import { openTmuxServer } from '../../src/tmux/server.ts';
import type { PaneInfo, StartPane, TmuxServer } from '../../src/tmux/types.ts';
import { type TmuxScratch, withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

export const BUILDER = AgentId.parse('builder');

export function start(overrides: Partial<StartPane> = {}): StartPane {
  return { agent: BUILDER, incarnation: 1, argv: ['cat'], cwd: tmpdir(), env: {}, ...overrides };
}

export async function withServer(
  body: (server: TmuxServer, scratch: TmuxScratch) => Promise<void>,
): Promise<void> {
  await withTmux(async scratch => {
    const server = await openTmuxServer({
      socket: scratch.socket,
      session: scratch.session,
      cols: 80,
      rows: 24,
    });
    try {
      await body(server, scratch);
    } finally {
      await server.detach();
    }
  });
}

export function only(panes: readonly PaneInfo[], agent: string): PaneInfo {
  const found = panes.filter(pane => pane.agent === agent);
  expect(found).toHaveLength(1);
  const [pane] = found;
  if (!pane) throw new Error(`no pane of ${agent}`);
  return pane;
}

/** The pane's text once it contains `part`. */
export function shown(server: TmuxServer, pane: PaneId, part: string): Promise<string> {
  return waitFor(
    async () => {
      const text = await server.capture(pane, 200);
      return text.includes(part) && text;
    },
    { what: `"${part}" on the screen` },
  );
}
