/**
 * What stands between tmux and an agent's program. tmux lets every program of a pane go on that it sees stopped
 * (SIGCONT to its whole group, server.c `server_child_stopped`): a program that is tmux's own child cannot be frozen.
 * So tmux's child is a small shell that does nothing but wait and end as the program ended.
 */
import { processAlive } from '../processes/process.ts';
import { childrenOf } from '../processes/table.ts';

/** How long the shell may take to start the program, ms. */
const START_MS = 1000;
const LOOK_MS = 1;

/** The shell's name for itself. */
const NAME = 'hms-pane';

// Ctrl-C and Ctrl-\ are the program's; a caught signal is its default again in the program, an ignored one is not.
// What the shell itself would say ("Killed") stays off the agent's screen. A program that ended by a signal is told by
// ending by the same one, without a core file.
const SCRIPT = [
  'exec 9>&2 2>/dev/null',
  'trap : INT QUIT',
  '(exec 2>&9 9>&-; exec "$@")',
  'code=$?',
  '[ $code -gt 128 ] || exit $code',
  'trap - INT QUIT',
  'ulimit -c 0',
  'kill -$((code - 128)) $$',
  'exit $code',
].join('; ');

export function heldCommand(argv: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', SCRIPT, NAME, ...argv];
}

/** Finds the programs that shells of panes hold. */
export class Held {
  /** Program by pane: panes' ids do not come back in a server's life, and a pane has one program. */
  readonly #programs = new Map<string, number>();

  /** The program in this pane, whose own process is given; that process where none is known (yet, or any more). */
  programOf(pane: string, panePid: number, dead: boolean): number {
    const known = this.#programs.get(pane);
    if (known !== undefined || dead) return known ?? panePid;
    // A child that has not become the program yet is it all the same.
    const [program] = childrenOf(panePid);
    if (program !== undefined) this.#programs.set(pane, program);
    return program ?? panePid;
  }

  /** As programOf, once the shell has started it; the shell itself when the program has come and gone. */
  async started(pane: string, panePid: number): Promise<number> {
    const until = performance.now() + START_MS;
    for (;;) {
      const program = this.programOf(pane, panePid, false);
      if (program !== panePid || !processAlive(panePid, '') || performance.now() >= until) return program;
      await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    }
  }
}
