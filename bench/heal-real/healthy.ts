/** Agents with which nothing is wrong, though they look odd: whatever is thought to be wrong with one is a false alarm. */
import { execPath } from 'node:process';

/** As `command` of the fleet file. */
export const HEALTHY: Readonly<Record<string, string>> = {
  /** Waits for somebody to type, in a read. */
  prompt: '[cat]',
  /** The same in an event loop, as agents written in Node do. */
  repl: JSON.stringify([execPath, '-i']),
  shell: '[sh, -i]',
  /** A compiler that says nothing: half a core, by a child. */
  build: JSON.stringify(['sh', '-c', `echo builds; "${execPath}" -e '${computing()}'; echo built`]),
  /** Thinks, and turns a spinner. */
  thinker: JSON.stringify([
    'sh',
    '-c',
    String.raw`echo thinks; while :; do for c in '|' / - '\'; do printf '\r%s thinking' "$c"; sleep 0.25; done; done`,
  ]),
  /** Wants to do something that a person has to agree to. */
  asker: JSON.stringify(['sh', '-c', 'echo asks; "$HMS_BIN" gate run -- rm -rf build']),
};

function computing(): string {
  return 'setInterval(() => { for (const end = Date.now() + 100; Date.now() < end;); }, 200)';
}
