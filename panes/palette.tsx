/** Commands and agents by typing. */
import { pad, type Row } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import { keyWords } from '../src/console/key-names.ts';
import { effective } from '../src/console/keymap.ts';
import { choices } from '../src/console/palette.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Target } from '../src/console/target.ts';
import { lineRow } from './line-rows.ts';
import { inside, Pane, type PaneProps, windowFrom } from './pane.tsx';

export function Palette(props: PaneProps) {
  const { w, h } = inside(props.rect);
  return <Pane {...props} focused framed={paletteFrame(props.state, w, h)} />;
}

function paletteFrame(state: ConsoleState, w: number, h: number): Framed {
  const { overlay } = state.ui;
  if (overlay?.kind !== 'palette') return { title: [], body: [] };
  const list = choices(state, effective(state), overlay.line.text);
  const rows = Math.max(1, h - 1);
  const at = Math.max(0, Math.min(overlay.index, list.length - 1));
  const from = windowFrom(at, list.length, rows);
  const titleWidth = Math.min(22, Math.floor(w / 3));
  const body: Row[] = [[[' : ', 'accent'], ...lineRow(overlay.line, w - 4)]];
  const targets: (Target | undefined)[] = [undefined];
  for (const [i, c] of list.slice(from, from + rows).entries()) {
    const on = from + i === at;
    targets.push({ on: 'choice', index: from + i });
    body.push([
      [on ? ' ▸ ' : '   ', 'accent'],
      [pad(c.title, titleWidth), c.disabled ? 'faint' : 'strong'],
      [pad(keyWords(c.keys[0] ?? ''), 8), 'key'],
      [c.disabled ? `not now: ${c.disabled}` : c.help, c.disabled ? 'faint' : 'muted'],
    ]);
  }
  if (list.length === 0) body.push([['   no command fits', 'muted']]);
  const foot: Row = [
    ['⏎', 'key', { on: 'key', key: 'enter' }],
    [' runs', 'muted', { on: 'key', key: 'enter' }],
    [' · ', 'muted'],
    ['Tab', 'key'],
    [' completes · ', 'muted'],
    ['Esc', 'key', { on: 'key', key: 'esc' }],
    [' closes', 'muted', { on: 'key', key: 'esc' }],
  ];
  return {
    title: [['Command', 'strong']],
    foot,
    body,
    targets,
    ...(list.length > 0 ? { cursor: 1 + at - from } : {}),
  };
}
