/** What is on and above a pane's screen, read in a process of its own: nothing an agent wrote passes for an answer. */
import { randomUUID } from 'node:crypto';
import type { PaneId } from '../model/ids.ts';
import { runTmux, type TmuxPlace } from './program.ts';

export interface History {
  /** Oldest first, each a whole line as the program wrote it: wrapped ones are joined, blank ones at the end left out. */
  readonly lines: readonly string[];
  /** How many of `lines` stand above the cursor: a program that prints line by line is done with those. */
  readonly done: number;
  /** Whose pane it is, by our own mark; '' for nobody's. A new tmux server gives old numbers to other panes. */
  readonly agent: string;
  /** A program has the whole screen for itself: it is a picture, not a log. */
  readonly fullScreen: boolean;
}

/**
 * @param above how many lines above the screen are read at most
 * @param escapes keep colours and attributes as escape sequences
 * @throws HmsError as runTmux; `tmux-failed` when there is no such pane
 */
export async function readHistory(
  place: TmuxPlace,
  pane: PaneId,
  above: number,
  escapes: boolean,
): Promise<History> {
  const about = ['display-message', '-p', '-t', pane, '#{cursor_y} #{alternate_on} #{@hms_agent}'];
  const [row = '0', alternate = '0', agent = ''] = (await runTmux(place, ['-N', ...about])).trim().split(' ');
  const capture = ['capture-pane', '-p', '-J', ...(escapes ? ['-e'] : []), '-t', pane, '-S'];
  const mark = randomUUID();
  // In one go, so that nothing is printed between the two.
  const all = [...capture, `-${above}`, ';', 'display-message', '-p', mark, ';', ...capture, row];
  const [whole = '', below = ''] = (await runTmux(place, ['-N', ...all])).split(`${mark}\n`);
  const lines = linesOf(whole);
  const end = lines.findLastIndex(line => line !== '') + 1;
  const done = Math.max(0, lines.length - linesOf(below).length);
  return { lines: lines.slice(0, end), done: Math.min(done, end), agent, fullScreen: alternate === '1' };
}

function linesOf(text: string): readonly string[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map(line => line.trimEnd());
}
