/** Every way out of the process puts the terminal back first: signals, crashes, and the end itself. */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** sysexits.h EX_SOFTWARE. */
const CRASHED = 70;

/** Calls `leave` on every way out. Returns the function that stops watching. `leave` is safe to call twice. */
export function onWaysOut(leave: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    leave();
    process.exit(128 + constants.signals[signal]);
  };
  const onCrash = (error: unknown): void => {
    leave();
    const words =
      error instanceof Error ? (process.env.HMS_DEBUG ? error.stack : error.message) : String(error);
    process.stderr.write(
      `hms-tui: the console failed: ${words}\nThe agents and the engine go on: hms-tui attach\n`,
    );
    process.exit(CRASHED);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('exit', leave);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('exit', leave);
    process.off('uncaughtException', onCrash);
    process.off('unhandledRejection', onCrash);
  };
}
