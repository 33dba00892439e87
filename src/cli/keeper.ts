/**
 * The hidden window that keeps an engine in the fleet's tmux server: a small shell loop, so that an engine that
 * dies is back at once without depending on tmux's own notice of deaths (some versions lose them).
 */
import type { FleetPaths } from '../fleet/paths.ts';

/** Engine exit codes the loop understands. */
export const EXIT_DONE = 0;
/** The fleet file or the machine is wrong: starting again at once would not help. */
export const EXIT_UNUSABLE = 78;
/** Another engine has the fleet. */
export const EXIT_TAKEN = 76;

// The hang-up is ignored so that the engine outlives a tmux server that dies under it. An engine that ends is started
// again at once; one that fails within a second once more, more and more slowly, up to every 5 s. One that was killed
// (137) is not to blame.
// The recorder runs beside it in a loop of its own, and ends when the engine is done; where there is setsid(1) in a
// session of its own, which Linux shares cores out by.
const LOOP = `trap '' HUP INT
apart=$(command -v setsid)
(
  trap 'kill "$child"; wait "$child"; exit' TERM
  while :; do
    $apart "$1" recorder "$2" "$3" & child=$!
    wait "$child" && exit
    sleep 0.2
  done
) &
recorder=$!
pause=0
while :; do
  begun=$(date +%s)
  "$1" engine "$2" "$3"
  code=$?
  case $code in 0|76|78) kill $recorder; wait $recorder; exit $code;; esac
  if [ $code -eq 137 ] || [ $(( $(date +%s) - begun )) -gt 1 ]; then pause=0; fi
  case $pause in
    0) pause=1;;
    1) sleep 0.5; pause=2;;
    2) sleep 2; pause=3;;
    *) sleep 5;;
  esac
done`;

/** With the fleet's name: a file that calls it otherwise by now must not make another fleet of it. */
export function keeperCommand(hms: string, fleetFile: string, fleet: string): readonly string[] {
  return ['/bin/sh', '-c', LOOP, 'hms-keeper', hms, fleetFile, fleet];
}

/** Where `up` says which fleet file, by its digest, a person has just started: the engine takes that one as agreed to. */
export function consentFile(paths: FleetPaths): string {
  return `${paths.state}/consent`;
}

/** Where the engine of a fleet says why it could not start; read by `up`. */
export function startErrorFile(paths: FleetPaths): string {
  return `${paths.state}/engine.error`;
}
