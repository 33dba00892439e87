/** Exit codes with a meaning, after sysexits.h and the shell. */
export const EXIT = {
  /** EX_TEMPFAIL: no answer could be had. Nothing ran; try again. */
  tempFail: 75,
  /** EX_NOPERM: the answer was no. */
  refused: 77,
  /** EX_CONFIG: not called from inside an agent, or not one the engine knows. */
  config: 78,
  /** As in a shell: found but cannot be run. */
  notExecutable: 126,
  /** As in a shell: not found. */
  notFound: 127,
  /** As in a shell: 128 and the number of the signal it died of. */
  signalled: 128,
} as const;
