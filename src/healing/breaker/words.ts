/** Why a breaker changed, in words for the console and the journal. */
import type { TransitionCause } from './breaker.ts';

/** One line, such as `6 of 10 calls failed (60 %, opens at 50 %)`. */
export function causeWords(cause: TransitionCause): string {
  switch (cause.because) {
    case 'consecutive failures':
      return `${cause.failed} calls in a row failed (opens at ${cause.threshold})`;
    case 'failure rate':
      return share(cause.tally.failed, cause.tally.calls, 'failed', cause.threshold);
    case 'slow call rate':
      return share(cause.tally.slow, cause.tally.calls, 'were slow', cause.threshold);
    case 'wait over':
      return 'its wait is over: trial calls may pass';
    case 'trial failed':
      return 'a trial call failed';
    case 'trials succeeded':
      return 'the trial calls succeeded';
    case 'trials unanswered':
      return 'its trial calls were not answered';
    case 'by hand':
      return 'by hand';
  }
}

function share(part: number, calls: number, what: string, threshold: number): string {
  const percent = Math.round((100 * part) / Math.max(1, calls));
  return `${part} of ${calls} calls ${what} (${percent} %, opens at ${threshold} %)`;
}
