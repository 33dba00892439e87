/** How a program is started in a pane. */

/**
 * The program, without TMUX and TMUX_PANE in its environment: a bare `tmux kill-server`
 * of an agent must not find the server it lives in. (tmux sets both for every pane; only the pane can drop them.)
 *
 * @param argv a program whose name holds no `=`: env would take it for a variable
 * @param env added to its environment; on a command line for a moment, so no secrets
 */
export function launchCommand(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): readonly string[] {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return ['/usr/bin/env', '-u', 'TMUX', '-u', 'TMUX_PANE', ...settings, ...argv];
}
