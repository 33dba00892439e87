/** Deadlines of answers that come by a socket or a pipe. */

/**
 * Calls back when `ms` have passed and what had come by then has been read: a process that was late itself finds the
 * timer due and the answer waiting at once, and Node looks at timers first. Cancelled by the function returned.
 */
export function whenLate(ms: number, late: () => void): () => void {
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    turn = setImmediate(late);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}
