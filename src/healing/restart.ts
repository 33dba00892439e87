/**
 * When an agent that ended comes back: restart policy with an intensity limit as in Erlang/OTP supervisors
 * (at most `max` restarts within `within`), back-off with decorrelated jitter between, and a person asked when
 * the limit is reached: never silence, never an endless loop. Pure.
 */
import type { RestartPolicy } from '../model/fleet.ts';
import type { Millis } from '../model/ids.ts';

export interface Ending {
  /** Exit status; null when killed or not known. */
  readonly status: number | null;
  readonly signal: string;
  /** The pane, its tmux server or the machine went away under it. */
  readonly lost: boolean;
}

export type RestartDecision =
  | { readonly do: 'stay'; readonly reason: string }
  | { readonly do: 'restart'; readonly delayMs: number; readonly attempt: number; readonly reason: string }
  | { readonly do: 'ask'; readonly reason: string };

/** How an ending reads: `exit 1`, `SIGKILL`, `lost with its tmux server`. */
export function endingWords(ending: Ending): string {
  if (ending.lost) return 'lost with its tmux server';
  if (ending.signal) return ending.signal;
  return ending.status === null ? 'ended, status unknown' : `exit ${ending.status}`;
}

/**
 * @param restarts times of the restarts so far (ms); only those within `policy.within` of `now` count
 * @param random a number in [0, 1)
 * @param lastDelayMs the delay before the last of them; 0 where it is not known. The next one lies between the first and
 *   three times that (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015): those that failed
 *   together do not come back together.
 */
export function decideRestart(
  policy: RestartPolicy,
  ending: Ending,
  restarts: readonly Millis[],
  now: Millis,
  random: number,
  lastDelayMs = 0,
): RestartDecision {
  const clean = !ending.lost && !ending.signal && ending.status === 0;
  const reason = endingWords(ending);
  if (policy.when === 'never') return { do: 'stay', reason: `${reason}; its restart policy is never` };
  if (policy.when === 'on-failure' && clean) return { do: 'stay', reason };
  const recent = restarts.filter(at => now - at < policy.within).length;
  if (recent >= policy.max) {
    return { do: 'ask', reason: `${reason}; restarted ${recent} times within ${policy.within / 1000} s` };
  }
  const ceiling = recent === 0 ? policy.from : Math.min(policy.to, 3 * Math.max(policy.from, lastDelayMs));
  const delayMs = Math.round(policy.from + random * Math.max(0, ceiling - policy.from));
  return { do: 'restart', delayMs, attempt: recent + 1, reason };
}
