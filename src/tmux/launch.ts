/** How a program is started in a pane. */

/**
 * The program itself, without a shell, and without TMUX and TMUX_PANE in its environment: a bare `tmux kill-server`
 * of an agent must not find the server it lives in. (tmux sets both for every pane; only the pane can drop them.)
 */
export function launchCommand(argv: readonly string[]): readonly string[] {
  const bare = ['/usr/bin/env', '-u', 'TMUX', '-u', 'TMUX_PANE'];
  // env takes words with = for variables until the program's name; such a name needs a go-between.
  return argv[0]?.includes('=') ? [...bare, '/bin/sh', '-c', 'exec "$@"', 'sh', ...argv] : [...bare, ...argv];
}
