/** A page over the panes: rows that scroll, and how it is closed. */
import type { Row } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import { scrolls } from '../src/console/moving.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { inside, Pane, type PaneProps, scrolled } from './pane.tsx';

/** What a page shows of `state`, in rows of `w` columns. */
export interface Content {
  readonly title: Row;
  readonly rows: readonly Row[];
  /** What Esc does, in words. */
  readonly esc?: string;
}

/** The component that shows `content` from where its overlay is scrolled to. */
export function page(content: (state: ConsoleState, w: number) => Content) {
  return (props: PaneProps) => {
    const { w, h } = inside(props.rect);
    const { title, rows, esc = 'closes' } = content(props.state, w);
    const { overlay } = props.state.ui;
    const corner: Row = [
      ['Esc', 'key', { on: 'key', key: 'esc' }],
      [` ${esc}`, 'muted', { on: 'key', key: 'esc' }],
    ];
    const { most, ...view } = scrolled(rows, scrolls(overlay) ? overlay.scroll : 0, h, '↑ ↓');
    const framed: Framed = { title, corner, ...view, most: { overlay: most } };
    return <Pane {...props} focused framed={framed} />;
  };
}
