/** A layout: as its file says it, and as a tree that can be laid out. */
import type { Focus } from './state.ts';
import type { Size, Tree } from './tile.ts';

/** The least columns and rows at which each pane is of use. */
const LEAST: Readonly<Record<Focus, { readonly w: number; readonly h: number }>> = {
  agents: { w: 20, h: 4 },
  screen: { w: 30, h: 6 },
  grid: { w: 40, h: 8 },
  approvals: { w: 40, h: 10 },
  tray: { w: 30, h: 4 },
  timeline: { w: 30, h: 4 },
  chaos: { w: 40, h: 6 },
};

/** How agents stand for whoever looks at them in plain tmux: a window each, or one of tmux's layouts. */
export const TILINGS = [
  'windows',
  'tiled',
  'even-horizontal',
  'even-vertical',
  'main-vertical',
  'main-horizontal',
] as const;
export type Tiling = (typeof TILINGS)[number];

export interface PartFile {
  readonly pane?: Focus | undefined;
  readonly rows?: readonly PartFile[] | undefined;
  readonly columns?: readonly PartFile[] | undefined;
  /** Columns or rows, or a part of them: `31%`. */
  readonly size?: number | string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly weight?: number | undefined;
  readonly yields?: number | undefined;
  readonly over?: Focus | undefined;
}

export interface LayoutFile extends PartFile {
  readonly about?: string | undefined;
  readonly main?: Focus | undefined;
  readonly tmux?: Tiling | undefined;
}

export interface Plan {
  readonly about: string;
  readonly tree: Tree<Focus>;
  /** What pages lie over, and panes that found no room and name no other. */
  readonly main: Focus;
  /** Over which pane one opens that found no room. */
  readonly over: Readonly<Partial<Record<Focus, Focus>>>;
  readonly tmux: Tiling;
}

/** What gives way last when nothing is said. */
const YIELDS = 5;

/** `file` fits the schema of layout-file.ts. */
export function planOf(file: LayoutFile): Plan {
  const parts = partsOf(file);
  const panes = parts.flatMap(({ pane }) => pane ?? []);
  const over = Object.fromEntries(parts.flatMap(p => (p.pane && p.over ? [[p.pane, p.over]] : [])));
  const main = file.main ?? panes.find(p => p === 'screen' || p === 'grid') ?? panes[0] ?? 'screen';
  return { about: file.about ?? '', tree: treeOf(file), main, over, tmux: file.tmux ?? 'tiled' };
}

/** Every part, itself included. */
export function partsOf(part: PartFile): readonly PartFile[] {
  return [part, ...[...(part.rows ?? []), ...(part.columns ?? [])].flatMap(partsOf)];
}

function treeOf(part: PartFile): Tree<Focus> {
  const sized = {
    ...(part.size === undefined ? {} : { size: sizeOf(part.size) }),
    ...(part.min === undefined ? {} : { min: part.min }),
    ...(part.max === undefined ? {} : { max: part.max }),
    ...(part.weight === undefined ? {} : { weight: part.weight }),
  };
  if (part.pane) return { ...sized, pane: part.pane, yields: part.yields ?? YIELDS, least: LEAST[part.pane] };
  return part.rows
    ? { ...sized, along: 'rows', parts: part.rows.map(treeOf) }
    : { ...sized, along: 'columns', parts: (part.columns ?? []).map(treeOf) };
}

function sizeOf(size: number | string): Size {
  return typeof size === 'number' ? { cells: size } : { percent: Number(size.replace('%', '')) };
}
