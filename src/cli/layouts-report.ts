/** What `hms layouts` prints. */
import { resolve } from 'node:path';
import { MIN_COLS, MIN_ROWS } from '../console/layout.ts';
import { LAYOUTS } from '../console/layouts.ts';
import { layoutsFolder, ownLayouts, readLayout } from '../console/own-looks.ts';
import type { Focus } from '../console/state.ts';
import { leavesOf, type Placed, tile } from '../console/tile.ts';
import { configFiles } from '../fleet/config-file.ts';
import { shownPath } from '../fleet/load.ts';
import { roots } from '../fleet/paths.ts';
import { HmsError } from '../model/errors.ts';
import { type LooksOptions, named, printChecked, printList } from './looks-report.ts';
import { print, printJson, say } from './output.ts';

export interface ShowLayoutOptions extends LooksOptions {
  readonly size: string;
}

async function all() {
  const { config } = roots();
  const own = await ownLayouts(config);
  return { folder: layoutsFolder(config), own, layouts: { ...LAYOUTS, ...own.found } };
}

export async function listLayouts(options: LooksOptions): Promise<void> {
  const { folder, own, layouts } = await all();
  const listed = Object.entries(layouts).map(([name, { about, tree, main, tmux }]) => ({
    name,
    about,
    panes: leavesOf(tree).map(leaf => leaf.pane),
    main,
    tmux,
    yours: Object.hasOwn(own.found, name),
  }));
  if (options.json) printJson({ folder, layouts: listed, problems: own.problems });
  else printList(listed, folder, own.problems);
}

export async function showLayout(name: string, options: ShowLayoutOptions): Promise<void> {
  const { layouts } = await all();
  const { about, tree, main, tmux } = named(layouts, name, 'layout');
  const size = sizeOf(options.size);
  // The lines above and below are the console's own.
  const panes = tile(tree, { x: 0, y: 1, w: size.cols, h: size.rows - 2 }, () => true);
  const left = leavesOf(tree)
    .map(leaf => leaf.pane)
    .filter(pane => !panes.some(p => p.pane === pane));
  if (options.json) return printJson({ name, about, main, tmux, size, panes, left });
  for (const line of sketch(panes, size.cols, size.rows)) print(line);
  if (left.length > 0) say(`No room at ${options.size}, opened when wanted: ${left.join(', ')}.`);
}

function sizeOf(text: string): { readonly cols: number; readonly rows: number } {
  const [, cols, rows] = /^(\d{1,3})x(\d{1,3})$/.exec(text) ?? [];
  if (cols && rows) {
    if (Number(cols) >= MIN_COLS && Number(rows) >= MIN_ROWS)
      return { cols: Number(cols), rows: Number(rows) };
    const hint = `the least is ${MIN_COLS}x${MIN_ROWS}`;
    throw new HmsError('bad-size', `a console of ${text} is too small`, hint);
  }
  throw new HmsError('bad-size', `${text} is no size`, 'write columns x rows, such as 120x40');
}

function sketch(panes: readonly Placed<Focus>[], cols: number, rows: number): readonly string[] {
  const cells = Array.from({ length: rows }, () => Array<string>(cols).fill(' '));
  const put = (x: number, y: number, text: string): void => {
    for (const [i, char] of [...text].entries()) {
      const row = cells[y];
      if (row && x + i < cols) row[x + i] = char;
    }
  };
  for (const {
    pane,
    rect: { x, y, w, h },
  } of panes) {
    put(x, y, `┌${'─'.repeat(w - 2)}┐`);
    for (let i = 1; i < h - 1; i++) put(x, y + i, `│${' '.repeat(w - 2)}│`);
    put(x, y + h - 1, `└${'─'.repeat(w - 2)}┘`);
    put(x + 2, y, ` ${pane} `);
    put(x + 2, y + 1, `${w}x${h}`);
  }
  return cells.slice(1, -1).map(row => row.join('').trimEnd());
}

export async function checkLayouts(files: readonly string[], options: LooksOptions): Promise<void> {
  const { folder } = await all();
  const chosen =
    files.length > 0 ? files.map(file => resolve(file)) : (await configFiles(folder)).map(f => f.file);
  const reports = await Promise.all(
    chosen.map(async full => {
      const { issues } = await readLayout(full);
      return { file: shownPath(full, process.cwd()), problems: issues, warnings: [] };
    }),
  );
  printChecked(reports, 'layout', options);
}
