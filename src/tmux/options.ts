/** How our private tmux server is set up, in tmux's own configuration language: what runs is what is read here. */

/** Channel of `wait-for` on which the hook below says that a pane died. */
export const HINT_CHANNEL = 'hms-hint';
/** Index 0 of the session; keeps it alive whatever agents do, and holds the engine. */
export const KEEPER_WINDOW = 'engine';
/** The table of keys of people's stages: what is not in it goes to the agent. */
export const STAGE_KEYS = 'hms-stage';

/** tmux's tables of keys for a pane that is scrolled back: which one it uses depends on EDITOR. */
const SCROLLING = ['copy-mode', 'copy-mode-vi'];
const MOVES = [
  ['WheelUpPane', '-X -N 5 scroll-up'],
  ['WheelDownPane', '-X -N 5 scroll-down-and-cancel'],
  ['PPage', '-X page-up'],
  ['NPage', '-X page-down-and-cancel'],
  ['Up', '-X scroll-up'],
  ['Down', '-X scroll-down-and-cancel'],
  ['Home', '-X history-top'],
  ['Any', '-X cancel'],
] as const;

/**
 * The configuration. `-q` passes over what a tmux does not know. Never `window-size manual` for all windows: tmux
 * before 3.7 dies of it when the next window is made; each agent's window gets it by resize-window.
 *
 * @param cols,rows size of new windows
 * @param terminal what programs find in TERM
 */
export function serverConfig(cols: number, rows: number, terminal: string): string {
  return `# Written by hms-tui at every start; changes here are lost.
# The server and the session stay whatever ends in them.
set -sq exit-empty off
set -sq exit-unattached off
set -gq destroy-unattached off
set -gq detach-on-destroy on
# A dead pane stays until we have read how it died.
set -gwq remain-on-exit on
set -gwq remain-on-exit-format ""
# Windows keep the size we give them, and the names and order too.
set -gq default-size ${cols}x${rows}
set -gwq aggressive-resize off
set -gwq automatic-rename off
set -gwq allow-rename off
set -gq renumber-windows on
set -gq base-index 0
# Nothing between a program and its terminal.
set -sq escape-time 0
set -gq prefix None
set -gq prefix2 None
set -gq status off
set -gq mouse off
set -sq focus-events on
set -gq history-limit 10000
set -sq default-terminal ${terminal}
set-environment -g COLORTERM truecolor
# The one key tmux keeps for itself: it lets whoever attached go again.
bind-key -n 'C-\\' detach-client
# On a stage no key means anything to tmux, but the wheel scrolls where the program does not want it itself.
bind-key -T ${STAGE_KEYS} WheelUpPane if-shell -F "#{||:#{pane_in_mode},#{mouse_any_flag}}" "send-keys -M" "copy-mode -e"
bind-key -T ${STAGE_KEYS} WheelDownPane if-shell -F "#{||:#{pane_in_mode},#{mouse_any_flag}}" "send-keys -M" ""
# Scrolled back there are keys to move by, any other one ends it: none that asks, copies or runs something.
${SCROLLING.flatMap(table => [`unbind-key -aq -T ${table}`, ...MOVES.map(([key, does]) => `bind-key -T ${table} ${key} send-keys ${does}`)]).join('\n')}
# What a program writes must not reach the clipboard or the terminal of whoever looks.
set -sq set-clipboard off
set -gwq allow-passthrough off
# Whoever attaches must not change the environment of agents, nor lock or ring.
set -gq update-environment ""
set -gq lock-after-time 0
set -gq visual-activity off
set -gq bell-action none
set -gwq monitor-activity off
# The only hook: somebody should look now. Deaths are found by looking, never by this alone.
set-hook -g pane-died "wait-for -S ${HINT_CHANNEL}"
`;
}
