/** Themes or layouts to choose from, on the lines above the footer: what is chosen is what the rest looks like. */
import { columns, pad, type Row } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import { AUTO, offered } from '../src/console/looks.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Target } from '../src/console/target.ts';
import { oneLine } from '../src/model/text.ts';
import { inside, Pane, type PaneProps, windowFrom } from './pane.tsx';

export function Choose(props: PaneProps) {
  const { h } = inside(props.rect);
  return <Pane {...props} focused framed={chooseFrame(props.state, h)} />;
}

function chooseFrame(state: ConsoleState, h: number): Framed {
  const { overlay } = state.ui;
  const { themes, layouts, ground } = state.looks;
  if (overlay?.kind !== 'choose') return { title: [], body: [] };
  const names = offered(state.looks, overlay.what);
  const about = (name: string): string =>
    overlay.what === 'layout'
      ? (layouts[name]?.about ?? '')
      : name === AUTO
        ? `by the terminal’s background: ${ground} now`
        : (themes[name]?.about ?? '');
  const from = windowFrom(overlay.index, names.length, h);
  const width = Math.max(...names.map(columns)) + 2;
  const body = names.slice(from, from + h).map(
    (name, i): Row => [
      [from + i === overlay.index ? ' ▸ ' : '   ', 'accent'],
      [pad(oneLine(name, 64), width), 'strong'],
      [name === overlay.before ? '✓ ' : '  ', 'good'],
      [oneLine(about(name), 200), 'muted'],
    ],
  );
  const targets = body.map((_, i): Target => ({ on: 'choice', index: from + i }));
  const hidden = names.length - h;
  return {
    title: [[overlay.what === 'theme' ? 'Theme' : 'Layout', 'strong']],
    corner: hidden > 0 ? [[`${hidden} more`, 'warn']] : [],
    foot: [
      ['↑ ↓', 'key'],
      [' show · ', 'muted'],
      ['⏎', 'key', { on: 'key', key: 'enter' }],
      [' keeps it for you', 'muted', { on: 'key', key: 'enter' }],
      [' · ', 'muted'],
      ['Esc', 'key', { on: 'key', key: 'esc' }],
      [' back to what it was', 'muted', { on: 'key', key: 'esc' }],
    ],
    body,
    targets,
    cursor: overlay.index - from,
  };
}
