/**
 * Who has died, worked out from what is there now and what was there before: level-triggered, so that a lost
 * notice loses nothing. Pure but for its memory; panes, process states and the time come in.
 */
import type { ProcessState } from '../processes/process.ts';
import type { PaneInfo } from './types.ts';

/** An incarnation of an agent that has ended. */
export interface DeadPane {
  readonly agent: string;
  readonly incarnation: number;
  readonly pane: PaneInfo['pane'];
  readonly pid: number;
  /** Exit status; null when it was killed by a signal, or nobody knows. */
  readonly status: number | null;
  /** Name of the signal, else ''. */
  readonly signal: string;
  /** The pane itself went away: somebody closed it. */
  readonly vanished: boolean;
}

/**
 * How long tmux may take to read what a process printed last and to tell how it ended, ms. After that it has ended
 * nobody knows how; and what others print who have kept its terminal is not waited for.
 */
const ASK_MS = 500;

interface Known {
  readonly info: PaneInfo;
  readonly firstSeen: number;
  readonly endedSince: number | undefined;
  readonly reported: boolean;
}

export class Deaths {
  readonly #known = new Map<string, Known>();
  readonly #settleMs: number;
  #watched: readonly number[] = [];

  /**
   * @param settleMs how long a pane is known before its death is told: whoever started it has it on record by then
   */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** Processes of agents whose death has not been told. */
  get watched(): readonly number[] {
    return this.#watched;
  }

  /**
   * What is new since the last look. `nudge`: a process has ended and tmux does not know or does not say how;
   * a nudge makes it look. `pending`: look again soon, a death is on its way.
   */
  see(
    panes: readonly PaneInfo[],
    stateOf: (pid: number) => ProcessState,
    now: number,
  ): { readonly dead: readonly DeadPane[]; readonly nudge: boolean; readonly pending: boolean } {
    const dead: DeadPane[] = [];
    let nudge = false;
    let pending = false;
    const there = new Set<string>();
    for (const info of panes) {
      if (info.agent === '') continue;
      const key = `${info.agent}/${info.incarnation}`;
      there.add(key);
      const before = this.#known.get(key);
      const ended = info.dead || before?.reported === true || stateOf(info.pid) !== 'running';
      const known: Known = {
        info,
        firstSeen: before?.firstSeen ?? now,
        endedSince: ended ? (before?.endedSince ?? now) : undefined,
        reported: before?.reported ?? false,
      };
      this.#known.set(key, known);
      if (known.endedSince === undefined || known.reported) continue;
      const told = info.status !== null || info.signal !== '';
      if (!told) nudge = true;
      // tmux calls a pane dead when all that was printed has gone into its pipe too.
      const whole = told && info.dead;
      const due = now - known.firstSeen >= this.#settleMs && (whole || now - known.endedSince >= ASK_MS);
      if (due) {
        this.#known.set(key, { ...known, reported: true });
        dead.push(deadPane(info, false));
      } else if (!whole) pending = true;
    }
    for (const [key, { info, reported }] of this.#known) {
      if (there.has(key)) continue;
      this.#known.delete(key);
      if (!reported) dead.push(deadPane(info, true));
    }
    this.#watched = [...this.#known.values()].flatMap(({ info, reported }) => (reported ? [] : [info.pid]));
    return { dead, nudge, pending };
  }
}

function deadPane(info: PaneInfo, vanished: boolean): DeadPane {
  const { agent, incarnation, pane, pid, status, signal } = info;
  return { agent, incarnation, pane, pid, status, signal, vanished };
}
