/**
 * Stops processes for sure: SIGSTOP, again and again until two looks after each other find nothing that runs and
 * nothing new. One look is not enough: what was born while it was taken is not in it, and only a parent that stood
 * still before the look cannot have had a child since.
 */
import { errnoOf } from '../model/errors.ts';
import { isStopped, type ProcessInfo } from './stat.ts';
import { keyOf } from './table.ts';

/** How long a stop or a thaw may take before what still resists is named, ms. */
const WITHIN_MS = 3000;
/** Looks without a pause between: what forks all the time must be outrun. */
const EAGER = 20;
const PAUSE_MS = 5;

export interface Resisting {
  readonly info: ProcessInfo;
  /** Why, in words. */
  readonly why: string;
}

export interface Stopped {
  readonly stopped: readonly ProcessInfo[];
  readonly running: readonly Resisting[];
}

interface World {
  /** The processes in question now, parents before children. */
  look(): readonly ProcessInfo[];
  /** As process.kill: throws when it may not. */
  kill(pid: number, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void;
  pause(ms: number): Promise<void>;
  /** ms of a clock that only goes forward. */
  now(): number;
}

export type StopWorld = World;

/** Resolves when all are confirmed to be stopped, or when what resists has had its time. */
export async function stopAll(world: World): Promise<Stopped> {
  const until = world.now() + WITHIN_MS;
  const refused = new Map<string, string>();
  let before: ReadonlySet<string> | undefined;
  for (let round = 0; ; round += 1) {
    const all = world.look();
    const moving = all.filter(info => !isStopped(info) && !refused.has(keyOf(info)));
    for (const info of moving) {
      const why = send(world, info, 'SIGSTOP');
      if (why) refused.set(keyOf(info), why);
    }
    const now = new Set(all.map(keyOf));
    const quiet = moving.length === 0;
    if (quiet && before && [...now].every(key => before?.has(key))) return sorted(all, refused);
    before = quiet ? now : undefined;
    if (world.now() >= until) return sorted(world.look(), refused);
    if (round >= EAGER || quiet) await world.pause(quiet ? 0 : PAUSE_MS);
  }
}

function sorted(all: readonly ProcessInfo[], refused: ReadonlyMap<string, string>): Stopped {
  const running = all
    .filter(info => !isStopped(info))
    .map(info => ({ info, why: refused.get(keyOf(info)) ?? whyRunning(info) }));
  return { stopped: all.filter(isStopped), running };
}

/** Why a process that was told to stop does not show it. */
export function whyRunning({ state }: ProcessInfo): string {
  return state === 'D' ? 'inside the kernel; it stops when it comes out' : 'it runs';
}

/**
 * Lets processes go on, children before their parents (a shell must not see its children stopped), until none of
 * them stands still. Those that resist are returned.
 */
export async function continueAll(world: World): Promise<Stopped> {
  const until = world.now() + WITHIN_MS;
  const refused = new Map<string, string>();
  for (;;) {
    const all = world.look();
    const still = all.filter(info => isStopped(info) && !refused.has(keyOf(info)));
    if (still.length === 0 || world.now() >= until) {
      const running = all.filter(info => !isStopped(info)).map(info => ({ info, why: 'it runs' }));
      return { stopped: all.filter(isStopped), running };
    }
    for (const info of still.toReversed()) {
      const why = send(world, info, 'SIGCONT');
      if (why) refused.set(keyOf(info), why);
    }
    await world.pause(PAUSE_MS);
  }
}

/** Ends them, whatever state they are in. */
export function killAll(world: Pick<World, 'kill'>, processes: readonly ProcessInfo[]): void {
  for (const info of processes) send(world, info, 'SIGKILL');
}

/** '' when it was sent or there is nobody any more, else why it could not be. */
function send(
  world: Pick<World, 'kill'>,
  { pid }: ProcessInfo,
  signal: Parameters<World['kill']>[1],
): string {
  try {
    world.kill(pid, signal);
    return '';
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return '';
    return errnoOf(error) === 'EPERM' ? 'it runs as another user' : `it cannot be reached: ${errnoOf(error)}`;
  }
}
