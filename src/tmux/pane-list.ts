/** One line a pane, as `list-panes -F` prints it and as we read it. */
import { constants } from 'node:os';
import { PaneId } from '../model/ids.ts';
import type { PaneInfo } from './types.ts';

// What an agent can choose, its title, comes last: it may contain the separator, but no line break (tmux takes
// titles of printable UTF-8 only).
const FIELDS = [
  'pane_id',
  'pane_pid',
  '@hms_agent',
  '@hms_incarnation',
  'pane_dead',
  'pane_dead_status',
  'pane_dead_signal',
  'window_activity',
  'pane_width',
  'pane_height',
  'pane_in_mode',
  'pane_input_off',
  'pane_pipe',
  '@hms_held',
  'pane_title',
] as const;

export const PANE_FORMAT = FIELDS.map(field => `#{${field}}`).join('|');

type ProgramOf = (pane: PaneId, panePid: number, dead: boolean) => number;

/**
 * Reads lines in PANE_FORMAT; a line that is none is passed over. A pane linked into two sessions is one pane.
 * @param programOf the program that a pane's own process holds
 */
export function parsePanes(
  lines: readonly string[],
  programOf: ProgramOf = (_, pid) => pid,
): readonly PaneInfo[] {
  const panes = lines.flatMap(line => parsePane(line, programOf) ?? []);
  return [...new Map(panes.map(info => [info.pane, info])).values()];
}

function parsePane(line: string, programOf: ProgramOf): PaneInfo | undefined {
  const parts = line.split('|');
  const [
    id,
    pid,
    agent,
    incarnation,
    dead,
    status,
    signal,
    activity,
    cols,
    rows,
    inMode,
    inputOff,
    piped,
    held,
    ...title
  ] = parts;
  const pane = PaneId.safeParse(id);
  if (!pane.success || held === undefined) return undefined;
  return {
    pane: pane.data,
    agent: agent ?? '',
    incarnation: Number(incarnation) || 0,
    pid: held === '1' ? programOf(pane.data, Number(pid) || 0, dead === '1') : Number(pid) || 0,
    dead: dead === '1',
    status: status === '' ? null : Number(status),
    signal: signalName(signal ?? ''),
    activity: Number(activity) || 0,
    title: title.join('|'),
    cols: Number(cols) || 0,
    rows: Number(rows) || 0,
    inMode: inMode !== '0' && inMode !== '',
    inputOff: inputOff === '1',
    piped: piped === '1',
  };
}

const SIGNALS: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, n]) => [n, name]),
);

/** tmux says `KILL` or `9`, depending on how it was built; we say `SIGKILL` wherever the name is known. */
function signalName(signal: string): string {
  if (signal === '' || /^SIG/.test(signal)) return signal;
  if (/^\d+$/.test(signal)) return SIGNALS.get(Number(signal)) ?? signal;
  return `SIG${signal}`;
}
