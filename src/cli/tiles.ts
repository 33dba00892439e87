/** `hms attach --tmux`: the agents in plain tmux, side by side, to look at. */
import { basename, join } from 'node:path';
import { firstLooks } from '../console/kept-looks.ts';
import { FIRST_LOOKS, planIn, themeIn } from '../console/looks.ts';
import type { Tiling } from '../console/plan.ts';
import { mono } from '../console/themes.ts';
import { tmuxLook } from '../console/tmux-look.ts';
import { type FleetPaths, roots } from '../fleet/paths.ts';
import { showTiles } from '../tmux/tiles.ts';
import { withLink } from './operator-link.ts';

/** As the operator's layout tiles them where nothing is told. */
export async function openTiles(
  paths: FleetPaths,
  told: Tiling | true,
  wishes: { readonly as?: string; readonly theme?: string },
): Promise<void> {
  const link = { fleet: paths.dir, ...(wishes.as === undefined ? {} : { as: wishes.as }) };
  const { operator, state, tmux } = await withLink(link, async ({ welcome }) => welcome);
  const from = { ...roots(), fleet: basename(paths.run), theme: wishes.theme ?? process.env.HMS_THEME };
  const looks = { ...FIRST_LOOKS, ...(await firstLooks(from, operator)).looks };
  const coloured = !process.env.NO_COLOR;
  await showTiles({
    fleet: tmux,
    socket: join(paths.run, `view${process.pid}.sock`),
    agents: state.order,
    tiling: told === true ? planIn(looks).tmux : told,
    styles: tmuxLook(coloured ? themeIn(looks) : mono, coloured),
    cols: process.stdout.columns || 80,
    rows: process.stdout.rows || 24,
  });
}
