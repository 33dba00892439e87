/**
 * One at a time through the door of a tmux server. tmux before 3.7 dies when certain things happen while a control
 * client is just connecting: another client detaches, the current window goes (it writes to the newcomer before
 * that one is ready). So our processes attach, detach and close such windows in turn.
 */
import { readlink, symlink, unlink } from 'node:fs/promises';
import { errnoOf } from '../model/errors.ts';
import { ownerMark } from './owner.ts';

/** How long to wait for one's turn, ms. Then it is done all the same: this lowers a risk, it guards nothing. */
const WAIT_MS = 2000;
const LOOK_MS = 5;

/** Runs `work` while no other process of ours is in the door of this server. */
export async function inTurn<T>(socket: string, work: () => Promise<T>): Promise<T> {
  const door = `${socket}.door`;
  const mine = await enter(door);
  try {
    return await work();
  } finally {
    if (mine) await unlink(door).catch(() => {});
  }
}

async function enter(door: string): Promise<boolean> {
  const until = performance.now() + WAIT_MS;
  while (performance.now() < until) {
    try {
      // A link, not a file: there is no moment in which it does not say whose it is.
      await symlink(ownerMark(), door);
      return true;
    } catch (error) {
      // No folder, no rights: tmux itself will say so better.
      if (errnoOf(error) !== 'EEXIST') return false;
    }
    if (await isLeftBehind(door)) await unlink(door).catch(() => {});
    else await new Promise(resolve => setTimeout(resolve, LOOK_MS));
  }
  return false;
}

/** Whoever made it was killed in the door. */
async function isLeftBehind(door: string): Promise<boolean> {
  try {
    const mark = await readlink(door);
    const pid = /^hms-owner-(\d+)-/.exec(mark)?.[1];
    return pid !== undefined && ownerMark(Number(pid)) !== mark;
  } catch (error) {
    // No link: nobody stands in it, whatever it is.
    return errnoOf(error) === 'EINVAL';
  }
}
