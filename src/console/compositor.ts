/** Layers into a frame of cells, and what must be written so that the terminal shows it. */
import { BOLD, INVERSE, underlined } from '../screens/cell.ts';
import { atOnce, changes } from '../screens/changes.ts';
import { Glyphs } from '../screens/glyphs.ts';
import type { Colours } from '../screens/pen.ts';
import { styledRow } from '../screens/styled-row.ts';
import { type Area, Surface } from '../screens/surface.ts';
import type { Layer, Mark } from './canvas.ts';
import { type Paper, putUnder } from './paper.ts';

/** Attributes that are turned over. */
const MARKS: Readonly<Record<Mark['as'], number>> = {
  found: INVERSE,
  current: INVERSE | BOLD | underlined(1),
  line: underlined(1),
  chosen: INVERSE,
};

/** Draws the screen of a tmux pane into its place, or nothing while it is not known. */
export type DrawScreen = (pane: string, surface: Surface, area: Area) => void;

export class Compositor {
  /** Without it, the terminal's own. */
  paper: Paper | undefined;
  readonly #colours: Colours;
  #glyphs = new Glyphs();
  /** What the terminal shows, if that is known. */
  #shown: Surface | undefined;
  #next: Surface | undefined;
  /** Rows of the last frame and of this one: most are in both. */
  #rows = new Map<string, Uint32Array>();
  #lastRows = new Map<string, Uint32Array>();

  constructor(colours: Colours) {
    this.#colours = colours;
  }

  /** What must be written, at once, for the terminal to show these layers; '' when it does. */
  frame(layers: readonly Layer[], cols: number, rows: number, drawScreen: DrawScreen): string {
    if (this.#glyphs.full) this.#startAnew();
    const after = this.compose(layers, cols, rows, drawScreen);
    if (this.paper) putUnder(after.cells, this.paper);
    const fresh = !this.#shown || this.#shown.cols !== cols || this.#shown.rows !== rows;
    const before = fresh || !this.#shown ? new Surface(cols, rows, this.#glyphs) : this.#shown;
    const writes = changes(before, after, this.#colours);
    this.#shown = after;
    this.#next = before;
    if (fresh) return atOnce(`\x1b[0m\x1b[2J${writes}`);
    return writes === '' ? '' : atOnce(writes);
  }

  compose(layers: readonly Layer[], cols: number, rows: number, drawScreen: DrawScreen): Surface {
    const reuse = this.#next?.cols === cols && this.#next.rows === rows ? this.#next : undefined;
    const surface = reuse ?? new Surface(cols, rows, this.#glyphs);
    if (reuse) surface.clear();
    [this.#lastRows, this.#rows] = [this.#rows, new Map()];
    for (const layer of layers) {
      const { x, y, w, h } = layer.rect;
      if ('pane' in layer) drawScreen(layer.pane, surface, layer.rect);
      else if ('as' in layer) {
        for (let i = 0; i < h; i++) surface.turn(x, y + i, w, MARKS[layer.as]);
      } else for (let i = 0; i < h; i++) surface.lay(this.#row(layer.rows[i] ?? '', w), x, y + i);
    }
    return surface;
  }

  /** Forgets what is on the terminal: the next frame writes everything. */
  forget(): void {
    this.#shown = undefined;
  }

  #row(text: string, width: number): Uint32Array {
    const key = `${width}:${text}`;
    const cells =
      this.#rows.get(key) ?? this.#lastRows.get(key) ?? styledRow(text, Math.max(0, width), this.#glyphs);
    this.#rows.set(key, cells);
    return cells;
  }

  /** Programs made up more characters than are kept: old numbers mean nothing from now on. */
  #startAnew(): void {
    this.#glyphs = new Glyphs();
    this.#rows.clear();
    this.#lastRows.clear();
    this.#shown = undefined;
    this.#next = undefined;
  }
}
