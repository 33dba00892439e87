/** Does the tmux this process itself runs in, the person's own, pass sequences on to its terminal? */
import { execFile } from 'node:child_process';
import { findTmux } from './program.ts';

/** Longer than any tmux that lives takes to say, ms. */
const ANSWER_MS = 2000;

/** False outside tmux, for a tmux that knows no `allow-passthrough` (before 3.3), and where it is off, as by default. */
export function passesThrough(env: NodeJS.ProcessEnv): Promise<boolean> {
  const { TMUX, TMUX_PANE } = env;
  if (!TMUX) return Promise.resolve(false);
  // -A: also where the pane has it from its window or the global options.
  const target = TMUX_PANE ? ['-t', TMUX_PANE] : [];
  const args = ['show-options', '-Apqv', ...target, 'allow-passthrough'];
  return new Promise(resolve => {
    let program: string;
    try {
      program = findTmux(env);
    } catch {
      return resolve(false);
    }
    execFile(program, args, { env, timeout: ANSWER_MS }, (error, stdout) =>
      resolve(!error && /^(on|all)$/.test(stdout.trim())),
    );
  });
}
