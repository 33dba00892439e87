/** What several panes show, read in one process of its own: nothing an agent wrote passes for an answer. */
import { randomUUID } from 'node:crypto';
import { PaneId } from '../model/ids.ts';
import { runTmux, type TmuxPlace } from './program.ts';
import type { PaneScreen } from './types.ts';

/** @throws HmsError as runTmux; `tmux-failed` when one of them is gone */
export async function readScreens(
  place: TmuxPlace,
  panes: readonly PaneId[],
): Promise<ReadonlyMap<PaneId, PaneScreen>> {
  const mark = randomUUID();
  const about = `${mark} #{pane_id} #{history_size}`;
  const commands = panes.flatMap(pane => [
    ...['display-message', '-p', '-t', pane, about, ';'],
    ...['capture-pane', '-p', '-t', pane, ';'],
  ]);
  const text = await runTmux(place, ['-N', ...commands, 'display-message', '-p', mark]);
  const found = new Map<PaneId, PaneScreen>();
  for (const part of text.split(`${mark} `).slice(1)) {
    const [head = '', ...rows] = part.split('\n');
    const [pane, above] = head.split(' ');
    // The end of the last row, or the mark behind the last pane's, and the end of that.
    const all = rows.slice(0, rows.indexOf(mark, -2)).map(row => row.trimEnd());
    const used = all.findLastIndex(line => line !== '') + 1;
    const full = used >= all.length - 1;
    found.set(PaneId.parse(pane), { lines: all.slice(0, used), above: Number(above), full });
  }
  return found;
}
