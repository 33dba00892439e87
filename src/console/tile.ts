/**
 * A tree of rows and columns onto a rectangle of any size. What does not find its least room there gives way: in each
 * split the part whose most important pane is the least important one goes first, until the rest fits.
 */
import type { Rect } from './rect.ts';
import { share, type Wish } from './share.ts';

export type Size = { readonly cells: number } | { readonly percent: number };

interface Sized {
  /** Along the side its split shares out. Without one it takes what is left, by weight. */
  readonly size?: Size;
  readonly min?: number;
  readonly max?: number;
  readonly weight?: number;
}

export interface Leaf<P> extends Sized {
  readonly pane: P;
  /** The lower, the earlier it gives way. */
  readonly yields: number;
  /** Least columns and rows it is of use at. */
  readonly least: { readonly w: number; readonly h: number };
}

interface Split<P> extends Sized {
  readonly along: 'rows' | 'columns';
  readonly parts: readonly Tree<P>[];
}

export type Tree<P> = Leaf<P> | Split<P>;

export interface Placed<P> {
  readonly pane: P;
  readonly rect: Rect;
}

/** Panes of `tree` that are `wanted`, at their places: they cover `rect` and do not overlap. None for none. */
export function tile<P>(tree: Tree<P>, rect: Rect, wanted: (pane: P) => boolean): readonly Placed<P>[] {
  let left = keep(tree, leaf => wanted(leaf.pane));
  while (left !== undefined) {
    const placed = place(left, rect);
    const tight = placed.find(p => p.rect.w < p.need.w || p.rect.h < p.need.h);
    if (!tight || placed.length === 1)
      return placed.map(({ leaf, rect: at }) => ({ pane: leaf.pane, rect: at }));
    const along = tight.rect.w < tight.need.w ? 'columns' : 'rows';
    const out = new Set(leavesOf(weakest(left, tight.leaf, along) ?? tight.leaf));
    left = keep(left, leaf => !out.has(leaf));
  }
  return [];
}

/** The part to leave out of the nearest split along this side around `leaf`; undefined where none has another part. */
function weakest<P>(tree: Tree<P>, leaf: Leaf<P>, along: Split<P>['along']): Tree<P> | undefined {
  if ('pane' in tree) return undefined;
  const around = tree.parts.find(part => leavesOf(part).includes(leaf));
  const inner = around && weakest(around, leaf, along);
  if (inner || tree.along !== along || tree.parts.length < 2) return inner;
  const rank = (part: Tree<P>): number => Math.max(...leavesOf(part).map(l => l.yields));
  return tree.parts.reduce((low, part) => (rank(part) <= rank(low) ? part : low));
}

export function leavesOf<P>(tree: Tree<P>): readonly Leaf<P>[] {
  return 'pane' in tree ? [tree] : tree.parts.flatMap(leavesOf);
}

/** The tree with only these leaves; a split that has lost all is gone too. */
function keep<P>(tree: Tree<P>, stays: (leaf: Leaf<P>) => boolean): Tree<P> | undefined {
  if ('pane' in tree) return stays(tree) ? tree : undefined;
  const parts = tree.parts.flatMap(part => keep(part, stays) ?? []);
  return parts.length === 0 ? undefined : { ...tree, parts };
}

interface Spot<P> {
  readonly leaf: Leaf<P>;
  readonly rect: Rect;
  readonly need: { readonly w: number; readonly h: number };
}

function place<P>(tree: Tree<P>, rect: Rect, along?: Split<P>['along']): readonly Spot<P>[] {
  if ('pane' in tree) {
    const min = tree.min ?? 0;
    const need = {
      w: along === 'columns' && min > 0 ? min : tree.least.w,
      h: along === 'rows' && min > 0 ? min : tree.least.h,
    };
    return [{ leaf: tree, rect, need }];
  }
  const across = tree.along === 'columns';
  const room = across ? rect.w : rect.h;
  const sizes = share(
    room,
    tree.parts.map(part => wish(part, tree.along, room)),
  );
  let from = across ? rect.x : rect.y;
  return tree.parts.flatMap((part, i) => {
    const size = sizes[i] ?? 0;
    const at = across ? { ...rect, x: from, w: size } : { ...rect, y: from, h: size };
    from += size;
    return place(part, at, tree.along);
  });
}

function wish<P>(part: Tree<P>, along: Split<P>['along'], room: number): Wish {
  const min = Math.max(part.min ?? 0, 'pane' in part && part.min !== undefined ? 0 : need(part, along));
  const size =
    part.size && ('cells' in part.size ? part.size.cells : Math.round((room * part.size.percent) / 100));
  return { size, min, max: Math.max(min, part.max ?? Number.POSITIVE_INFINITY), weight: part.weight ?? 1 };
}

/** Least columns or rows of a part. */
function need<P>(tree: Tree<P>, along: Split<P>['along']): number {
  if ('pane' in tree) return along === 'columns' ? tree.least.w : tree.least.h;
  const needs = tree.parts.map(part => {
    const own = need(part, along);
    if (tree.along !== along) return own;
    return 'pane' in part ? (part.min ?? own) : Math.max(part.min ?? 0, own);
  });
  return tree.along === along ? needs.reduce((a, b) => a + b, 0) : Math.max(...needs);
}
