/** Watches a server's panes: the truth about deaths is what a look shows; a hint only makes the look come sooner. */
import { HmsError } from '../model/errors.ts';
import { type ProcessState, processRuns, processState } from '../processes/process.ts';
import { type DeadPane, Deaths } from './deaths.ts';
import type { PaneInfo, TmuxServer } from './types.ts';

/** Between two looks at the panes, ms, while no process has ended and nothing hints. */
const LIST_MS = 500;
/** Pause before the next look while tmux finds out how a process ended, ms. */
const SOON_MS = 4;

interface WatchOptions {
  /** Between two looks at the processes, ms. One that has ended, or a hint, makes it look at the panes. */
  readonly intervalMs: number;
  /** Every look at the panes: what is there. The first call is what was found at the start. */
  readonly onPanes: (panes: readonly PaneInfo[]) => void;
  /** Once for each incarnation of an agent that died or went away, also before we looked first. */
  readonly onDead: (dead: DeadPane) => void;
  /** After a look at the panes: the processes whose deaths will be told. Whoever learns of one sooner calls `look`. */
  readonly onWatched?: (pids: readonly number[]) => void;
  /** A look failed; the next one comes all the same. */
  readonly onError?: (error: unknown) => void;
  /** How long a pane is known before its death is told, ms; default one interval. 0 for who expects quick deaths. */
  readonly settleMs?: number;
  readonly stateOf?: (pid: number) => ProcessState;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

interface Watch {
  /** Looks now, and resolves when what was seen has been told. */
  look(): Promise<void>;
  stop(): void;
}

/** Looks until it is stopped, detached or the server is gone; that is for `onGone` to tell, no death of panes. */
export function watchPanes(server: TmuxServer, options: WatchOptions): Watch {
  const {
    intervalMs,
    onPanes,
    onDead,
    onWatched,
    onError,
    settleMs = intervalMs,
    stateOf = processState,
    now = () => performance.now(),
  } = options;
  const deaths = new Deaths(settleMs);
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  /** When the panes must be looked at again, whatever the processes do. */
  let due = 0;

  const isDue = (): boolean => now() >= due || !deaths.watched.every(processRuns);

  const once = async (): Promise<number> => {
    due = now() + LIST_MS;
    try {
      const panes = await server.listPanes();
      if (stopped) return intervalMs;
      const { dead, nudge, pending } = deaths.see(panes, stateOf, now());
      onPanes(panes);
      for (const one of dead) onDead(one);
      onWatched?.(deaths.watched);
      if (nudge) server.nudge();
      if (pending) due = 0;
      return pending ? Math.min(SOON_MS, intervalMs) : intervalMs;
    } catch (error) {
      if (error instanceof HmsError && error.code === 'tmux-closed') stop();
      else if (!stopped) onError?.(error);
      return intervalMs;
    }
  };

  const look = (): Promise<void> => {
    if (stopped) return Promise.resolve();
    if (running) {
      // What is asked for now may have happened after the running look was taken.
      again = true;
      return running;
    }
    clearTimeout(timer);
    running = (async () => {
      let pause: number;
      do {
        again = false;
        pause = await once();
      } while (again && !stopped);
      running = undefined;
      if (!stopped) timer = setTimeout(tick, pause);
    })();
    return running;
  };
  // Again and again, and nearly always there is nothing to do.
  const tick = (): void => {
    if (isDue()) void look();
    else timer?.refresh();
  };

  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
    for (const forget of forgets) forget();
  };
  const forgets = [server.onHint(() => void look()), server.onGone(() => stop())];
  void look();
  return { look, stop };
}
