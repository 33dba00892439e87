/** The cells an engine has. Loads nothing: shells ask for them at every Tab. */
export const CELL_NAMES = [
  ...['supervisor', 'gatekeeper', 'freezer', 'usage', 'status', 'recorder', 'operators', 'messages'],
  ...['configurator', 'worktrees', 'snapshots', 'swaps', 'breaker', 'chaos', 'healer', 'optimizer'],
  ...['notifier', 'resources'],
] as const;
