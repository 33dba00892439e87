/** The bottom line: what can be pressed here and now, from the table of commands; or what was just said. */

import { paint, type Row, rowWidth, type Span } from '../src/console/cells.ts';
import type { Command } from '../src/console/commands/command.ts';
import { keyName } from '../src/console/key-names.ts';
import { effective } from '../src/console/keymap.ts';
import { stageLine } from '../src/console/stage/line.ts';
import type { ConsoleState, Toast } from '../src/console/state.ts';
import { rowSpots, type Target } from '../src/console/target.ts';
import type { Token } from '../src/console/theme.ts';
import { queue } from '../src/console/views.ts';
import { Block, type PaneProps } from './pane.tsx';

export function Footer({ state, rect, theme }: PaneProps) {
  const row = footerRow(state, rect.w);
  const spots = rowSpots(row, rect.x, rect.y, rect.w);
  return <Block rect={rect} rows={[paint(row, rect.w, theme)]} spots={spots} />;
}

const TOAST: Readonly<Record<Toast['tone'], readonly [glyph: string, token: Token]>> = {
  info: ['·', 'info'],
  good: ['✓', 'good'],
  warn: ['!', 'warn'],
  bad: ['✖', 'bad'],
};

/** Always in reach, at the right end. */
const LAST = ['look.help', 'console.quit'];

function hint(key: string, title: string, target: Target = { on: 'key', key }): Row {
  return [
    [key === 'enter' ? '⏎' : keyName(key), 'key', target],
    [' ', 'text', target],
    [title, 'muted', target],
  ];
}

function footerRow(state: ConsoleState, width: number): Row {
  // As tmux's own line says it below an agent's real pane.
  if (state.ui.stage !== '' && state.ui.overlay === null) return stageLine(state, width, false);
  if (state.ui.chord) return chordRow(state);
  const offered = effective(state)
    .filter(c => c.hint !== undefined && c.keys.length > 0 && c.when.holds(state))
    .sort((a, b) => (a.hint ?? 0) - (b.hint ?? 0));
  const last = offered
    .filter(c => LAST.includes(c.id))
    .flatMap(c => [...hint(c.keys[0] ?? '', c.title, { on: 'command', id: c.id }), '  ']);
  const said = state.ui.toasts.at(-1);
  let row: Row = said ? [' ', [`${TOAST[said.tone][0]} ${said.text}`, TOAST[said.tone][1]], '   '] : [' '];
  const room = width - rowWidth(last) - 1;
  // What is open says itself which keys it takes.
  const { overlay } = state.ui;
  const parts = overlay && overlay.kind !== 'action' ? [] : [...nudge(state), ...hints(state, offered)];
  for (const part of parts) {
    if (rowWidth(row) + rowWidth(part) + 2 > room) break;
    row = [...row, ...part, '  '];
  }
  if (rowWidth(row) > room) return row;
  return [...row, ' '.repeat(Math.max(0, room - rowWidth(row))), ...last];
}

/** Something waits and the queue does not have the focus. */
function nudge(state: ConsoleState): readonly Row[] {
  const waiting = queue(state).length;
  if (waiting === 0 || state.ui.focus === 'approvals' || state.ui.stage) return [];
  const words = `▲ ${waiting} ${waiting === 1 ? 'waits' : 'wait'}`;
  const key = effective(state).find(c => c.id === 'move.next')?.keys[0];
  return [key ? [[`${words}:`, 'warn'], ' ', ...hint(key, 'to the queue')] : [[words, 'warn']]];
}

function hints(state: ConsoleState, offered: readonly Command[]): readonly Row[] {
  return offered
    .filter(
      c =>
        !LAST.includes(c.id) &&
        (c.group !== 'Decide' || state.ui.focus === 'approvals') &&
        c.disabledReason(state) === undefined,
    )
    .map(c => {
      const [first = '', then] = (c.keys[0] ?? '').split(' ');
      return then === undefined
        ? hint(first, c.title, { on: 'command', id: c.id })
        : hint(first, c.group.toLowerCase());
    });
}

function chordRow(state: ConsoleState): Row {
  const chord = `${state.ui.chord} `;
  const next = effective(state)
    .filter(c => c.when.holds(state))
    .flatMap(c =>
      c.keys.filter(k => k.startsWith(chord)).map(k => ({ key: k.slice(chord.length), title: c.title })),
    );
  const rows = next.flatMap(({ key, title }): readonly Span[] => [...hint(key, title), '  ']);
  return [
    [` ${state.ui.chord} `, 'accent'],
    ['then  ', 'muted'],
    ...rows,
    ['Esc', 'key'],
    [' back', 'muted'],
  ];
}
